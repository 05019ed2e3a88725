"""Names of node types stand in their folders only: no other code, and no test of the stack, has one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.contract.nodes.clauses import ROOT
from tests.fakes.node_types import MANIFESTS, construct

CODE = ("chatflow_cli", "functions", "infrastructure", "layers/chatflow", "local", "tests/infrastructure")
CONSTRUCTS = [construct(each) for each in MANIFESTS.values()]
# A word such as `text` is also the name of other things: it counts where it can only be a node type.
NAMED = re.compile(
    "|".join(
        [
            rf"nodes[/.]({'|'.join(MANIFESTS)})\b",
            rf"\b({'|'.join(CONSTRUCTS)})(?![a-z])",
            *(rf"\b{re.escape(name).replace('_', '[_-]')}\b" for name in MANIFESTS if "_" in name),
        ]
    )
)


def found(source: str) -> Iterator[str]:
    """The strings and imports of a module that name a node type, and the nodes that it makes of one."""
    for each in ast.walk(ast.parse(source)):
        texts = [each.value] if isinstance(each, ast.Constant) and isinstance(each.value, str) else []
        if isinstance(each, ast.ImportFrom):
            texts = [f"{each.module}.{alias.name}" for alias in each.names]
        elif isinstance(each, ast.Import):
            texts = [alias.name for alias in each.names]
        elif isinstance(each, ast.Dict):
            fields = {key.value: value for key, value in zip(each.keys, each.values, strict=True) if _is_text(key)}
            kind = fields.get("type")
            if (
                isinstance(kind, ast.Constant) and kind.value in MANIFESTS and "config" in fields
            ):  # compiled; an author writes none
                yield f"a node of type {kind.value}"
        yield from (text for text in texts if NAMED.search(text))


def _is_text(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and isinstance(key.value, str)


def test_no_other_code_names_a_node_type() -> None:
    modules = [path for place in CODE for path in (ROOT / place).rglob("*.py")]
    outside = [path for path in modules if not path.is_relative_to(ROOT / "functions" / "nodes")]
    assert len(outside) > 300
    texts = {path.relative_to(ROOT): [*found(path.read_text(encoding="utf-8"))] for path in outside}
    assert {str(path): named for path, named in texts.items() if named} == {}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_name_is_found_where_it_can_only_be_a_node_type(name: str) -> None:
    words = construct(MANIFESTS[name])
    for line in (
        f"import nodes.{name}.rule",
        f"from nodes.{name} import config",
        f"'nodes/{name}'",
        f"'{words}'",
        f"'<{words}Log>'",
        f"{{'type': '{name}', 'config': {{}}}}",
    ):
        assert [*found(line)], line
    assert [*found(f"{{'type': '{name}', 'body': 'a message of a channel'}}")] == ([f"{name}"] if "_" in name else [])
