"""A deploy publishes what changed, respects the API, and can be undone completely, wherever it was interrupted."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.errors import Overtaken, Refused
from chatflow.publishing.model import Entry, VersionChange
from publish_on_deploy.deploy import publish_files, roll_back, withdraw
from tests.fakes.version_store import Crashed, FakeDeployment, flow

A1, A2, B1, B2 = flow("a", "one"), flow("a", "two"), flow("b", "one"), flow("b", "two")


def _deploy(deployment: FakeDeployment, *wanted: Entry, name: str = "", take_over: bool = False) -> list[str]:
    identity = name or " ".join(entry.hash for entry in wanted)
    return publish_files(deployment.dependencies, wanted, identity, f"request {identity}", take_over=take_over)


def test_the_first_deploy_publishes_everything() -> None:
    deployment = FakeDeployment()
    assert _deploy(deployment, A1, B1) == ["flow/a", "flow/b"]
    assert deployment.versions.live_versions == {"flow/a": 1, "flow/b": 1}


def test_only_what_changed_is_published() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1, B1)
    assert _deploy(deployment, A2, B1) == ["flow/a"]
    assert deployment.versions.live_versions == {"flow/a": 2, "flow/b": 1}


def test_the_same_order_twice_is_carried_out_once() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1)
    assert _deploy(deployment, A1) == []
    assert len(deployment.versions.versions["flow/a"]) == 1


def test_a_file_that_is_gone_is_no_longer_live_but_its_versions_stay() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1, B1)
    _deploy(deployment, A1)
    assert deployment.versions.live_versions == {"flow/a": 1}
    assert len(deployment.versions.versions["flow/b"]) == 1


def test_an_assets_bytes_are_copied_before_it_goes_live() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, Entry("asset", "x.pdf", "h", {"key": "asset/h"}, file="uploads/x.pdf"))
    assert deployment.copied_files == ["uploads/x.pdf"]


def test_what_the_api_published_stays_while_the_files_say_nothing_new() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1, B1)
    deployment.versions.publish_through_the_api(flow("a", "by hand"))
    assert _deploy(deployment, A1, B2) == ["flow/b"]
    assert deployment.versions.live_versions == {"flow/a": 2, "flow/b": 2}


def test_what_the_api_published_stops_a_deploy_that_would_replace_it_and_both_are_named() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1, B1)
    deployment.versions.publish_through_the_api(flow("a", "by hand"))
    with pytest.raises(
        Refused, match=r"flow a: version 2, published through the API on 2025-10-09.*content hash of two"
    ):
        _deploy(deployment, A2, B2)
    assert deployment.versions.live_versions == {"flow/a": 2, "flow/b": 1}


def test_every_conflict_is_named_at_once() -> None:
    deployment = FakeDeployment()
    for entry in (A1, B1):
        deployment.versions.publish_through_the_api(entry)
    with pytest.raises(Refused, match=r"flow a: .* flow b: "):
        _deploy(deployment, A2, B2)


@pytest.mark.parametrize(("wanted", "version"), [(A2, 3), (A1, 3)])
def test_a_deploy_may_be_told_to_take_over(wanted: Entry, version: int) -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1)
    deployment.versions.publish_through_the_api(flow("a", "by hand"))
    _deploy(deployment, wanted, name="taking over", take_over=True)
    assert deployment.versions.live_versions == {"flow/a": version}


def test_a_taken_over_flow_is_not_given_back_by_the_next_deploy() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1, name="A1")
    deployment.versions.publish_through_the_api(flow("a", "by hand"))
    _deploy(deployment, A1, name="A1 taking over", take_over=True)
    publish_files(deployment.dependencies, [A1], "A1", "another request", take_over=False)
    assert deployment.versions.live_versions == {"flow/a": 3}


def test_a_file_that_the_api_replaced_comes_back_with_its_bytes() -> None:
    deployment = FakeDeployment()
    file = Entry("asset", "form.pdf", "h", {}, file="uploaded.pdf")
    _deploy(deployment, file)
    deployment.versions.publish_through_the_api(replace(file, hash="another"))
    _deploy(deployment, file, name="taking over", take_over=True)
    assert deployment.copied_files == ["uploaded.pdf", "uploaded.pdf"]


def test_a_file_that_the_api_deleted_comes_back_with_its_bytes() -> None:
    deployment = FakeDeployment()
    file = Entry("asset", "form.pdf", "h", {}, file="uploaded.pdf")
    _deploy(deployment, file)
    deployment.versions.switch([VersionChange("asset/form.pdf", to=0, replaces=1)])
    _deploy(deployment, file, name="left alone")
    assert "asset/form.pdf" not in deployment.versions.live_versions
    _deploy(deployment, file, name="taking over", take_over=True)
    assert (deployment.copied_files, deployment.versions.live_versions) == (["uploaded.pdf"] * 2, {"asset/form.pdf": 2})


def test_a_rollback_brings_back_what_was_live_even_if_the_api_had_published_it() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1, B1, name="first")
    deployment.versions.publish_through_the_api(flow("a", "by hand"))
    before = dict(deployment.versions.live_versions)
    _deploy(deployment, A2, name="second", take_over=True)
    roll_back(deployment.dependencies, "first", failed="second")
    assert deployment.versions.live_versions == before


def test_after_a_rollback_the_next_deploy_publishes_again() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1, name="first")
    _deploy(deployment, A2, name="second")
    roll_back(deployment.dependencies, "first", failed="second")
    publish_files(deployment.dependencies, [A2], "second", "a new request", take_over=False)
    assert deployment.versions.live_versions == {"flow/a": 3}


def test_a_rollback_of_a_deploy_that_was_refused_changes_nothing() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1, name="first")
    _deploy(deployment, A2, name="second")
    roll_back(deployment.dependencies, "second", failed="third")
    assert deployment.versions.live_versions == {"flow/a": 2}


def test_a_rollback_after_attempts_that_were_left_as_they_were_brings_back_what_the_last_one_replaced() -> None:
    """`cdk deploy --no-rollback`, twice: then CloudFormation goes back to the properties before both."""
    deployment = FakeDeployment()
    for name, entry in {"first": A1, "second": A2, "third": flow("a", "three")}.items():
        _deploy(deployment, entry, name=name)
    roll_back(deployment.dependencies, "first", failed="third")
    assert deployment.versions.live_versions == {"flow/a": 2}


def test_a_rollback_of_a_changed_place_of_the_upload_that_was_never_published_changes_nothing() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1, name="first")
    _deploy(deployment, A2, name="second")
    roll_back(deployment.dependencies, "second", failed="second")
    assert deployment.versions.live_versions == {"flow/a": 2}


def test_a_rollback_leaves_what_the_api_has_published_since() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1, name="first")
    _deploy(deployment, A2, name="second")
    deployment.versions.publish_through_the_api(flow("a", "by hand"))
    roll_back(deployment.dependencies, "first", failed="second")
    assert deployment.versions.live_versions == {"flow/a": 3}


def test_a_version_that_goes_live_meanwhile_is_not_overwritten() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1)
    dependencies = deployment.dependencies
    real = dependencies.records.save

    def interfere(record: object) -> object:
        deployment.versions.publish_through_the_api(flow("a", "by hand"))
        return real(record)  # type: ignore[arg-type]

    dependencies.records.save = interfere  # type: ignore[method-assign]
    with pytest.raises(Overtaken):
        publish_files(dependencies, [A2], "second", "second", take_over=False)
    assert deployment.versions.live("flow/a").master == "api"  # type: ignore[union-attr]


def test_a_deleted_stack_withdraws_what_it_published_and_nothing_else() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1, B1)
    deployment.versions.publish_through_the_api(flow("b", "by hand"))
    withdraw(deployment.dependencies)
    assert deployment.versions.live_versions == {"flow/b": 2}
    assert len(deployment.versions.versions["flow/a"]) == 1
    assert deployment.records.record.entries == {}


def test_deleting_what_never_came_to_be_is_done_at_once() -> None:
    deployment = FakeDeployment()
    withdraw(deployment.dependencies)
    assert deployment.versions.live_versions == {}


@given(st.integers(0, 12), st.booleans(), st.booleans())
def test_wherever_a_deploy_is_interrupted_it_can_be_repeated_or_undone(
    writes: int, repeated: bool, by_hand: bool
) -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1, B1, name="first")
    if by_hand:
        deployment.versions.publish_through_the_api(flow("a", "by hand"))
    before = dict(deployment.versions.live_versions)
    deployment.crashes_after = writes
    with suppress(Crashed):
        _deploy(deployment, A2, flow("c", "new"), name="second", take_over=True)
    deployment.crashes_after = None
    if repeated:
        _deploy(deployment, A2, flow("c", "new"), name="second", take_over=True)
        assert deployment.versions.versions["flow/a"][deployment.versions.live_versions["flow/a"] - 1][0] == A2
        assert set(deployment.versions.live_versions) == {"flow/a", "flow/c"}
    roll_back(deployment.dependencies, "first", failed="second")
    assert deployment.versions.live_versions == before


@given(st.integers(0, 12), st.booleans())
def test_a_rollback_that_begins_while_a_deploy_still_publishes_wins(writes: int, by_hand: bool) -> None:
    """Another resource failed: CloudFormation cancels the update, and orders the rollback without waiting for it."""
    deployment = FakeDeployment()
    _deploy(deployment, A1, B1, name="first")
    if by_hand:
        deployment.versions.publish_through_the_api(flow("a", "by hand"))
    before = dict(deployment.versions.live_versions)
    deployment.interrupts = (
        deployment.writes + writes,
        lambda: roll_back(deployment.dependencies, "first", failed="second"),
    )
    with suppress(Overtaken):
        _deploy(deployment, A2, flow("c", "new"), name="second", take_over=True)
    if deployment.interrupts is None:
        assert deployment.versions.live_versions == before
    deployment.interrupts = None
    publish_files(deployment.dependencies, [A2], "third", "third", take_over=True)
    assert deployment.versions.live_versions.keys() == {"flow/a"}


@given(st.integers(0, 12))
def test_a_deploy_that_begins_while_a_rollback_is_carried_out_finds_it_finished_or_finishes_it(writes: int) -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1, B1, name="first")
    _deploy(deployment, A2, B2, name="second")
    deployment.interrupts = (deployment.writes + writes, lambda: _deploy(deployment, A1, B2, name="third"))
    with suppress(Overtaken):
        roll_back(deployment.dependencies, "first", failed="second")
    if deployment.interrupts is None:
        live = {
            id: deployment.versions.versions[id][number - 1][0]
            for id, number in deployment.versions.live_versions.items()
        }
        assert live == {"flow/a": A1, "flow/b": B2}


def test_what_the_api_withdrew_stays_away_until_the_files_change_or_take_over() -> None:
    deployment = FakeDeployment()
    _deploy(deployment, A1, B1)
    deployment.versions.switch([VersionChange("flow/a", to=0, replaces=1), VersionChange("flow/b", to=0, replaces=1)])
    assert _deploy(deployment, A1, B2, name="b changed") == ["flow/b"]
    assert _deploy(deployment, A1, B2, name="taking over", take_over=True) == ["flow/a"]
    assert deployment.versions.live_versions == {"flow/a": 2, "flow/b": 2}


def test_a_conflict_says_what_kind_of_thing_it_is_about() -> None:
    deployment = FakeDeployment()
    routes, call = Entry("routes", "routes", "h", {}), Entry("integration", "call", "h", {})
    for entry in (routes, call):
        deployment.versions.publish_through_the_api(entry)
    with pytest.raises(Refused, match=r"The integration call: version 1.*The routes: version 1"):
        _deploy(deployment, replace(call, hash="i"), replace(routes, hash="i"))
