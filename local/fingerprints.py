"""Whether anything changed that a deployment is made of."""

from __future__ import annotations

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("app.py", "cdk.json", "package-lock.json", "infrastructure", "functions", "layers", "flows")


def fingerprint(*more: str) -> str:
    """A hash of every file that synth reads, and of `more`."""
    digest = hashlib.sha256()
    for source in SOURCES:
        for file in sorted(_files(ROOT / source)):
            digest.update(f"{file.relative_to(ROOT)}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    for word in more:
        digest.update(f"\0{word}".encode())
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
