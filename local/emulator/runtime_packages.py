"""The packages that AWS's Python runtime brings along, and nothing else of this machine's."""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path

# What stands in /var/lang/lib/python3.x/site-packages on AWS, as far as a function may count on it.
PACKAGES = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")


def runtime_packages() -> str:
    """A folder of links to those packages, searched last, so that a layer's own release wins as it does on AWS."""
    folder = Path(tempfile.gettempdir()) / "runtime-packages"
    folder.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"{name} is not installed beside the emulator")
        found = Path(spec.origin)
        source = found.parent if found.name == "__init__.py" else found
        link = folder / source.name
        if not link.exists():
            link.symlink_to(source)
    return str(folder)
