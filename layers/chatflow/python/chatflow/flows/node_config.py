"""The base classes of node configurations: the fields of a node, and how a node with these fields behaves.

A node type's `config.py` defines `Config`, a `NodeConfig` with the fields that an author writes (or a union of such).
Validation and compilation know a node only through this interface; nothing else knows its type.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Protocol

from pydantic import Field

from chatflow.conversation.undelivered import UNDELIVERED
from chatflow.flows.deployment_values import Deployment
from chatflow.flows.exits import NOT_DELIVERED, Exit, named
from chatflow.flows.fields import LONGEST_SESSION, Duration, ExitTarget, OptionalText, Strict, Target
from chatflow.flows.form_hints import hint
from chatflow.flows.problems import Finding, Path, nearest

if TYPE_CHECKING:
    from chatflow.flows.asset_files import Asset
    from chatflow.flows.channels import Channels
    from chatflow.flows.integrations import Integration

# What a variable may hold, as far as validation can tell.
VALUE = "value"  # anything but a file
TEXT, NUMBER, BOOLEAN, LIST, OBJECT = (
    "text",
    "number",
    "boolean",
    "list",
    "object",
)  # a value, where more is known of it
RECEIVED = "received"  # a customer's file
DOWNLOADED = "downloaded"  # a file of the business's API
FILES = frozenset({RECEIVED, DOWNLOADED})
COPY = "="  # "=photo": whatever `photo` holds
_LIST = "files:"  # "files:10": a list of at most 10 files of a customer
UNKNOWN = "*"  # as a name: variables that only the business's API knows; as content: anything


def file_list(most: int) -> str:
    """What a variable with a list of at most so many files holds."""
    return f"{_LIST}{most}"


def list_size(kind: str) -> int:
    """How many files there may be in a list; 0 for what is no list."""
    return int(kind.removeprefix(_LIST)) if kind.startswith(_LIST) else 0


def is_of_files(kind: str) -> bool:
    """Whether a variable that holds this holds a file, or files."""
    return kind in FILES or list_size(kind) > 0


@dataclass(frozen=True)
class Behaviour:
    """How one node behaves. `sets` maps each exit to the variables that it sets and what they then hold."""

    exits: tuple[str, ...]
    required: tuple[str, ...] = ()  # exits whose target must be written; the others default to the end
    optional: frozenset[str] = frozenset()  # exits that the node has only where they are written
    follows: Mapping[str, str] = field(default_factory=dict)  # exits that default to the target of another exit
    main: tuple[str, ...] = ()  # the exits that `then` stands for
    setbacks: frozenset[str] = frozenset()  # exits taken on failure
    never: Mapping[str, str] = field(default_factory=dict)  # exits that these fields make impossible, with the reason
    waits: bool = False
    on_timeout: str = ""  # the exit that a node that waits takes when its own time has passed
    for_time: bool = False  # it waits for a time alone, and goes on by `on_timeout` whatever the customer does
    least_wait: int = 0  # seconds: how long such a wait lasts at least, as far as that is known
    seconds: int = 20  # the maximum duration of a visit
    sets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    uploads: frozenset[str] = frozenset()  # variables whose files are uploaded to the business
    handles_files: bool = False  # receives a file from the customer, or sends one
    integrations: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    unknown: bool = False  # something that it needs is missing: nothing may be concluded from it


@dataclass(frozen=True)
class Resources:
    """What flows share: integrations, assets, deployment values. An integration that cannot be read is None."""

    integrations: Mapping[str, Integration | None] = field(default_factory=dict)
    assets: Mapping[str, Asset] = field(default_factory=dict)
    deployment: Deployment = field(default_factory=Deployment)

    def probable_integration(self, name: str) -> Integration | None:
        """The integration of this name, or of the nearest one: None when there is none, or it cannot be read."""
        return self.integrations.get(name if name in self.integrations else nearest(name, self.integrations))


class View(Protocol):
    """The flow around a node, as the node's own check sees it."""

    @property
    def resources(self) -> Resources: ...

    @property
    def channels(self) -> Channels:
        """The channels that this flow is validated for, by name."""
        ...

    @property
    def retention_days(self) -> int:
        """How long the flow wants its files to be kept."""
        ...

    def behaviour(self, node: str) -> Behaviour:
        """The behaviour of a node; an unknown one for a node that does not exist."""
        ...

    def target(self, node: str, exit: str) -> Target:
        """The target of an exit."""
        ...

    def holds(self, node: str, variable: str) -> frozenset[str]:
        """What a variable may hold when the node is entered; empty when no path sets it."""
        ...


class NodeConfig(Strict, ABC):
    """The fields that every node has. A node type adds its own fields, its exits and its behaviour.

    `declared_exits`, `waits` (for a message, or for a time) and `for_time` (for a time alone) hold for every node of
    the type.
    """

    declared_exits: ClassVar[tuple[Exit, ...]] = ()
    waits: ClassVar[bool] = False
    for_time: ClassVar[bool] = False

    type: str
    exits: dict[str, Annotated[ExitTarget, Field(json_schema_extra=hint("node"))]] = Field(
        default={}, description="Where each way out of this node leads."
    )
    then: ExitTarget | None = Field(
        default=None,
        description="Where to go next: short for the exits that mean it went well.",
        json_schema_extra=hint("node"),
    )

    @abstractmethod
    def behaviour(self, node: str, resources: Resources) -> Behaviour:
        """The behaviour of the node `node` with these fields."""

    def declared_behaviour(self, **more: Any) -> Behaviour:
        """The behaviour with the exits that the type declares; `more` are other fields of Behaviour."""
        exits = named(self.declared_exits, dict(self))
        return Behaviour(
            exits=tuple(exits),
            required=tuple(name for name, exit in exits.items() if exit.required),
            optional=frozenset(name for name, exit in exits.items() if exit.optional),
            main=tuple(name for name, exit in exits.items() if exit.main),
            setbacks=frozenset(name for name, exit in exits.items() if exit.setback),
            waits=self.waits,
            for_time=self.for_time,
            on_timeout=next((name for name, exit in exits.items() if exit.timeout), ""),
            **more,
        )

    def exit_targets(self, behaviour: Behaviour) -> Iterator[tuple[Path, str, Target]]:
        """Every written exit as (path where it is written, exit, target)."""
        for exit, target in self.exits.items():
            yield ("exits", exit), exit, target
        if self.then is not None:
            for exit in behaviour.main:
                yield ("then",), exit, self.then

    def exit_path(self, exit: str) -> Path:
        """The path at which an author writes the target of this exit."""
        return ("exits", exit)

    def templates(self) -> dict[str, Any]:
        """The fields that may hold templates."""
        return self.model_dump(exclude={"type", "exits", "then"}, by_alias=True)

    def check(self, _node: str, _view: View) -> Iterable[Finding]:
        """Problems specific to this node type. Fields, exits and variables are checked for every type."""
        return ()

    def warnings(self, _node: str, _view: View) -> Iterable[Finding]:
        """What customers would miss, though the flow can be published."""
        return ()

    def compiled(self, _resources: Resources) -> dict[str, Any]:
        """The configuration as the node's rule reads it: plain JSON with all defaults filled in."""
        return self.model_dump(exclude={"type", "exits", "then"})


PROMPT_EXITS = (
    Exit("gave_up", setback=True),
    Exit("timeout", setback=True, timeout=True),
    Exit("failed", setback=True),
    NOT_DELIVERED,
)
_NO_TIME = (
    "This exit is never taken, because the node has no time of its own. Write timeout: 5m, or say under session: "
    "{on_timeout: ...} where to go when the whole session times out."
)


class PromptingConfig(NodeConfig):
    """A node that prompts the customer and waits (see `chatflow.nodes.prompts`).

    It declares the exits for an answer, and then PROMPT_EXITS.
    """

    waits: ClassVar[bool] = True

    attempts: Annotated[int, Field(ge=1, le=10)] = Field(
        default=3, description="How often the customer is asked at most."
    )
    reprompt: OptionalText = Field(
        default="",
        description="What is said when the answer does not fit; empty repeats the prompt.",
        json_schema_extra=hint("text"),
    )
    timeout: Annotated[float, Duration(10, LONGEST_SESSION, or_none=True)] = Field(
        default=0,
        description="How long this node waits before the exit timeout; 0 waits as long as the session lasts.",
        json_schema_extra=hint("duration"),
    )

    def prompting_behaviour(self, node: str, answers: Mapping[str, Mapping[str, str]], **more: Any) -> Behaviour:
        """The behaviour of a prompting node. `answers` maps each exit for an answer to the variables that it sets."""
        return self.declared_behaviour(
            never={} if self.timeout or "timeout" in answers else {"timeout": _NO_TIME},
            sets={**answers, UNDELIVERED: {f"{node}_failure": OBJECT}, **more.pop("sets", {})},
            **more,
        )
