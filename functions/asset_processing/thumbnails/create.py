"""Creates the thumbnail of any file: its picture, if one can be rendered within the limits, else an icon."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from asset_processing.thumbnails.limits import RENDERED, SECONDS
from chatflow.media.profiles import Format


@dataclass(frozen=True)
class Thumbnail:
    """A WebP image. `problem` says why it is an icon although the format has a picture, else ""."""

    image: bytes
    problem: str = ""


def create_thumbnail(file: Path, found: Format) -> Thumbnail:
    """The thumbnail of a file of this format. There always is one."""
    if found.name not in RENDERED:
        return Thumbnail(_icon(found))
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "thumbnail.webp")
        problem = _render(found.name, file, output)
        if not problem and output.is_file():
            return Thumbnail(output.read_bytes())
    return Thumbnail(_icon(found), problem or "nothing came of it")


def _render(format_name: str, file: Path, output: Path) -> str:
    """Render the picture in a process of its own. Returns the problem, "" for none."""
    known = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR") if name in os.environ}
    # The process gets this process's Python path, and none of the credentials in its environment.
    environment = {**known, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-S", "-m", "asset_processing.thumbnails", format_name, str(file), str(output)]
    try:
        # Every argument is ours: the format is one of four, and we chose the paths.
        process = subprocess.run(  # noqa: S603
            command, env=environment, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return f"not done after {SECONDS} seconds"
    if process.returncode == 0:
        return ""
    errors = process.stderr.decode(errors="replace").strip().splitlines()
    return f"ended with {process.returncode}: {errors[-1][:300] if errors else ''}"


def _icon(found: Format) -> bytes:
    from asset_processing.thumbnails.icons import icon
    from asset_processing.thumbnails.renderers import encode_webp

    return encode_webp(icon(found))
