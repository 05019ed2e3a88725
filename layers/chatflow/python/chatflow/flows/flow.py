"""The model of one flow document, and its tolerant parsing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from chatflow.flows.field_errors import explain_errors
from chatflow.flows.fields import LONGEST_SESSION, Duration, Identifier, Name, Strict
from chatflow.flows.node_config import NodeConfig
from chatflow.flows.node_types import node_types
from chatflow.flows.problems import Path, Problem, suggestion
from chatflow.flows.yaml_documents import Document

MOST_NODES = 200
SESSION_SECONDS = 600


class SessionFields(Strict):
    """How long a session lasts."""

    timeout: Annotated[float, Duration(10, LONGEST_SESSION)] = Field(
        default=SESSION_SECONDS, description="A session ends when the customer is silent for so long, such as 10m."
    )
    on_timeout: Identifier | None = Field(default=None, description="The node to go to when the session times out.")


class FlowFields(Strict):
    """A flow: a document with nodes."""

    chatflow: Literal[1] = Field(description="The version of the format: 1.")
    flow: Name = Field(description="The name of the flow.")
    title: str = Field(default="", max_length=200, description="A few words for people.")
    start: Identifier = Field(description="The node that a session begins with.")
    given: list[Identifier] = Field(
        default=[], description="Variables that the business gives when it starts this flow itself.", max_length=50
    )
    session: SessionFields = Field(default=SessionFields(), description="How long a session lasts.")
    retention_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=30,
        description="How many days the customers' files, variables and transcripts of this flow are kept: files as "
        "long as this and the deployment both allow, the rest for at least 8, since channels send again.",
    )
    nodes: dict[Identifier, dict[str, Any]] = Field(
        description="The nodes by their names.", min_length=1, max_length=MOST_NODES
    )


@dataclass(frozen=True)
class Node:
    """One node. `config` is None when its fields have problems; `raw` is the unparsed content."""

    name: str
    raw: Mapping[str, Any]
    config: NodeConfig | None


@dataclass(frozen=True)
class Flow:
    """A parsed flow. A field that could not be parsed is reported as a problem and holds its default here."""

    document: Document
    name: str
    title: str
    start: str
    given: tuple[str, ...]
    timeout: int  # seconds
    on_timeout: str
    retention_days: int
    nodes: Mapping[str, Node]

    def problem(self, path: Path, message: str) -> Problem:
        return self.document.problem(path, message, self.name)


def parse_flow(document: Document) -> tuple[Flow, list[Problem]]:
    """Parse a flow document; returns the flow and every problem of its fields."""
    data = document.data if isinstance(document.data, dict) else {}
    name = data["flow"] if isinstance(data.get("flow"), str) else ""
    problems = [document.problem(path, words, name) for path, words in _wrong_fields(document.data)]
    raw_nodes = data["nodes"] if isinstance(data.get("nodes"), dict) else {}
    nodes = {}
    for each, raw in raw_nodes.items():
        config, wrong = _node(raw)
        problems += [document.problem(("nodes", each, *path), words, name) for path, words in wrong]
        nodes[each] = Node(each, raw if isinstance(raw, dict) else {}, config)
    return _flow(document, data, name, nodes), problems


def _wrong_fields(data: Any) -> Iterator[tuple[Path, str]]:
    try:
        FlowFields.model_validate(data)
    except ValidationError as error:
        yield from explain_errors(error, data, FlowFields)


def _flow(document: Document, data: dict[str, Any], name: str, nodes: Mapping[str, Node]) -> Flow:
    """Take each usable field by itself, so that one invalid field hides no problem of another."""
    session = data["session"] if isinstance(data.get("session"), dict) else {}
    start, on_timeout, title, given = data.get("start"), session.get("on_timeout"), data.get("title"), data.get("given")
    try:
        sound = FlowFields.model_validate(data)
    except ValidationError:
        sound = None
    return Flow(
        document=document,
        name=name,
        title=title if isinstance(title, str) else "",
        start=start if isinstance(start, str) else "",
        given=tuple(each for each in given if isinstance(each, str)) if isinstance(given, list) else (),
        timeout=int(sound.session.timeout) if sound else SESSION_SECONDS,
        on_timeout=on_timeout if isinstance(on_timeout, str) else "",
        retention_days=sound.retention_days if sound else 30,
        nodes=nodes,
    )


def _node(raw: Any) -> tuple[NodeConfig | None, list[tuple[Path, str]]]:
    if not isinstance(raw, dict):
        return None, []  # the flow's own fields say so
    name = raw.get("type")
    known = node_types()
    if not isinstance(name, str):
        return None, [(("type",), f'"type" is missing: it says what this node does.{suggestion("", known)}')]
    if name not in known:
        return None, [(("type",), f'There is no node type "{name}".{suggestion(name, known)}')]
    try:
        return known[name].adapter.validate_python(raw), []
    except ValidationError as error:
        return None, list(explain_errors(error, raw, known[name].model))
