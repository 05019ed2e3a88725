"""The shelf of versions on real conditions (as moto plays them): all at once or nothing, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.adapters.dynamodb.published_index import Catalogue
from chatflow.adapters.dynamodb.versions import Shelf
from chatflow.errors import Overtaken, TooLarge
from chatflow.publishing.model import DraftStays, Entry, Move, Stays
from management.flows.draft_store import Drafts
from tests.fakes.publishing_tables import made

NOW = 1_795_370_400


@pytest.fixture
def shelf(aws_account: Any) -> Shelf:
    for table in ("flows", "assets"):
        made(table)
    return Shelf("flows", "assets")


def flow(name: str, text: str = "x") -> Entry:
    uses = {"assets": ["a.pdf"], "integrations": [], "flows": []}
    part = {"nodes": {"start": {"say": text}}}
    return Entry("flow", name, f"hash {text}", {"title": text}, {"start": part}, source=f"# {text}\n", uses=uses)


def publish(shelf: Shelf, entry: Entry) -> int:
    was = shelf.live(entry.id)
    version = shelf.add(entry, "api", NOW, by="ada", note="why")
    shelf.move([Move(entry.id, version, was.version if was else 0)])
    return version


def test_a_version_is_kept_whole(shelf: Shelf) -> None:
    publish(shelf, flow("a"))
    assert shelf.kept("flow/a", 1) == flow("a")
    assert shelf.kept("flow/a", 2) is None


def test_a_version_tells_who_published_it_when_and_why(shelf: Shelf) -> None:
    publish(shelf, flow("a"))
    publish(shelf, Entry("integration", "a", "h", {"title": "calls"}, source="integration: a\n"))
    catalogue = Catalogue("flows", "assets")
    found = catalogue.version("flow/a", 1)
    assert found is not None
    version, source = found
    assert (version.by, version.note, version.published_at, source) == ("ada", "why", NOW, "# x\n")
    live = catalogue.live("flow/a")
    assert live is not None
    assert live.uses["assets"] == ["a.pdf"]
    assert [each.name for each in catalogue.page("integration", limit=5)] == ["a"]
    assert set(catalogue.sources()) == {"flow/a", "integration/a"}


def test_all_go_live_or_none(shelf: Shelf) -> None:
    publish(shelf, flow("a"))
    publish(shelf, flow("b"))
    moves = [Move(f"flow/{name}", shelf.add(flow(name, "y"), "api", NOW), 1) for name in "ab"]
    publish(shelf, flow("b", "quicker"))
    with pytest.raises(Overtaken):
        shelf.move_together(moves)
    assert shelf.live("flow/a").version == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("stays", [Stays("flow/b"), Stays("flow/a2", 2), Stays("asset/a.pdf"), DraftStays("a", 1)])
def test_nothing_goes_live_when_something_that_it_needs_is_not_so(shelf: Shelf, stays: Stays | DraftStays) -> None:
    publish(shelf, flow("a2"))
    version = shelf.add(flow("a"), "api", NOW)
    with pytest.raises(Overtaken):
        shelf.move_together([Move("flow/a", version, 0)], [stays])
    assert shelf.live("flow/a") is None


def test_a_draft_and_an_asset_that_are_as_they_should_be_let_it_go_live(shelf: Shelf) -> None:
    Drafts("flows").save("a", "# draft", title="", seen=None, by="ada", now=NOW)
    publish(shelf, Entry("asset", "a.pdf", "h", {"key": "asset/h", "size": 1, "mime": "application/pdf"}))
    version = shelf.add(flow("a"), "api", NOW)
    shelf.move_together([Move("flow/a", version, 0)], [DraftStays("a", 1), Stays("asset/a.pdf", 1)])
    assert shelf.live("flow/a") is not None


def test_a_discarded_version_leaves_nothing(shelf: Shelf, aws_account: Any) -> None:
    shelf.discard("flow/a", shelf.add(flow("a"), "api", NOW))
    assert aws_account("dynamodb").scan(TableName="flows")["Items"] == []


def test_more_than_one_transaction_holds_is_refused_whole(shelf: Shelf) -> None:
    with pytest.raises(TooLarge):
        shelf.move_together([Move("flow/a", 1, 0)], [Stays(f"flow/f{number}") for number in range(100)])
