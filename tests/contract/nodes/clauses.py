"""The contract of node types. Each clause is one function, so that a node type that breaks it fails by its name."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from chatflow.conversation.events import Event, delivery_event
from chatflow.flows.form_hints import CARD, WIDGET, WIDGETS
from chatflow.flows.labels import label_problems
from chatflow.flows.node_config import Behaviour, NodeConfig
from chatflow.flows.node_types import variants
from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.manifest import InvalidManifests, read_manifest
from management.node_types.service import form_schema
from tests.contract.nodes.examples import examples, ports, resources
from tests.fakes.visit import FakePorts, a_visit, timeout

ROOT = Path(__file__).parents[3]
_HEAVY = (
    "pydantic",
    "yaml",
    "boto3",
    "botocore.client",
    "requests",
    "requests_toolbelt",
    "jsonpath",
    "urllib3",
    "aws_xray_sdk",
)
_IMPURE = {"boto3", "botocore", "urllib3", "requests", "time", "datetime", "os", "random", "secrets", "socket", "uuid"}


@dataclass(frozen=True)
class NodeType:
    """A node type as the contract sees it: its folder, its package, and one example of what an author writes."""

    name: str
    folder: Path
    package: str
    example: dict[str, Any]

    @property
    def manifest(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "manifest.toml").read_text(encoding="utf-8"))

    @property
    def model(self) -> Any:
        return import_module(f"{self.package}.config").Config

    @property
    def config(self) -> NodeConfig:
        read: NodeConfig = TypeAdapter(self.model).validate_python(self.example)
        return read

    @property
    def compiled(self) -> dict[str, Any]:
        return self.config.compiled(resources(self.folder))

    @property
    def behaviour(self) -> Behaviour:
        return self.config.behaviour("example", resources(self.folder))

    def enter(self, ports: FakePorts | None = None) -> Outcome:
        return self.visit(a_visit(self.compiled, node="example"), ports)

    def resume(self, event: Event) -> Outcome:
        return self.visit(a_visit(self.compiled, node="example", event=event))

    def visit(self, visit: Visit, fake_ports: FakePorts | None = None) -> Outcome:
        outcome: Outcome = import_module(f"{self.package}.rule").visit(visit, fake_ports or ports())
        return outcome

    def syntax(self, module: str) -> ast.Module:
        return ast.parse((self.folder / f"{module}.py").read_text(encoding="utf-8"))


def node_types_of(name: str, folder: Path = ROOT / "functions" / "nodes") -> list[NodeType]:
    """The node type of this folder, once for each example on its page."""
    found = examples(folder / name)
    assert found, f"write an example into {folder.name}/{name}/README.md: a node of type {name} in a block of YAML"
    return [NodeType(name, folder / name, f"nodes.{name}", example) for example in found.values()]


def its_manifest_is_whole(node: NodeType) -> None:
    try:
        read_manifest(node.folder)
    except InvalidManifests as error:
        raise AssertionError(str(error)) from None


def its_page_shows_an_example_and_names_its_exits(node: NodeType) -> None:
    page = node.folder / "README.md"
    assert page.exists(), "write README.md"
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {node.name}: ")
    assert node.example in examples(node.folder).values()
    assert [exit.name for exit in node.config.declared_exits if not exit.each and f"`{exit.name}`" not in text] == []


def its_labels_are_of_what_it_has(node: NodeType) -> None:
    """Each exit and each variant has its label, and no label is of something else."""
    exits, titles, fields = (node.manifest.get(table, {}) for table in ("exits", "variants", "fields"))
    assert [*label_problems(node.model, exits=exits, variant_titles=titles, fields=fields)] == []


def its_form_has_words_and_its_card_shows_something(node: NodeType) -> None:
    """Each field that an author fills in has a title and a description, and its widget is one that editors know."""
    for variant in variants(node.model):
        schema = form_schema(variant.model, node.manifest.get("fields", {}))
        fields = [*_fields(schema)]
        assert [name for name, each in fields if not (each.get("title") and each.get("description"))] == []
        assert [name for name, each in fields if each.get(WIDGET) not in (None, *WIDGETS)] == []
        assert any(each.get(CARD) is True for each in schema["properties"].values())


def _fields(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property in a schema and its definitions, but for those of which the type leaves no choice."""
    if isinstance(schema, list):
        for each in schema:
            yield from _fields(each)
    elif isinstance(schema, dict):
        properties = schema.get("properties", {})
        yield from ((name, each) for name, each in properties.items() if "const" not in each)
        for name, each in schema.items():
            yield from _fields([*each.values()] if name in ("properties", "$defs") else each)


def its_behaviour_has_the_exits_that_it_declares(node: NodeType) -> None:
    """An editor draws the exits that are declared; flows are checked and compiled by the behaviour."""
    config, behaviour = node.config, node.behaviour
    declared = config.declared_behaviour()
    assert behaviour.exits == declared.exits
    assert behaviour.required == declared.required
    assert behaviour.main == declared.main
    assert behaviour.optional == declared.optional
    assert behaviour.setbacks == declared.setbacks
    assert behaviour.waits == config.waits


def its_visits_fit_the_time_that_its_manifest_asks_for(node: NodeType) -> None:
    assert node.behaviour.seconds <= node.manifest["seconds"]


def its_failure_exit_is_one_of_its_exits(node: NodeType) -> None:
    """It is an exit of every variant, and the one that its handler names."""
    named = [each.value for each in ast.walk(node.syntax("handler")) if isinstance(each, ast.keyword)]
    assert [each.value for each in named if isinstance(each, ast.Constant)] == [node.manifest["failure_exit"]]
    assert node.manifest["failure_exit"] in node.behaviour.exits


def its_required_and_main_exits_are_exits(node: NodeType) -> None:
    behaviour = node.behaviour
    assert {*behaviour.required, *behaviour.main} <= set(behaviour.exits)
    assert behaviour.required


def its_optional_exits_are_exits_on_failure(node: NodeType) -> None:
    """An exit that a flow may lack says that something went wrong, and is never the way on."""
    behaviour = node.behaviour
    assert behaviour.optional <= set(behaviour.exits)
    assert behaviour.optional <= behaviour.setbacks
    assert not behaviour.optional & {*behaviour.required, *behaviour.main}


def its_published_config_is_plain_json(node: NodeType) -> None:
    published = node.compiled
    assert json.loads(json.dumps(published)) == published
    assert not {"type", "exits", "then"} & published.keys()


def it_takes_an_exit_that_it_declared_or_waits_if_it_says_so(node: NodeType) -> None:
    outcome = node.enter()
    if node.behaviour.waits:
        assert outcome.wait is not None
        wait = outcome.wait
        assert wait.expects or wait.seconds > 0 or wait.until > 0, "it waits neither for a message nor for a time"
    else:
        assert outcome.exit in node.behaviour.exits


def a_wait_whose_time_has_passed_takes_the_exit_for_that(node: NodeType) -> None:
    behaviour = node.behaviour
    assert behaviour.waits == bool(behaviour.on_timeout)
    if behaviour.waits:
        assert behaviour.on_timeout in behaviour.exits
        assert node.resume(timeout()).exit == behaviour.on_timeout


def a_question_that_was_never_sent_takes_the_exit_for_failures(node: NodeType) -> None:
    asked = ports()
    node.enter(asked)
    if node.behaviour.waits and asked.sent_messages:
        outcome = node.resume(delivery_event("c_ann", "s_1", 3, "k", failure="channel_unavailable"))
        assert outcome.exit == node.manifest["failure_exit"]
        assert outcome.effects[0]["reason"] == "channel_unavailable"


def its_effects_are_json_and_name_nobody(node: NodeType) -> None:
    outcome = json.dumps(node.enter().to_json())
    assert "16505551234" not in outcome


def its_rule_is_pure(node: NodeType) -> None:
    tree = node.syntax("rule")
    imported = {
        name.split(".")[0]
        for each in ast.walk(tree)
        for name in (
            [alias.name for alias in each.names]
            if isinstance(each, ast.Import)
            else [each.module or ""]
            if isinstance(each, ast.ImportFrom)
            else []
        )
    }
    assert not imported & _IMPURE, f"the rule imports {imported & _IMPURE}; ask a port instead"


def its_lambda_starts_light(node: NodeType) -> None:
    check = (
        f"import sys; from {node.package}.handler import lambda_handler; assert callable(lambda_handler); "
        f"loaded = [name for name in {_HEAVY!r} if name in sys.modules]; sys.exit(', '.join(loaded) or 0)"
    )
    places = (ROOT, node.folder.parents[1], ROOT / "layers" / "chatflow" / "python")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(place) for place in places)}
    ended = subprocess.run(
        [sys.executable, "-c", check], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, f"loaded at start: {ended.stderr.strip()}"


Clause = Callable[[NodeType], None]
CLAUSES: tuple[Clause, ...] = (
    its_manifest_is_whole,
    its_page_shows_an_example_and_names_its_exits,
    its_labels_are_of_what_it_has,
    its_form_has_words_and_its_card_shows_something,
    its_behaviour_has_the_exits_that_it_declares,
    its_visits_fit_the_time_that_its_manifest_asks_for,
    its_failure_exit_is_one_of_its_exits,
    its_required_and_main_exits_are_exits,
    its_optional_exits_are_exits_on_failure,
    its_published_config_is_plain_json,
    it_takes_an_exit_that_it_declared_or_waits_if_it_says_so,
    a_wait_whose_time_has_passed_takes_the_exit_for_that,
    a_question_that_was_never_sent_takes_the_exit_for_failures,
    its_effects_are_json_and_name_nobody,
    its_rule_is_pure,
    its_lambda_starts_light,
)
