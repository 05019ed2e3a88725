"""What is published, as it travels from whoever publishes to the tables: flows, routes, integrations, files.

Each is published in versions that never change; one of them is live. Its **master** is who made that one live: `deploy`
(the files of the repository) or `api`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

Kind = Literal["flow", "routes", "asset", "integration", "deployment"]
Master = Literal["deploy", "api"]
Uses = Mapping[str, Sequence[str]]  # names by what they are: assets, integrations, flows

ROUTES: Final = "routes"  # the name of the one document of routes; no flow may have it
DEPLOYMENT: Final = "deployment"  # the name of the one set of a deployment's values; no flow may have it either
ROUTES_ID: Final = f"routes/{ROUTES}"
DEPLOYMENT_ID: Final = f"deployment/{DEPLOYMENT}"


@dataclass(frozen=True)
class Entry:
    """One thing to publish. `hash` tells whether it changed; `file` is where an asset's bytes lie, in the bucket that
    the publication came with; `source` is the document as it was written, in YAML, and `uses` what it needs to be
    there."""

    kind: Kind
    name: str
    hash: str
    document: Mapping[str, Any]
    slices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    file: str = ""
    source: str = ""
    uses: Uses = field(default_factory=dict)

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
class Source:
    """The document of something live. `uses`: what its published form needs to be there."""

    version: int
    text: str
    uses: Uses = field(default_factory=dict)


@dataclass(frozen=True)
class LibraryFile:
    """A file of the library that can be sent, under the name that flows know."""

    name: str
    size: int  # bytes
    sha256: str  # lower-case hex
    mime: str


@dataclass(frozen=True)
class Move:
    """Make a version the live one. 0 stands for none: `to` 0 withdraws, `was` 0 says that nothing was live."""

    id: str
    to: int
    was: int


@dataclass(frozen=True)
class Stays:
    """Something that must be live while others are moved: in this version, or in any when it is 0."""

    id: str
    version: int = 0


@dataclass(frozen=True)
class DraftStays:
    """A flow's draft that must be at this revision while the flow is moved."""

    flow: str
    revision: int


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
