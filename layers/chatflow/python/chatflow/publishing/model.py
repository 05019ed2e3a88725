"""What is published, as publishers hand it to the tables: flows, routes, integrations, assets and deployment values.

Each of these is published in versions that never change; one of them is live. The **master** of a thing is who made
that version live: `deploy` (the files of the repository) or `api`. An **id** is the kind and the name: "flow/welcome".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from chatflow.flows.interfaces import Interface


Kind = Literal["flow", "routes", "asset", "integration", "deployment"]
Master = Literal["deploy", "api"]
Uses = Mapping[str, Sequence[str]]  # names by kind, in the plural: assets, integrations, flows, secrets, hosts

ROUTES: Final = "routes"  # the name of the only routes document; no flow may have it
DEPLOYMENT: Final = "deployment"  # the name of the only set of deployment values; no flow may have it either
ROUTES_ID: Final = f"routes/{ROUTES}"
DEPLOYMENT_ID: Final = f"deployment/{DEPLOYMENT}"


@dataclass(frozen=True)
class Entry:
    """The content of one version to publish.

    `hash` changes with the content. `source` is the document as it was written, in YAML. `uses` names what must be
    published for it to work. `file` is the path of an asset's bytes: below the folder of flows until they are uploaded,
    then the key in the bucket of the upload. `interface` is a flow's, as it is stored: see `chatflow.flows.interfaces`.
    """

    kind: Kind
    name: str
    hash: str
    document: Mapping[str, Any]
    slices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    file: str = ""
    source: str = ""
    uses: Uses = field(default_factory=dict)
    interface: Mapping[str, Any] | None = None

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class LiveVersion:
    """The number of the live version of something. `published_at` is in seconds since the epoch."""

    version: int
    master: str
    published_at: int


@dataclass(frozen=True)
class Source:
    """The document of a live version as it was written, and what its published form uses.

    `text` is None for one that was not read, `interface` None for a version that is stored without one.
    """

    version: int
    text: str | None
    uses: Uses = field(default_factory=dict)
    interface: Interface | None = None


@dataclass(frozen=True)
class LiveAsset:
    """A live file of the asset library, under the name by which flows use it."""

    name: str
    size: int  # bytes
    sha256: str  # lower-case hex
    mime: str
    encoding: str = ""  # where not every channel shows it


@dataclass(frozen=True)
class EntryChange:
    """An entry to publish as the next version; without an entry, the live version is withdrawn.

    `replaces` is the version that is live now, 0 for none. `note` says why, in the publisher's words.
    """

    id: str
    replaces: int
    entry: Entry | None = None
    note: str = ""


@dataclass(frozen=True)
class VersionChange:
    """Make the stored version `to` live in place of `replaces`.

    0 stands for no version: `to` 0 withdraws, `replaces` 0 says that none is live.
    """

    id: str
    to: int
    replaces: int


@dataclass(frozen=True)
class RequiresLive:
    """A condition of a change: this must be live, in this version, or in any version when it is 0."""

    id: str
    version: int = 0


@dataclass(frozen=True)
class RequiresDraft:
    """A condition of a change: the flow's draft must be at this revision."""

    flow: str
    revision: int


@dataclass(frozen=True)
class RequiresDeploy:
    """A condition of a change: the record of the last deploy must be at this revision, so no other deploy has begun."""

    revision: int


Requirement = RequiresLive | RequiresDraft | RequiresDeploy
