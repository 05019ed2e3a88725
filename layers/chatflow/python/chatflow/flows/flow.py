"""The model of one flow document, and its parsing, which finds every problem of its fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from chatflow.conversation.late_files import GRACE_SECONDS
from chatflow.flows.field_errors import explain_errors
from chatflow.flows.fields import LONGEST_SESSION, MOST_NODES, NAME, Duration, Identifier, Name, Strict
from chatflow.flows.node_config import NodeConfig
from chatflow.flows.node_types import node_types
from chatflow.flows.problems import Finding, Path, Problem, nearest, suggestion
from chatflow.flows.repair import Parsed, Repaired, adapter, error_count, likely_kinds, repair
from chatflow.flows.yaml_documents import Document

SESSION_SECONDS = 600
LONGEST_GRACE = 3600  # seconds


class SessionFields(Strict):
    """How long a session lasts."""

    timeout: Annotated[float, Duration(10, LONGEST_SESSION)] = Field(
        default=SESSION_SECONDS, description="A session ends when the customer is silent for so long, such as 10m."
    )
    on_timeout: Identifier | None = Field(default=None, description="The node to go to when the session times out.")
    grace: Annotated[float, Duration(10, LONGEST_GRACE, or_none=True)] = Field(
        default=GRACE_SECONDS,
        description="A file that comes within this time after a timeout is still taken, such as 2m; 0 for none.",
    )


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
    """One node. `config` is None when its fields have problems; `raw` is the unparsed content.

    `named` are the nodes that its broken fields name: it may lead to them.
    """

    name: str
    raw: Mapping[str, Any]
    config: NodeConfig | None
    named: tuple[str, ...] = ()


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
    grace: int  # seconds
    retention_days: int
    nodes: Mapping[str, Node]

    def problem(self, path: Path, message: str, *, code: str = "", subject: str = "") -> Problem:
        return self.document.problem(path, message, self.name, code=code, subject=subject)

    def node_problem(self, node: str, found: Finding) -> Problem:
        """What the code of a node's type found."""
        return self.problem(("nodes", node, *found.path), found.message, code=found.code, subject=found.subject)


def parse_flow(document: Document) -> Parsed[Flow]:
    """Parse a flow document. Nodes beyond the limit are counted, not parsed: then there is no flow."""
    data = document.data if isinstance(document.data, dict) else {}
    name = probable_name(document, "flow")
    raw_nodes = data["nodes"] if isinstance(data.get("nodes"), dict) else {}
    if len(raw_nodes) > MOST_NODES:
        too_many = f"At most {MOST_NODES} may be here; there are {len(raw_nodes)}."
        wrong = [(("nodes",), too_many), *_wrong_fields({**data, "nodes": {"node": {}}})]
        return Parsed(None, (), tuple(document.problem(path, words, name) for path, words in wrong), ())
    repaired = {node: _repaired(raw, f"{document.file} {node}") for node, raw in raw_nodes.items()}
    wrong = [
        *_wrong_fields(document.data),
        *((("nodes", node, *path), words) for node, each in repaired.items() for path, words in each.problems),
    ]
    sound = {node: read_node(node, raw, None if repaired[node].problems else raw) for node, raw in raw_nodes.items()}
    flow = _flow(document, data, name, sound)
    return Parsed(
        flow,
        tuple(_reading(flow, repaired, reading) for reading in (0, 1)) if wrong else (flow, flow),
        tuple(document.problem(path, words, name) for path, words in wrong),
        tuple(broken for node, each in repaired.items() for broken in each.places(document, ("nodes", node))),
    )


def probable_name(document: Document, field: str) -> str:
    """The name of a flow or an integration: what is written in this field, else what its file is called."""
    written = name_is_written(document, field)
    return str(document.data[field]) if written else PurePosixPath(document.file).stem


def name_is_written(document: Document, field: str) -> bool:
    """Whether a document says its name."""
    name = document.data.get(field) if isinstance(document.data, dict) else None
    return isinstance(name, str) and re.fullmatch(NAME, name) is not None


def _reading(flow: Flow, repaired: Mapping[str, Repaired], reading: int) -> Flow:
    """The flow with its broken nodes filled in, where that is possible."""
    nodes = {}
    for name, node in flow.nodes.items():
        found = repaired[name]
        if node.config is None and found.readings:
            named = tuple(dict.fromkeys(text for text in found.texts if text in flow.nodes))
            node = read_node(name, found.readings[reading], found.readings[reading], named)  # noqa: PLW2901
        nodes[name] = node
    return replace(flow, nodes=nodes)


def read_node(name: str, raw: Any, valid: Any, named: tuple[str, ...] = ()) -> Node:
    """A node with these fields. `valid` are the fields as its type accepts them, None when it does not."""
    fields = raw if isinstance(raw, dict) else {}
    config = adapter(node_types()[valid["type"]].model).validate_python(valid) if isinstance(valid, dict) else None
    return Node(name, fields, config, named)


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
        given=tuple(each for each in (given if isinstance(given, list) else [given]) if isinstance(each, str)),
        timeout=int(sound.session.timeout) if sound else SESSION_SECONDS,
        on_timeout=on_timeout if isinstance(on_timeout, str) else "",
        grace=int(sound.session.grace) if sound else GRACE_SECONDS,
        retention_days=sound.retention_days if sound else 30,
        nodes=nodes,
    )


def _repaired(raw: Any, scope: str) -> Repaired:
    """The problems of one node's fields, and its readings."""
    if not isinstance(raw, dict):
        return Repaired()  # the flow's own fields say so
    name, known = raw.get("type"), node_types()
    if isinstance(name, str) and name in known:
        return repair(known[name].model, raw, scope)
    if isinstance(name, str):
        message = f'There is no node type "{name}".{suggestion(name, known)}'
    else:
        message = f'"type" is missing: it says what this node does.{suggestion("", known)}'
        name = raw.get(nearest("type", raw))
    counts = {each: error_count(kind.model, {**raw, "type": each}) for each, kind in known.items()}
    kinds = likely_kinds(counts, name)
    one, other = (repair(known[kind].model, {**raw, "type": kind}, scope) for kind in kinds)
    return Repaired(
        problems=((("type",), message), *(each for each in one.problems if each in other.problems)),
        readings=(one.readings[0], other.readings[1]) if one.readings and other.readings else (),
        broken=frozenset({("type",), *one.broken, *other.broken}),
        blocks=one.blocks | other.blocks,
        texts=(*one.texts, *other.texts),
    )
