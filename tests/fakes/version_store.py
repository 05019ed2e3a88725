"""A version store and a deploy record in memory; they can fail in the middle of a deploy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from chatflow.errors import Overtaken
from chatflow.publishing.model import Entry, LiveVersion, Master, Requirement, RequiresDeploy, VersionChange
from publish_on_deploy.deploy import Dependencies
from publish_on_deploy.deploy_record import DeployRecord

NOW = 1_760_000_000


class Crashed(Exception):
    """The function died here."""


@dataclass
class FakeVersionStore:
    """Behaves as `chatflow.adapters.dynamodb.versions.VersionStore`; `refuses` makes every switch fail."""

    versions: dict[str, list[tuple[Entry, Master]]] = field(default_factory=dict)
    live_versions: dict[str, int] = field(default_factory=dict)
    requirements: list[Requirement] = field(default_factory=list)  # of the last switch
    discarded: list[tuple[str, int]] = field(default_factory=list)
    refuses: bool = False
    deploy: Callable[[], int] = lambda: 0  # the revision of the deploy record
    begins: Callable[[], None] = lambda: None  # called before each transaction

    def live(self, id: str) -> LiveVersion | None:
        version = self.live_versions.get(id)
        return LiveVersion(version, self.versions[id][version - 1][1], NOW) if version else None

    def add(self, entry: Entry, master: Master, now: int, *, by: str = "", note: str = "") -> int:
        self.versions.setdefault(entry.id, []).append((entry, master))
        return len(self.versions[entry.id])

    def discard(self, id: str, version: int) -> None:
        self.discarded.append((id, version))

    def switch(self, changes: Sequence[VersionChange], requirements: Sequence[Requirement] = ()) -> None:
        self.requirements = list(requirements)
        overtaken = any(isinstance(each, RequiresDeploy) and each.revision != self.deploy() for each in requirements)
        if (
            overtaken
            or self.refuses
            or any(self.live_versions.get(change.id, 0) != change.replaces for change in changes)
        ):
            raise Overtaken("changed by someone else")
        for change in changes:
            if change.to:
                self.live_versions[change.id] = change.to
            else:
                del self.live_versions[change.id]

    def switch_in_batches(self, changes: Sequence[VersionChange], requirements: Sequence[Requirement] = ()) -> None:
        for change in changes:
            self.begins()
            self.switch([change], requirements)

    def publish_through_the_api(self, entry: Entry) -> None:
        self.live_versions[entry.id] = self.add(entry, "api", NOW)


@dataclass
class FakeDeployRecords:
    record: DeployRecord = field(default_factory=DeployRecord)

    def load(self) -> DeployRecord:
        return replace(DeployRecord.from_json(self.record.to_json()), revision=self.record.revision)

    def save(self, record: DeployRecord) -> DeployRecord:
        if record.revision != self.record.revision:
            raise Overtaken("another order has begun")
        self.record = replace(record, revision=record.revision + 1)
        return self.record

    def delete(self) -> None:
        self.record = DeployRecord()


@dataclass
class FakeDeployment:
    """The dependencies of a deploy.

    `crashes_after` is how many writes succeed before the function dies, None for all. `interrupts` is called once
    before the write of this number.
    """

    versions: FakeVersionStore = field(default_factory=FakeVersionStore)
    records: FakeDeployRecords = field(default_factory=FakeDeployRecords)
    copied_files: list[str] = field(default_factory=list)
    crashes_after: int | None = None
    interrupts: tuple[int, Callable[[], object]] | None = None
    writes: int = 0

    def __post_init__(self) -> None:
        self.versions.deploy = lambda: self.records.record.revision
        self.versions.begins = self.count_write

    @property
    def dependencies(self) -> Dependencies:
        versions, records = _Crashing(self, self.versions), _Crashing(self, self.records)
        return Dependencies(versions, records, self._copy_file, lambda: NOW)  # type: ignore[arg-type]

    def count_write(self) -> None:
        self.writes += 1
        if self.interrupts is not None and self.writes > self.interrupts[0]:
            (_, interrupt), self.interrupts = self.interrupts, None
            interrupt()
        if self.crashes_after is not None:
            if self.crashes_after == 0:
                raise Crashed
            self.crashes_after -= 1

    def _copy_file(self, entry: Entry) -> None:
        self.count_write()
        self.copied_files.append(entry.file)


class _Crashing:
    def __init__(self, deployment: FakeDeployment, real: object) -> None:
        self._deployment, self._real = deployment, real

    def __getattr__(self, name: str) -> object:
        method = getattr(self._real, name)
        if name in ("live", "load", "switch_in_batches"):  # which reads, or counts its transactions itself
            return method

        def call(*arguments: object, **options: object) -> object:
            self._deployment.count_write()
            return method(*arguments, **options)

        return call


def flow(name: str, text: str) -> Entry:
    """A flow whose content is this text."""
    return Entry("flow", name, f"hash of {text}", {"flow": name, "title": text}, {"start": {"nodes": {}}})
