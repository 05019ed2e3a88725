"""A deploy publishes what changed, respects the API, and can be taken back whole, wherever it broke off."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.errors import Refused, Unavailable
from chatflow.publishing.model import Entry, Move
from publish_on_deploy.deploy import publish, roll_back, withdraw
from tests.fakes.shelf import Broke, Publisher, flow

A1, A2, B1, B2 = flow("a", "one"), flow("a", "two"), flow("b", "one"), flow("b", "two")


def _deploy(publisher: Publisher, *wanted: Entry, name: str = "", take_over: bool = False) -> list[str]:
    identity = name or " ".join(entry.hash for entry in wanted)
    return publish(wanted, identity, f"request {identity}", publisher.world, take_over=take_over)


def test_the_first_deploy_publishes_everything() -> None:
    publisher = Publisher()
    assert _deploy(publisher, A1, B1) == ["flow/a", "flow/b"]
    assert publisher.shelf.lives == {"flow/a": 1, "flow/b": 1}


def test_only_what_changed_is_published() -> None:
    publisher = Publisher()
    _deploy(publisher, A1, B1)
    assert _deploy(publisher, A2, B1) == ["flow/a"]
    assert publisher.shelf.lives == {"flow/a": 2, "flow/b": 1}


def test_the_same_order_twice_is_carried_out_once() -> None:
    publisher = Publisher()
    _deploy(publisher, A1)
    assert _deploy(publisher, A1) == []
    assert len(publisher.shelf.versions["flow/a"]) == 1


def test_a_file_that_is_gone_is_no_longer_live_but_its_versions_stay() -> None:
    publisher = Publisher()
    _deploy(publisher, A1, B1)
    _deploy(publisher, A1)
    assert publisher.shelf.lives == {"flow/a": 1}
    assert len(publisher.shelf.versions["flow/b"]) == 1


def test_an_assets_bytes_are_kept_before_it_goes_live() -> None:
    publisher = Publisher()
    _deploy(publisher, Entry("asset", "x.pdf", "h", {"key": "asset/h"}, file="uploads/x.pdf"))
    assert publisher.files == ["uploads/x.pdf"]


def test_what_the_api_published_stays_while_the_files_say_nothing_new() -> None:
    publisher = Publisher()
    _deploy(publisher, A1, B1)
    publisher.shelf.publish_through_the_api(flow("a", "by hand"))
    assert _deploy(publisher, A1, B2) == ["flow/b"]
    assert publisher.shelf.lives == {"flow/a": 2, "flow/b": 2}


def test_what_the_api_published_stops_a_deploy_that_would_replace_it_and_both_are_named() -> None:
    publisher = Publisher()
    _deploy(publisher, A1, B1)
    publisher.shelf.publish_through_the_api(flow("a", "by hand"))
    with pytest.raises(
        Refused, match=r"flow a: version 2, published through the API on 2025-10-09.*content hash of two"
    ):
        _deploy(publisher, A2, B2)
    assert publisher.shelf.lives == {"flow/a": 2, "flow/b": 1}


def test_every_conflict_is_named_at_once() -> None:
    publisher = Publisher()
    for entry in (A1, B1):
        publisher.shelf.publish_through_the_api(entry)
    with pytest.raises(Refused, match=r"flow a: .* flow b: "):
        _deploy(publisher, A2, B2)


@pytest.mark.parametrize(("wanted", "version"), [(A2, 3), (A1, 3)])
def test_a_deploy_may_be_told_to_take_over(wanted: Entry, version: int) -> None:
    publisher = Publisher()
    _deploy(publisher, A1)
    publisher.shelf.publish_through_the_api(flow("a", "by hand"))
    _deploy(publisher, wanted, name="taking over", take_over=True)
    assert publisher.shelf.lives == {"flow/a": version}


def test_a_taken_over_flow_is_not_given_back_by_the_next_deploy() -> None:
    publisher = Publisher()
    _deploy(publisher, A1, name="A1")
    publisher.shelf.publish_through_the_api(flow("a", "by hand"))
    _deploy(publisher, A1, name="A1 taking over", take_over=True)
    publish([A1], "A1", "another request", publisher.world, take_over=False)
    assert publisher.shelf.lives == {"flow/a": 3}


def test_a_file_that_the_api_replaced_comes_back_with_its_bytes() -> None:
    publisher = Publisher()
    file = Entry("asset", "form.pdf", "h", {}, file="uploaded.pdf")
    _deploy(publisher, file)
    publisher.shelf.publish_through_the_api(replace(file, hash="another"))
    _deploy(publisher, file, name="taking over", take_over=True)
    assert publisher.files == ["uploaded.pdf", "uploaded.pdf"]


def test_a_file_that_the_api_deleted_comes_back_with_its_bytes() -> None:
    publisher = Publisher()
    file = Entry("asset", "form.pdf", "h", {}, file="uploaded.pdf")
    _deploy(publisher, file)
    publisher.shelf.move([Move("asset/form.pdf", to=0, was=1)])
    _deploy(publisher, file, name="left alone")
    assert "asset/form.pdf" not in publisher.shelf.lives
    _deploy(publisher, file, name="taking over", take_over=True)
    assert (publisher.files, publisher.shelf.lives) == (["uploaded.pdf"] * 2, {"asset/form.pdf": 2})


def test_a_rollback_brings_back_what_was_live_even_if_the_api_had_published_it() -> None:
    publisher = Publisher()
    _deploy(publisher, A1, B1, name="first")
    publisher.shelf.publish_through_the_api(flow("a", "by hand"))
    before = dict(publisher.shelf.lives)
    _deploy(publisher, A2, name="second", take_over=True)
    roll_back("first", "second", publisher.world)
    assert publisher.shelf.lives == before


def test_after_a_rollback_the_next_deploy_publishes_again() -> None:
    publisher = Publisher()
    _deploy(publisher, A1, name="first")
    _deploy(publisher, A2, name="second")
    roll_back("first", "second", publisher.world)
    publish([A2], "second", "a new request", publisher.world, take_over=False)
    assert publisher.shelf.lives == {"flow/a": 3}


def test_a_rollback_of_a_deploy_that_was_refused_changes_nothing() -> None:
    publisher = Publisher()
    _deploy(publisher, A1, name="first")
    _deploy(publisher, A2, name="second")
    roll_back("second", "third", publisher.world)
    assert publisher.shelf.lives == {"flow/a": 2}


def test_a_rollback_leaves_what_the_api_has_published_since() -> None:
    publisher = Publisher()
    _deploy(publisher, A1, name="first")
    _deploy(publisher, A2, name="second")
    publisher.shelf.publish_through_the_api(flow("a", "by hand"))
    roll_back("first", "second", publisher.world)
    assert publisher.shelf.lives == {"flow/a": 3}


def test_a_version_that_goes_live_meanwhile_is_not_overwritten() -> None:
    publisher = Publisher()
    _deploy(publisher, A1)
    world = publisher.world
    real = world.deploys.save

    def interfere(deploy: object) -> None:
        publisher.shelf.publish_through_the_api(flow("a", "by hand"))
        real(deploy)  # type: ignore[arg-type]

    world.deploys.save = interfere  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        publish([A2], "second", "second", world, take_over=False)
    assert publisher.shelf.live("flow/a").master == "api"  # type: ignore[union-attr]


def test_a_deleted_stack_withdraws_what_it_published_and_nothing_else() -> None:
    publisher = Publisher()
    _deploy(publisher, A1, B1)
    publisher.shelf.publish_through_the_api(flow("b", "by hand"))
    withdraw(publisher.world)
    assert publisher.shelf.lives == {"flow/b": 2}
    assert len(publisher.shelf.versions["flow/a"]) == 1
    assert publisher.deploys.deploy.entries == {}


def test_deleting_what_never_came_to_be_is_done_at_once() -> None:
    publisher = Publisher()
    withdraw(publisher.world)
    assert publisher.shelf.lives == {}


@given(st.integers(0, 12), st.booleans(), st.booleans())
def test_wherever_a_deploy_breaks_off_it_can_be_repeated_or_taken_back(
    writes: int, repeated: bool, by_hand: bool
) -> None:
    publisher = Publisher()
    _deploy(publisher, A1, B1, name="first")
    if by_hand:
        publisher.shelf.publish_through_the_api(flow("a", "by hand"))
    before = dict(publisher.shelf.lives)
    publisher.breaks_after = writes
    with suppress(Broke):
        _deploy(publisher, A2, flow("c", "new"), name="second", take_over=True)
    publisher.breaks_after = None
    if repeated:
        _deploy(publisher, A2, flow("c", "new"), name="second", take_over=True)
        assert publisher.shelf.versions["flow/a"][publisher.shelf.lives["flow/a"] - 1][0] == A2
        assert set(publisher.shelf.lives) == {"flow/a", "flow/c"}
    roll_back("first", "second", publisher.world)
    assert publisher.shelf.lives == before


def test_what_the_api_withdrew_stays_away_until_the_files_change_or_take_over() -> None:
    publisher = Publisher()
    _deploy(publisher, A1, B1)
    publisher.shelf.move([Move("flow/a", to=0, was=1), Move("flow/b", to=0, was=1)])
    assert _deploy(publisher, A1, B2, name="b changed") == ["flow/b"]
    assert _deploy(publisher, A1, B2, name="taking over", take_over=True) == ["flow/a"]
    assert publisher.shelf.lives == {"flow/a": 2, "flow/b": 2}


def test_a_conflict_says_what_kind_of_thing_it_is_about() -> None:
    publisher = Publisher()
    routes, call = Entry("routes", "routes", "h", {}), Entry("integration", "call", "h", {})
    for entry in (routes, call):
        publisher.shelf.publish_through_the_api(entry)
    with pytest.raises(Refused, match=r"The integration call: version 1.*The routes: version 1"):
        _deploy(publisher, replace(call, hash="i"), replace(routes, hash="i"))
