"""A thumbnail of any file: its picture where one can be made within bounds, else an icon. There always is one."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from asset_processing.thumbnails.limits import DRAWN, SECONDS
from chatflow.media.profiles import Format


@dataclass(frozen=True)
class Thumbnail:
    """In WebP. `trouble` says why it is an icon where a picture was tried."""

    image: bytes
    trouble: str = ""


def thumbnail(file: Path, found: Format) -> Thumbnail:
    """Of a file of this format."""
    if found.name not in DRAWN:
        return Thumbnail(_icon(found))
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "thumbnail.webp")
        trouble = _trouble(found.name, file, made)
        if not trouble and made.is_file():
            return Thumbnail(made.read_bytes())
    return Thumbnail(_icon(found), trouble or "nothing came of it")


def _trouble(format_name: str, file: Path, made: Path) -> str:
    """Make the picture in a process of its own; what went wrong, if something did."""
    known = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR") if name in os.environ}
    # It sees what this process sees, and none of the credentials in its environment.
    environment = {**known, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-S", "-m", "asset_processing.thumbnails", format_name, str(file), str(made)]
    try:
        # Every word is ours: the format is one of four, the files have names that we gave.
        done = subprocess.run(  # noqa: S603
            command, env=environment, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return f"not done after {SECONDS} seconds"
    if done.returncode == 0:
        return ""
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return f"ended with {done.returncode}: {said[-1][:300] if said else ''}"


def _icon(found: Format) -> bytes:
    from asset_processing.thumbnails.icons import icon
    from asset_processing.thumbnails.webp import written

    return written(icon(found))
