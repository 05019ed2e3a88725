"""Publishing: store new versions, then make them live. The management API and the deploy both call `publish`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from chatflow.errors import ChatflowError
from chatflow.publishing.model import Entry, EntryChange, Master, Requirement, RequiresLive, VersionChange


class VersionStore(Protocol):
    """What publishing needs of `chatflow.adapters.dynamodb.versions.VersionStore`, which documents these methods."""

    def add(self, entry: Entry, master: Master, now: int, *, by: str = "", note: str = "") -> int: ...
    def discard(self, id: str, version: int) -> None: ...
    def switch(self, changes: Sequence[VersionChange], requirements: Sequence[Requirement] = ()) -> None: ...
    def switch_in_batches(self, changes: Sequence[VersionChange], requirements: Sequence[Requirement] = ()) -> None: ...


def publish(
    store: VersionStore,
    changes: Iterable[EntryChange],
    *,
    master: Master,
    now: int,
    by: str = "",
    requirements: Iterable[Requirement] = (),
    write_ahead: Callable[[Sequence[VersionChange]], Sequence[Requirement]] | None = None,
) -> list[VersionChange]:
    """Store a new version of each entry, then make all of them live. Returns the changes that were made.

    A change only succeeds while the version that it replaces is still live. `now` is in seconds since the epoch, `by`
    is the name of the user who publishes.

    Without `write_ahead`, one transaction makes all of the changes or none of them, under the condition that all
    `requirements` hold. A requirement on something that is itself changed is left out. The new versions are discarded
    when this is refused. Raises TooLarge for more than 100 changes and requirements together.

    `write_ahead` is for a caller that may publish more than that, and keeps a record to undo it: it is called with the
    changes when their versions are stored and none of them is live, and returns what each of the following transactions
    requires, in place of `requirements`. Nothing is discarded: what was interrupted halfway is the caller's to undo.

    Raises Overtaken when a version or a requirement is not as expected: someone else has changed it meanwhile.
    """
    stored: list[VersionChange] = []
    try:
        for change in changes:
            stored.append(_store(store, change, master, now, by))
        if write_ahead is None:
            store.switch(stored, _outside(stored, requirements))
        else:
            store.switch_in_batches(stored, write_ahead(stored))
    except ChatflowError:
        # Any other failure leaves open whether the versions went live. Then they stay: an unused one does no harm.
        if write_ahead is None:
            for each in stored:
                if each.to:
                    store.discard(each.id, each.to)
        raise
    return stored


def _store(store: VersionStore, change: EntryChange, master: Master, now: int, by: str) -> VersionChange:
    version = store.add(change.entry, master, now, by=by, note=change.note) if change.entry else 0
    return VersionChange(change.id, to=version, replaces=change.replaces)


def _outside(changes: Sequence[VersionChange], requirements: Iterable[Requirement]) -> list[Requirement]:
    """The requirements, each once, on what is not changed itself: one transaction names an item only once."""
    changed = {change.id for change in changes}
    return [
        each for each in dict.fromkeys(requirements) if not isinstance(each, RequiresLive) or each.id not in changed
    ]


def named_requirements(entry: Entry) -> list[RequiresLive]:
    """The flows and assets that an entry refers to by name: any version of them must be live when it goes live."""
    named = [f"{kind}/{name}" for kind in ("asset", "flow") for name in entry.uses.get(f"{kind}s", ())]
    return [RequiresLive(id) for id in named if id != entry.id]
