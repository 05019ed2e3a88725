"""The version store on moto: all changes of a transaction are made or none, and no version is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chatflow.adapters import aws
from chatflow.adapters.dynamodb.published_index import PublishedIndex
from chatflow.adapters.dynamodb.versions import VersionStore
from chatflow.errors import Overtaken, TooLarge
from chatflow.publishing.model import Entry, Requirement, RequiresDraft, RequiresLive, VersionChange
from management.flows.draft_store import DraftStore
from tests.fakes.aws_account import an_account
from tests.fakes.publishing_tables import create_versions_table

NOW = 1_795_370_400


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[VersionStore]:
    with an_account(monkeypatch):
        for table in ("flows", "assets"):
            create_versions_table(table)
        yield VersionStore("flows", "assets")


def flow(name: str, text: str = "x") -> Entry:
    uses = {"assets": ["a.pdf"], "integrations": [], "flows": []}
    part = {"nodes": {"start": {"say": text}}}
    return Entry("flow", name, f"hash {text}", {"title": text}, {"start": part}, source=f"# {text}\n", uses=uses)


def publish(store: VersionStore, entry: Entry) -> int:
    live = store.live(entry.id)
    version = store.add(entry, "api", NOW, by="ada", note="why")
    store.switch([VersionChange(entry.id, version, live.version if live else 0)])
    return version


def test_a_version_is_stored_whole(store: VersionStore) -> None:
    publish(store, flow("a"))
    assert store.entry("flow/a", 1) == flow("a")
    assert store.entry("flow/a", 2) is None


def test_a_version_tells_who_published_it_when_and_why(store: VersionStore) -> None:
    publish(store, flow("a"))
    publish(store, Entry("integration", "a", "h", {"title": "calls"}, source="integration: a\n"))
    index = PublishedIndex("flows", "assets")
    found = index.version("flow/a", 1)
    assert found is not None
    version, source = found
    assert (version.by, version.note, version.published_at, source) == ("ada", "why", NOW, "# x\n")
    live = index.live("flow/a")
    assert live is not None
    assert live.uses["assets"] == ["a.pdf"]
    assert [each.name for each in index.page("integration", limit=5)] == ["a"]
    assert set(index.sources()) == {"flow/a", "integration/a"}


def test_all_go_live_or_none(store: VersionStore) -> None:
    publish(store, flow("a"))
    publish(store, flow("b"))
    changes = [VersionChange(f"flow/{name}", store.add(flow(name, "y"), "api", NOW), 1) for name in "ab"]
    publish(store, flow("b", "quicker"))
    with pytest.raises(Overtaken):
        store.switch(changes)
    assert store.live("flow/a").version == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "requirement",
    [RequiresLive("flow/b"), RequiresLive("flow/a2", 2), RequiresLive("asset/a.pdf"), RequiresDraft("a", 1)],
)
def test_nothing_goes_live_when_something_that_it_needs_is_not_so(
    store: VersionStore, requirement: Requirement
) -> None:
    publish(store, flow("a2"))
    version = store.add(flow("a"), "api", NOW)
    with pytest.raises(Overtaken):
        store.switch([VersionChange("flow/a", version, 0)], [requirement])
    assert store.live("flow/a") is None


def test_a_draft_and_an_asset_that_are_as_they_should_be_let_it_go_live(store: VersionStore) -> None:
    DraftStore("flows").save("a", "# draft", title="", seen=None, by="ada", now=NOW)
    publish(store, Entry("asset", "a.pdf", "h", {"key": "asset/h", "size": 1, "mime": "application/pdf"}))
    version = store.add(flow("a"), "api", NOW)
    store.switch([VersionChange("flow/a", version, 0)], [RequiresDraft("a", 1), RequiresLive("asset/a.pdf", 1)])
    assert store.live("flow/a") is not None


def test_a_discarded_version_leaves_nothing(store: VersionStore) -> None:
    store.discard("flow/a", store.add(flow("a"), "api", NOW))
    assert aws.client("dynamodb").scan(TableName="flows")["Items"] == []


def test_more_than_one_transaction_holds_is_refused_whole(store: VersionStore) -> None:
    with pytest.raises(TooLarge):
        store.switch([VersionChange("flow/a", 1, 0)], [RequiresLive(f"flow/f{number}") for number in range(100)])
