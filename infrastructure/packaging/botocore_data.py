"""Reduces botocore's data to what is used: every cold start reads it, and most of it is documentation.

Decision record 0010. The rest is unchanged; only documentation and unused services are removed.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

_DOCUMENTATION = "documentation"
_UNUSED_FILES = ("examples-1.json", "examples-1.json.gz", "waiters-2.json", "waiters-2.json.gz")


def reduce_data(data: Path, services: Collection[str]) -> None:
    """Keep the newest version of these services, without documentation, and their endpoints."""
    prefixes = set()
    for service in [folder for folder in data.iterdir() if folder.is_dir()]:
        if service.name not in services:
            shutil.rmtree(service)
            continue
        *outdated, newest = sorted(service.iterdir())
        for version in outdated:
            shutil.rmtree(version)
        for name in _UNUSED_FILES:
            (newest / name).unlink(missing_ok=True)
        model = newest / "service-2.json.gz"
        description = json.loads(gzip.decompress(model.read_bytes()))
        prefixes.add(description["metadata"]["endpointPrefix"])
        reduced = _undocumented(description)
        for parameter in reduced.get("clientContextParams", {}).values():
            parameter[_DOCUMENTATION] = ""  # botocore requires it
        _replace(model, gzip.compress(_compact(reduced), mtime=0))
    endpoints = json.loads((data / "endpoints.json").read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: each for name, each in partition["services"].items() if name in prefixes}
    _replace(data / "endpoints.json", _compact(endpoints))


def _undocumented(description: Any) -> Any:
    """The same without documentation. A member with the name "documentation" stays: its value is no text."""
    if isinstance(description, list):
        return [_undocumented(each) for each in description]
    if not isinstance(description, dict):
        return description
    return {
        name: _undocumented(each)
        for name, each in description.items()
        if not (name == _DOCUMENTATION and isinstance(each, str))
    }


def _compact(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _replace(file: Path, content: bytes) -> None:
    """Write a new file instead of changing the old one, which may be a hard link into the installer's cache."""
    file.unlink()
    file.write_bytes(content)
