"""What a node type says of itself: its fields, and how a node with these fields behaves.

A node type's `config.py` defines `Config`, a `NodeConfig` with the fields that an author writes (or a union of such).
All that is known of a node when a flow is checked and published comes from here; nothing else knows the type.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from pydantic import Field

from chatflow.flows.deployment_values import Deployment
from chatflow.flows.fields import LONGEST_SESSION, Duration, ExitTarget, OptionalText, Strict, Target
from chatflow.flows.problems import Finding, Path

if TYPE_CHECKING:
    from chatflow.flows.asset_files import Asset
    from chatflow.flows.integrations import Integration
    from chatflow.media.profiles import Profile

# What a variable may hold, as far as a flow tells.
VALUE = "value"
RECEIVED = "received"  # a customer's file
DOWNLOADED = "downloaded"  # a file of the business's API
FILES = frozenset({RECEIVED, DOWNLOADED})
COPY = "="  # "=photo": whatever `photo` holds
UNKNOWN = "*"  # as a variable: names that only the business's API knows; as what it holds: anything


@dataclass(frozen=True)
class Behaviour:
    """How one node behaves. `sets` says, for each exit, which variables are set and what they then hold."""

    exits: tuple[str, ...]
    required: tuple[str, ...] = ()  # exits that must lead somewhere; the others lead to the end unless written
    follows: Mapping[str, str] = field(default_factory=dict)  # exits that lead, unless written, where another leads
    main: tuple[str, ...] = ()  # what `then` is short for
    setbacks: frozenset[str] = frozenset()  # exits taken when it did not work out
    never: Mapping[str, str] = field(default_factory=dict)  # exits that these fields rule out, and why
    waits: bool = False
    seconds: int = 20  # the longest that a visit takes
    sets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    uploads: frozenset[str] = frozenset()  # variables whose files go to the business
    handles_files: bool = False  # takes a file from the customer, or gives one
    integrations: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    unknown: bool = False  # its own fields have problems: nothing may be concluded from it


@dataclass(frozen=True)
class Resources:
    """What flows share. An integration whose own file has problems is there, as None."""

    integrations: Mapping[str, Integration | None] = field(default_factory=dict)
    assets: Mapping[str, Asset] = field(default_factory=dict)
    deployment: Deployment = field(default_factory=Deployment)


class View(Protocol):
    """The flow around a node, as the node's own check sees it."""

    @property
    def resources(self) -> Resources: ...

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """What the channels on which this flow may run take, by the channel's name."""
        ...

    def behaviour(self, node: str) -> Behaviour:
        """How a node behaves; of a node that is not there, nothing is known."""
        ...

    def target(self, node: str, exit: str) -> Target:
        """Where an exit leads."""
        ...

    def holds(self, node: str, variable: str) -> frozenset[str]:
        """What a variable may hold when the node is entered: empty when no path sets it."""
        ...


class NodeConfig(Strict, ABC):
    """The fields of one node. A node type adds its own, and says how it behaves."""

    type: str
    exits: dict[str, ExitTarget] = Field(default={}, description="Where each way out of this node leads.")
    then: ExitTarget | None = Field(
        default=None, description="Where to go next: short for the exits that mean it went well."
    )

    @abstractmethod
    def behaviour(self, node: str, resources: Resources) -> Behaviour:
        """How the node of this name behaves."""

    def ways(self, behaviour: Behaviour) -> Iterator[tuple[Path, str, Target]]:
        """Every exit for which the author wrote where it leads, with the place where it is written."""
        for exit, target in self.exits.items():
            yield ("exits", exit), exit, target
        if self.then is not None:
            for exit in behaviour.main:
                yield ("then",), exit, self.then

    def place_of(self, exit: str) -> Path:
        """Where an author writes where this exit leads."""
        return ("exits", exit)

    def templates(self) -> dict[str, Any]:
        """The fields in which variables are filled in."""
        return self.model_dump(exclude={"type", "exits", "then"}, by_alias=True)

    def check(self, _node: str, _view: View) -> Iterable[Finding]:
        """What is wrong with this node where it stands. Fields, exits and variables are checked for every type."""
        return ()

    def compiled(self, _resources: Resources) -> dict[str, Any]:
        """The config as the node's rule reads it: plain, with everything filled in."""
        return self.model_dump(exclude={"type", "exits", "then"})


OWN_EXITS = ("gave_up", "timeout", "failed")
_NO_TIME = (
    "This exit is never taken, because the node has no time of its own. Write timeout: 5m, or say under session: "
    "{on_timeout: ...} where to go when the whole session times out."
)


class PromptingConfig(NodeConfig):
    """A node that asks and waits."""

    attempts: Annotated[int, Field(ge=1, le=10)] = Field(
        default=3, description="How often the customer is asked at most."
    )
    reprompt: OptionalText = Field(
        default="", description="What is said when the answer does not fit; empty repeats the prompt."
    )
    timeout: Annotated[float, Duration(10, LONGEST_SESSION, or_none=True)] = Field(
        default=0, description="How long this node waits before the exit timeout; 0 waits as long as the session lasts."
    )

    def asks(self, answers: Mapping[str, Mapping[str, str]], *, for_file: bool = False) -> Behaviour:
        """The behaviour of a node with these exits for answers, each with the variables that it sets."""
        return Behaviour(
            exits=(*answers, *OWN_EXITS),
            required=tuple(answers),
            main=tuple(answers),
            setbacks=frozenset(OWN_EXITS),
            never={} if self.timeout or "timeout" in answers else {"timeout": _NO_TIME},
            waits=True,
            seconds=60 if for_file else 20,
            sets=answers,
            handles_files=for_file,
        )
