"""What is published, as it travels from whoever publishes to the tables: flows, the routes, the files of the library.

Each is published in versions that never change; one of them is live. Its **master** is who made that one live: `deploy`
(the files of the repository) or `api`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

Kind = Literal["flow", "routes", "asset"]
Master = Literal["deploy", "api"]

ROUTES: Final = "routes"  # the name of the one document of routes; no flow may have it


@dataclass(frozen=True)
class Entry:
    """One thing to publish. `hash` tells whether it changed; `file` is where an asset's bytes lie, in the bucket that
    the publication came with."""

    kind: Kind
    name: str
    hash: str
    document: Mapping[str, Any]
    slices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    file: str = ""

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Live:
    """The live version of something. `published_at` is in seconds since the epoch."""

    version: int
    master: str
    published_at: int


@dataclass(frozen=True)
class Move:
    """Make a version the live one. 0 stands for none: `to` 0 withdraws, `was` 0 says that nothing was live."""

    id: str
    to: int
    was: int


@dataclass(frozen=True)
class Published:
    """What a deploy made of an entry."""

    version: int
    hash: str


@dataclass(frozen=True)
class Deploy:
    """The last publish of the files of the repository, and how to undo it.

    `identity` names what was deployed, `request` the one order to do so (it may come twice). `done` is false while
    versions are being made live. `before` holds the version that was live of everything that was moved.
    """

    identity: str = ""
    request: str = ""
    done: bool = True
    entries: Mapping[str, Published] = field(default_factory=dict)
    before: Mapping[str, int] = field(default_factory=dict)
    previous_identity: str = ""
    previous_entries: Mapping[str, Published] = field(default_factory=dict)

    def undone(self) -> Deploy:
        """As it was before."""
        return Deploy(identity=self.previous_identity, entries=self.previous_entries)

    def finished(self) -> Deploy:
        return replace(self, done=True)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Deploy:
        def entries(of: Mapping[str, Any]) -> dict[str, Published]:
            return {name: Published(**each) for name, each in of.items()}

        known = {**data, "entries": entries(data["entries"]), "previous_entries": entries(data["previous_entries"])}
        return cls(**known)
