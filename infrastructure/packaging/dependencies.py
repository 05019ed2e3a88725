"""A layer of other people's code: installed from hash-pinned wheels, and cut down to what Chatflow uses of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from infrastructure.packaging import botocore_data
from infrastructure.packaging.targets import Target

# The AWS services that our code makes a client of. botocore describes some four hundred, and looks through all of
# their folders whenever a client is made.
SERVICES: Final = (
    *("cloudformation", "dynamodb", "lambda", "s3", "scheduler", "secretsmanager", "sqs", "stepfunctions", "sts"),
)
_SECONDS = 300


def install(requirements: Path, into: Path, target: Target) -> None:
    """Install what the file pins, and nothing besides. Raises RuntimeError with uv's words when that fails."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise RuntimeError("uv is not there: run `make ready`")
    asked = ["pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    # Every word is ours; the requirements are hash-pinned and reviewed.
    done = subprocess.run(  # noqa: S603
        [uv, *asked, *target.installs_for, "--target", into, "--requirement", requirements],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the layer of {requirements.parent.name} could not be installed:\n{done.stderr}")
    cut_down(into)


def cut_down(folder: Path) -> None:
    """Take out what never runs on Lambda. What describes the packages stays: Amazon Inspector reads it."""
    data = folder / "botocore" / "data"
    if data.is_dir():
        botocore_data.cut_down(data, SERVICES)
    # boto3's own data is for its resources, which we do not use; scripts have no use in a layer.
    for unused in ("boto3/data", "boto3/examples", "bin", ".lock", "pypdfium2_cli", "av/datasets.py", "av/__main__.py"):
        path = folder / unused
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for written_for_others in (*folder.rglob("*.pyi"), *folder.rglob("*.pxd")):  # type checkers, and Cython
        written_for_others.unlink()
    for record in folder.glob("*.dist-info/*"):
        # They name places of the machine that built the layer.
        if record.name in {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}:
            record.unlink()
