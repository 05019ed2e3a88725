"""Carries out the orders of CloudFormation: publish the files, roll back to what was live before, or withdraw.

Before anything goes live, the deploy record holds the way back: a deploy that was interrupted is undone by whatever
order comes next. CloudFormation may send that order while the one before is still carried out, when another resource
failed meanwhile: each order first writes the record, and what began earlier then changes nothing more. Decision record
0008.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from chatflow.publishing.model import Entry, LiveVersion, RequiresDeploy, VersionChange
from chatflow.publishing.publish import VersionStore, publish
from publish_on_deploy.changes import changes_to_publish, changes_to_undo, changes_to_withdraw
from publish_on_deploy.deploy_record import DeployedVersion, DeployRecord


class LiveVersionStore(VersionStore, Protocol):
    """A store that also tells which version is live."""

    def live(self, id: str) -> LiveVersion | None: ...


class DeployRecords(Protocol):
    """Where the record of the last deploy is stored."""

    def load(self) -> DeployRecord: ...
    def save(self, record: DeployRecord) -> DeployRecord: ...
    def delete(self) -> None: ...


@dataclass(frozen=True)
class Dependencies:
    """What a deploy works with. `copy_file` copies an asset's bytes; `clock` is in seconds since the epoch."""

    versions: LiveVersionStore
    records: DeployRecords
    copy_file: Callable[[Entry], None]
    clock: Callable[[], float] = time.time


def publish_files(
    dependencies: Dependencies, entries: Sequence[Entry], identity: str, request: str, *, take_over: bool
) -> list[str]:
    """Publish what changed in the files, and return the ids of it.

    An order that came before and was carried out changes nothing; one that was interrupted is undone first. Raises
    Refused when the API is the master of something that changed.
    """
    last = dependencies.records.load()
    if last.request == request and last.done:
        return []
    if not last.done:
        last = _undo(dependencies, last)
    live = _live_versions(dependencies, [*(entry.id for entry in entries), *last.entries])
    changes = changes_to_publish(entries, last, live, take_over=take_over)
    for change in changes:
        if change.entry is not None and change.entry.file:
            dependencies.copy_file(change.entry)

    saved = last

    def write_ahead(made: Sequence[VersionChange]) -> list[RequiresDeploy]:
        nonlocal saved
        wanted, deployed = {entry.id for entry in entries}, dict(last.entries)
        for change, version in zip(changes, made, strict=True):
            if change.entry is not None:
                deployed[change.id] = DeployedVersion(version.to, change.entry.hash)
        record = DeployRecord(
            identity=identity,
            request=request,
            done=False,
            entries={id: version for id, version in deployed.items() if id in wanted},
            before={change.id: change.replaces for change in made},
            previous_identity=last.identity,
            previous_entries=last.entries,
            revision=last.revision,
        )
        saved = dependencies.records.save(record)
        return [RequiresDeploy(saved.revision)]

    made = publish(
        dependencies.versions,
        changes,
        master="deploy",
        now=int(dependencies.clock()),
        write_ahead=write_ahead,
    )
    dependencies.records.save(saved.finished())
    return [change.id for change in made]


def roll_back(dependencies: Dependencies, identity: str, failed: str) -> None:
    """Make live again what was live before the deploy `failed`, if it came as far as to publish.

    `identity` names the deploy to which CloudFormation returns.
    """
    last = dependencies.records.load()
    # Where only the place of the upload changed, both have the same identity, and the record must tell them apart.
    went_live = last.identity == failed and (identity != failed or last.previous_identity == identity)
    if not last.done or went_live:
        _undo(dependencies, last)
    else:
        dependencies.records.save(last)  # a deploy that has not come to its record yet finds another revision


def withdraw(dependencies: Dependencies) -> None:
    """Withdraw everything that a deploy published. Running sessions go on with their versions."""
    last = dependencies.records.load()
    live = _live_versions(dependencies, last.entries)
    dependencies.versions.switch_in_batches(changes_to_withdraw(last, live))
    dependencies.records.delete()


def _undo(dependencies: Dependencies, deploy: DeployRecord) -> DeployRecord:
    # Written first: whoever still makes versions of this deploy live is stopped before it is read which ones are.
    undoing = dependencies.records.save(replace(deploy, done=False))
    live = _live_versions(dependencies, undoing.before)
    dependencies.versions.switch_in_batches(changes_to_undo(undoing, live), [RequiresDeploy(undoing.revision)])
    return dependencies.records.save(undoing.undone())


def _live_versions(dependencies: Dependencies, ids: Iterable[str]) -> dict[str, LiveVersion | None]:
    return {id: dependencies.versions.live(id) for id in ids}
