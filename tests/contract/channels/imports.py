"""The imports of a channel's modules, read from their source."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.contract.channels.channel_under_test import Channel


def imported(file: Path, *, anywhere: bool) -> set[str]:
    """The top-level packages that a file imports: when it is imported, or anywhere in it."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if anywhere else iter(tree.body)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def with_its_own_imports(channel: Channel, part: str) -> set[str]:
    """A part and the modules of the same folder that it is made of."""
    seen: set[str] = set()
    waiting = [part]
    while waiting:
        module = waiting.pop()
        if module in seen or not (channel.folder / f"{module}.py").exists():
            continue
        seen.add(module)
        for node in ast.walk(ast.parse((channel.folder / f"{module}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{channel.package}."):
                waiting.append((node.module or "").removeprefix(f"{channel.package}."))
    return seen
