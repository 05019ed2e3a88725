"""The published files survive every change of their stack: CloudFormation's orders, played in its order."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publish_on_deploy import handler
from tests.fakes.cloudformation import FakeCloudFormation
from tests.fakes.version_store import FakeDeployment, flow

# What the files hold in each publication.
PUBLICATIONS = {
    "one": [flow("a", "one"), flow("b", "one")],
    "two": [flow("a", "two"), flow("b", "one")],
    "three": [flow("a", "two"), flow("c", "one")],
    "none": [],
}


class Stack:
    """The stack, and what is live in its tables."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tables = FakeDeployment()
        self.cloudformation = FakeCloudFormation(handler.lambda_handler, monkeypatch)
        exceptions = SimpleNamespace(ResourceNotFoundException=TableIsGone)
        monkeypatch.setattr(handler, "_dependencies", lambda _properties: self.tables.dependencies)
        monkeypatch.setattr(handler, "client", lambda _service: SimpleNamespace(exceptions=exceptions))
        monkeypatch.setattr(handler, "read_entries", lambda _bucket, name: PUBLICATIONS[name])

    def create(self, name: str, *, another_fails: bool = False) -> bool:
        return self.cloudformation.create(_properties(name), another_fails=another_fails)

    def update(self, name: str, *, another_fails: bool = False) -> bool:
        return self.cloudformation.update(_properties(name), another_fails=another_fails)

    @property
    def live(self) -> dict[str, str]:
        """The content of what is live, by id."""
        versions = self.tables.versions
        return {id: versions.versions[id][version - 1][0].hash for id, version in versions.live_versions.items()}


class TableIsGone(Exception):
    """botocore's ResourceNotFoundException."""


def _properties(name: str) -> dict[str, str]:
    return {"Bucket": "uploads", "Publication": name, "TakeOver": ""}


def _content(name: str) -> dict[str, str]:
    return {entry.id: entry.hash for entry in PUBLICATIONS[name]}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    return Stack(monkeypatch)


@pytest.fixture(params=[1, 2], ids=["delivered once", "delivered twice"])
def copies(request: pytest.FixtureRequest, stack: Stack) -> Iterator[int]:
    stack.cloudformation.copies = request.param
    yield request.param


@pytest.mark.usefixtures("copies")
def test_the_first_deploy_publishes_the_files(stack: Stack) -> None:
    assert stack.create("one")
    assert stack.live == _content("one")


@pytest.mark.usefixtures("copies")
def test_a_failed_first_deploy_leaves_nothing_live_and_the_next_one_publishes(stack: Stack) -> None:
    assert not stack.create("one", another_fails=True)
    assert (stack.cloudformation.status, stack.cloudformation.orders) == ("ROLLBACK_COMPLETE", ["Create", "Delete"])
    assert stack.live == {}
    assert stack.create("one")
    assert stack.live == _content("one")


def test_a_first_deploy_whose_answer_is_lost_can_be_deleted(stack: Stack) -> None:
    """CloudFormation gives such a resource an id of its own, and takes no other id in the answer to Delete."""
    stack.cloudformation.loses_answers_to = "Create"
    assert not stack.create("one")
    assert stack.cloudformation.status == "ROLLBACK_COMPLETE"
    assert stack.live == {}


@pytest.mark.usefixtures("copies")
def test_an_upgrade_publishes_what_changed(stack: Stack) -> None:
    stack.create("one")
    assert stack.update("three")
    assert stack.live == _content("three")
    assert stack.tables.versions.live_versions == {"flow/a": 2, "flow/c": 1}


@pytest.mark.usefixtures("copies")
def test_an_upgrade_that_fails_elsewhere_is_rolled_back(stack: Stack) -> None:
    stack.create("one")
    before = dict(stack.tables.versions.live_versions)
    assert not stack.update("three", another_fails=True)
    assert stack.cloudformation.status == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.tables.versions.live_versions == before


@pytest.mark.usefixtures("copies")
def test_an_upgrade_that_is_refused_is_rolled_back_and_leaves_what_the_api_published(stack: Stack) -> None:
    stack.create("one")
    stack.tables.versions.publish_through_the_api(flow("a", "by hand"))
    before = dict(stack.tables.versions.live_versions)
    assert not stack.update("two")
    assert stack.cloudformation.status == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.tables.versions.live_versions == before


def test_a_rollback_is_never_refused(stack: Stack) -> None:
    """A rollback that fails leaves the stack in UPDATE_ROLLBACK_FAILED, where no deploy can begin."""
    stack.create("one")
    stack.update("two")
    stack.tables.versions.publish_through_the_api(flow("a", "by hand"))
    assert not stack.update("none", another_fails=True)
    assert stack.cloudformation.status == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.live["flow/a"] == "hash of by hand"


@pytest.mark.parametrize("writes", range(8))
def test_an_upgrade_whose_function_dies_is_rolled_back(stack: Stack, writes: int) -> None:
    stack.create("one")
    before = dict(stack.tables.versions.live_versions)
    stack.tables.crashes_after = writes
    stack.cloudformation.between_orders = lambda: setattr(stack.tables, "crashes_after", None)
    if not stack.update("three"):
        assert stack.cloudformation.status == "UPDATE_ROLLBACK_COMPLETE"
        assert stack.tables.versions.live_versions == before
    assert stack.update("three")
    assert stack.live == _content("three")


def test_a_table_that_somebody_deleted_does_not_stop_the_deletion_of_the_stack(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.create("one")

    def is_gone(_dependencies: object) -> None:
        raise TableIsGone

    monkeypatch.setattr(handler, "withdraw", is_gone)
    assert stack.cloudformation.delete()


@pytest.mark.usefixtures("copies")
def test_a_deletion_withdraws_the_files_and_a_new_stack_publishes_them(stack: Stack) -> None:
    stack.create("one")
    assert stack.cloudformation.delete()
    assert stack.live == {}
    assert stack.create("one")
    assert stack.live == _content("one")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(PUBLICATIONS)), st.booleans(), st.integers(1, 2)), min_size=1, max_size=7)
)
def test_whatever_deploys_succeed_or_fail_what_is_live_is_the_last_that_succeeded(
    monkeypatch: pytest.MonkeyPatch, deploys: list[tuple[str, bool, int]]
) -> None:
    with monkeypatch.context() as patch:
        stack = Stack(patch)
        exists, expected = False, dict[str, str]()
        for name, another_fails, copies in deploys:
            stack.cloudformation.copies = copies
            begin = stack.update if exists else stack.create
            if begin(name, another_fails=another_fails):
                exists, expected = True, _content(name)
            assert "FAILED" not in stack.cloudformation.status
            assert stack.live == expected
