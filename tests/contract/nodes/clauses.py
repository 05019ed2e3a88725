"""The contract of node types. Each clause is one function, so that a node type that breaks it fails by its name."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from chatflow.conversation.events import Event, delivery_event
from chatflow.flows.node_config import Behaviour, NodeConfig, Resources
from chatflow.nodes.contract import Outcome, Visit
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
    ports: Callable[[], FakePorts]
    resources: Resources

    @property
    def manifest(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "manifest.toml").read_text(encoding="utf-8"))

    @property
    def config(self) -> NodeConfig:
        model = import_module(f"{self.package}.config").Config
        read: NodeConfig = TypeAdapter(model).validate_python(self.example)
        return read

    @property
    def behaviour(self) -> Behaviour:
        return self.config.behaviour("example", self.resources)

    def enter(self, ports: FakePorts | None = None) -> Outcome:
        return self.visit(a_visit(self.config.compiled(self.resources), node="example"), ports)

    def resume(self, event: Event) -> Outcome:
        return self.visit(a_visit(self.config.compiled(self.resources), node="example", event=event))

    def visit(self, visit: Visit, ports: FakePorts | None = None) -> Outcome:
        outcome: Outcome = import_module(f"{self.package}.rule").visit(visit, ports or self.ports())
        return outcome


def node_type(name: str) -> NodeType:
    """A node type of the product, with the example beside its tests."""
    path = ROOT / "tests" / "unit" / "functions" / "nodes" / name / "example.py"
    assert path.exists(), f"write tests/unit/functions/nodes/{name}/example.py: EXAMPLE is what an author writes"
    example = import_module(f"tests.unit.functions.nodes.{name}.example")
    return NodeType(
        name=name,
        folder=ROOT / "functions" / "nodes" / name,
        package=f"nodes.{name}",
        example=example.EXAMPLE,
        ports=getattr(example, "ports", FakePorts),
        resources=getattr(example, "RESOURCES", Resources()),
    )


def it_says_what_it_is(node: NodeType) -> None:
    manifest = node.manifest
    assert manifest.keys() == {"title", "about", "seconds", "memory", "failure_exit", "needs"}
    assert manifest["title"]
    assert manifest["about"].endswith(".")
    assert 1 <= manifest["seconds"] <= 60
    assert manifest["memory"] >= 128


def its_visits_fit_the_time_that_its_manifest_asks_for(node: NodeType) -> None:
    assert node.behaviour.seconds <= node.manifest["seconds"]


def its_failure_exit_is_one_of_its_exits(node: NodeType) -> None:
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
    published = node.config.compiled(node.resources)
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
    ports = node.ports()
    node.enter(ports)
    if node.behaviour.waits and ports.sent_messages:
        outcome = node.resume(delivery_event("c_ann", "s_1", 3, "k", failure="channel_unavailable"))
        assert outcome.exit == node.manifest["failure_exit"]
        assert outcome.effects[0]["reason"] == "channel_unavailable"


def its_effects_are_json_and_name_nobody(node: NodeType) -> None:
    outcome = json.dumps(node.enter().to_json())
    assert "16505551234" not in outcome


def its_rule_is_pure(node: NodeType) -> None:
    tree = ast.parse((node.folder / "rule.py").read_text(encoding="utf-8"))
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
    places = (ROOT, ROOT / "functions", ROOT / "layers" / "chatflow" / "python")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(place) for place in places)}
    ended = subprocess.run(
        [sys.executable, "-c", check], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, f"loaded at start: {ended.stderr.strip()}"


Clause = Callable[[NodeType], None]
CLAUSES: tuple[Clause, ...] = (
    it_says_what_it_is,
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
