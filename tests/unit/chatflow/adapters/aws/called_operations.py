"""What our code calls through `chatflow.adapters.aws.client`, found in its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parents[5]
_MODULE = "chatflow.adapters.aws"


@dataclass
class Called:
    """`operations`: (service, method) of each call. `exceptions`: (service, name) of each class that is caught.

    `names`: every name of an argument, and every text that may be a key of one. `unclear`: uses of a client whose
    service or method this scan does not see.
    """

    operations: set[tuple[str, str]] = field(default_factory=set)
    exceptions: set[tuple[str, str]] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    unclear: list[str] = field(default_factory=list)


@cache
def called() -> Called:
    """What all functions and the layer call."""
    found = Called()
    for folder in ("layers", "functions"):
        for file in sorted((_ROOT / folder).rglob("*.py")):
            if not file.is_relative_to(_ROOT / "layers/chatflow/python/chatflow/adapters/aws"):
                scan(file.read_text(), str(file.relative_to(_ROOT)), found)
    return found


def scan(source: str, place: str, found: Called) -> None:
    """Add what a module calls."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            found.names.add(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.names.add(node.value)
    if not any(_imports_client(node) for node in ast.walk(tree)):
        return
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "client":
            if not (node.args and isinstance(node.args[0], ast.Constant)):
                found.unclear.append(f"{place}:{node.lineno}: the service of this client")
                continue
            service = str(node.args[0].value)
            for use in _uses(node, parents):
                if not _record(use, service, parents, found):
                    found.unclear.append(f"{place}:{use.lineno}: this use of a client of {service}")


def _imports_client(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == _MODULE
        and any(each.name == "client" for each in node.names)
    )


def _uses(made: ast.Call, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.expr]:
    """The expressions that are this client: the call itself, and the names that hold it in the same function."""
    parent = parents[made]
    if isinstance(parent, ast.Expr):
        return  # made in advance
    targets: list[ast.expr] = []
    if isinstance(parent, ast.Assign):
        targets = parent.targets
    elif isinstance(parent, ast.Tuple) and isinstance(assigned := parents[parent], ast.Assign):
        targets = [
            target
            for each in assigned.targets
            if isinstance(each, ast.Tuple)
            for target, value in zip(each.elts, parent.elts, strict=True)
            if value is made
        ]
    if not targets:
        yield made
        return
    scope: ast.AST = made
    while not isinstance(scope, ast.FunctionDef | ast.Module):
        scope = parents[scope]
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    for node in ast.walk(scope):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
            yield node


def _record(use: ast.expr, service: str, parents: dict[ast.AST, ast.AST], found: Called) -> bool:
    member = parents[use]
    if not isinstance(member, ast.Attribute):
        return False
    user = parents[member]
    if member.attr == "exceptions" and isinstance(user, ast.Attribute):
        found.exceptions.add((service, user.attr))
        return True
    found.operations.add((service, member.attr))
    return isinstance(user, ast.Call) and user.func is member
