"""Unpacks the code of functions and layers once per content, instead of once per worker process."""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path

_unpacking = threading.Lock()


def unpacked(archive: bytes) -> str:
    """A folder holding the archive's files; read only by convention, as /var/task and /opt are on AWS.

    A layer with the AWS SDK takes about two seconds to unpack: paid per worker it would dominate every cold start.
    """
    folder = Path(tempfile.gettempdir()) / "unpacked" / hashlib.sha256(archive).hexdigest()[:32]
    with _unpacking:
        if not folder.exists():
            half_done = folder.with_suffix(".partial")
            shutil.rmtree(half_done, ignore_errors=True)
            half_done.mkdir(parents=True)
            with zipfile.ZipFile(io.BytesIO(archive)) as packed:
                packed.extractall(half_done)
            half_done.rename(folder)
    return str(folder)
