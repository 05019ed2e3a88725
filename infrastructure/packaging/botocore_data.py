"""botocore's data, cut down to what is used of it: every start reads it, and most of it is for people or for others.

Decision record 0010. What remains is word for word botocore's own; only documentation and other services are gone.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

_FOR_PEOPLE = "documentation"
_NOT_USED = ("examples-1.json", "examples-1.json.gz", "waiters-2.json", "waiters-2.json.gz")


def cut_down(data: Path, services: Collection[str]) -> None:
    """Keep these services, the newest version of each, without documentation; and where they are, not all others."""
    prefixes = set()
    for service in [folder for folder in data.iterdir() if folder.is_dir()]:
        if service.name not in services:
            shutil.rmtree(service)
            continue
        *outdated, newest = sorted(service.iterdir())
        for version in outdated:
            shutil.rmtree(version)
        for name in _NOT_USED:
            (newest / name).unlink(missing_ok=True)
        model = newest / "service-2.json.gz"
        described = json.loads(gzip.decompress(model.read_bytes()))
        prefixes.add(described["metadata"]["endpointPrefix"])
        kept = _undocumented(described)
        for parameter in kept.get("clientContextParams", {}).values():
            parameter[_FOR_PEOPLE] = ""  # botocore reads it without asking whether it is there
        _replace(model, gzip.compress(_compact(kept), mtime=0))
    endpoints = json.loads((data / "endpoints.json").read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: each for name, each in partition["services"].items() if name in prefixes}
    _replace(data / "endpoints.json", _compact(endpoints))


def _undocumented(described: Any) -> Any:
    """The same without documentation. A member of that name stays: it is described by a table, not by a text."""
    if isinstance(described, list):
        return [_undocumented(each) for each in described]
    if not isinstance(described, dict):
        return described
    return {
        name: _undocumented(each)
        for name, each in described.items()
        if not (name == _FOR_PEOPLE and isinstance(each, str))
    }


def _compact(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _replace(file: Path, content: bytes) -> None:
    """A new file instead of the old one: the old one may be a hard link into the installer's cache."""
    file.unlink()
    file.write_bytes(content)
