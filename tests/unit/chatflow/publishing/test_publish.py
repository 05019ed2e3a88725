"""Publishing: versions are stored first, then all of them go live, or what was refused is discarded."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chatflow.errors import Overtaken
from chatflow.publishing.model import EntryChange, RequiresDraft, RequiresLive, VersionChange
from chatflow.publishing.publish import publish
from tests.fakes.version_store import NOW, FakeVersionStore, flow

A, B = EntryChange("flow/a", 0, flow("a", "one")), EntryChange("flow/b", 0, flow("b", "one"))


def test_every_entry_becomes_a_live_version() -> None:
    store = FakeVersionStore()
    made = publish(store, [A, B], master="api", now=NOW)
    assert made == [VersionChange("flow/a", 1, 0), VersionChange("flow/b", 1, 0)]
    assert store.live_versions == {"flow/a": 1, "flow/b": 1}


def test_a_change_without_an_entry_withdraws() -> None:
    store = FakeVersionStore()
    publish(store, [A], master="api", now=NOW)
    publish(store, [EntryChange("flow/a", 1)], master="api", now=NOW)
    assert store.live_versions == {}


def test_what_is_refused_is_discarded() -> None:
    store = FakeVersionStore(refuses=True)
    with pytest.raises(Overtaken):
        publish(store, [A, EntryChange("flow/b", 1)], master="api", now=NOW)
    assert store.discarded == [("flow/a", 1)]


def test_versions_that_may_be_live_are_not_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
    store = FakeVersionStore()

    def switch(*_given: object) -> None:
        raise TimeoutError("the response was lost")

    monkeypatch.setattr(store, "switch", switch)
    with pytest.raises(TimeoutError):
        publish(store, [A], master="api", now=NOW)
    assert store.discarded == []


def test_requirements_are_checked_once_and_not_for_what_is_changed_itself() -> None:
    store = FakeVersionStore()
    draft, leaflet = RequiresDraft("a", 3), RequiresLive("asset/leaflet.pdf")
    publish(store, [A, B], master="api", now=NOW, requirements=[RequiresLive("flow/b"), leaflet, draft, leaflet])
    assert store.requirements == [leaflet, draft]


def test_the_way_back_is_written_when_all_is_stored_and_nothing_is_live() -> None:
    store = FakeVersionStore()
    seen: list[tuple[Sequence[VersionChange], int, int]] = []

    def write_ahead(changes: Sequence[VersionChange]) -> list[RequiresLive]:
        seen.append((list(changes), len(store.versions), len(store.live_versions)))
        return []

    made = publish(store, [A, B], master="deploy", now=NOW, write_ahead=write_ahead)
    assert seen == [(made, 2, 0)]


def test_what_the_caller_can_undo_is_not_discarded() -> None:
    store = FakeVersionStore(refuses=True)
    with pytest.raises(Overtaken):
        publish(store, [A], master="deploy", now=NOW, write_ahead=lambda _changes: [])
    assert store.discarded == []
