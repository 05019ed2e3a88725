"""Layers of third-party packages: installed from hash-pinned wheels, and reduced to what Chatflow uses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from chatflow.adapters.tls import AUTHORITIES
from infrastructure.packaging import authorities, botocore_data, unused_modules
from infrastructure.packaging.targets import Target

# The AWS services that our code creates a client of; of the first one only where a channel requests `push`. botocore
# describes some four hundred, and searches all of their folders whenever a client is created.
SERVICES: Final = (
    *("apigatewaymanagementapi", "cloudformation", "dynamodb", "lambda", "s3", "scheduler", "secretsmanager", "sqs"),
    *("stepfunctions", "sts"),
)
_SECONDS = 300


def install(requirements: Path, into: Path, target: Target, ca_bundle: Path | None = None) -> None:
    """Install exactly what the file pins. Raises RuntimeError with the output of uv when that fails.

    `ca_bundle` is a file of certificates that the functions trust in addition to the public authorities.
    """
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise RuntimeError("uv is not installed: run `make ready`")
    options = ["pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    # Every argument is a constant or a path of ours; the requirements are hash-pinned and reviewed.
    run = subprocess.run(  # noqa: S603
        [uv, *options, *target.install_options, "--target", into, "--requirement", requirements],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if run.returncode:
        raise RuntimeError(f"the layer of {requirements.parent.name} could not be installed:\n{run.stderr}")
    reduce_layer(into)
    if (certifi := into / "certifi").is_dir():
        for bundle in filter(None, (certifi / "cacert.pem", ca_bundle)):
            authorities.write(bundle.read_text(encoding="utf-8"), certifi / AUTHORITIES)


def reduce_layer(folder: Path) -> None:
    """Remove what never runs on Lambda. The packages' metadata stays: Amazon Inspector reads it."""
    data = folder / "botocore" / "data"
    if data.is_dir():
        botocore_data.reduce_data(data, SERVICES)
    unused_modules.leave_out(folder)
    # boto3's own data is for its resources, which we do not use; a layer needs no scripts.
    for unused in ("boto3/data", "boto3/examples", "bin", ".lock", "pypdfium2_cli", "av/datasets.py", "av/__main__.py"):
        path = folder / unused
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for stub in (*folder.rglob("*.pyi"), *folder.rglob("*.pxd")):  # for type checkers and Cython
        stub.unlink()
    for record in folder.glob("*.dist-info/*"):
        # These files name paths of the machine that built the layer.
        if record.name in {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}:
            record.unlink()
