"""A node type is one folder: nothing of the flow format names one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import Field

from chatflow.flows import node_types as discovery
from chatflow.flows.node_config import Behaviour, NodeConfig, Resources
from chatflow.flows.node_types import NodeType, node_types, types_that_ask
from tests.fakes.flow_folders import FlowFolder

CONFIG = """
from typing import Literal

from pydantic import Field

from chatflow.flows.node_config import Behaviour, Resources, NodeConfig


class Config(NodeConfig):
    type: Literal["sing"]
    song: str = Field(description="What to sing.")

    def behaviour(self, _node: str, _library: Resources) -> Behaviour:
        return Behaviour(exits=("sung",), required=("sung",), main=("sung",))
"""


@pytest.fixture
def with_a_new_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    package = tmp_path / "other_nodes"
    (package / "sing").mkdir(parents=True)
    (package / "half_made").mkdir()
    for place in (package, package / "sing", package / "half_made"):
        (place / "__init__.py").touch()
    (package / "sing" / "config.py").write_text(CONFIG)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(discovery, "PACKAGE", "other_nodes")
    node_types.cache_clear()
    yield
    node_types.cache_clear()
    for name in [each for each in sys.modules if each.startswith("other_nodes")]:
        del sys.modules[name]


def test_the_types_are_the_folders_with_a_config() -> None:
    folders = Path(__file__).parents[4] / "functions" / "nodes"
    assert list(node_types()) == sorted(path.parent.name for path in folders.glob("*/config.py"))


@pytest.mark.usefixtures("with_a_new_type")
def test_a_new_folder_is_a_new_type_and_nothing_else_is_edited(folder: FlowFolder) -> None:
    (folder.path / "other.yaml").write_text(
        "chatflow: 1\nflow: other\nstart: sing\nnodes:\n  sing: {type: sing, song: La, then: end}\n"
    )
    assert list(node_types()) == ["sing"]
    assert folder.problems() == []
    assert folder.flow_problems("  a: {type: sign, song: La, then: end}\n") == [
        'a > type: There is no node type "sign". Did you mean "sing"?'
    ]


def test_nothing_in_the_flow_format_imports_a_node_type() -> None:
    import chatflow.flows

    for path in Path(chatflow.flows.__path__[0]).glob("*.py"):
        assert "import nodes" not in path.read_text()
        assert "from nodes" not in path.read_text()


class Asks(NodeConfig):
    waits: ClassVar[bool] = True
    way: Literal["aloud"]

    def behaviour(self, _node: str, _resources: Resources) -> Behaviour:
        return self.declared_behaviour()


class Rests(Asks):
    for_time: ClassVar[bool] = True


class Tells(NodeConfig):
    way: Literal["quietly"]

    def behaviour(self, _node: str, _resources: Resources) -> Behaviour:
        return self.declared_behaviour()


def test_where_a_flow_must_wait_for_the_customer_the_types_that_do_are_proposed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = Annotated[Asks | Tells, Field(discriminator="way")]
    models = {"ask": Asks, "rest": Rests, "speak": both, "tell": Tells}
    types = {name: NodeType(name, model, Path()) for name, model in models.items()}
    monkeypatch.setattr(discovery, "node_types", lambda: types)
    assert types_that_ask() == ["ask", "aloud speak"]


def test_the_words_for_them_are_those_that_authors_write() -> None:
    assert types_that_ask() == ["input", "inbound media", "menu"]
