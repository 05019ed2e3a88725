"""Every process sees a publish within 5 seconds, and no conversation goes back to an earlier version."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chatflow.adapters.dynamodb import live_copies
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.adapters.dynamodb.live_copies import LiveCopies, LiveCopy
from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.conversation.session import ROUTES, Session
from chatflow.errors import NotPublished

LAG = 1.0  # seconds by which a replica is behind


@dataclass
class Published:
    """What is live at which time, and a replica that is behind by some of the last second."""

    choice: random.Random
    now: float = 1000.0
    versions: list[tuple[float, int | None]] = field(default_factory=lambda: [(0.0, 1)])  # None: withdrawn
    consistent_reads: int = 0
    reads: int = 0

    def publish(self, version: int | None) -> None:
        self.versions.append((self.now, version))

    def at(self, time: float) -> int | None:
        return [version for since, version in self.versions if since <= time][-1]

    def read(self, consistent: bool) -> LiveCopy | None:
        self.reads += 1
        self.consistent_reads += consistent
        version = self.at(self.now - (0 if consistent else self.choice.uniform(0, LAG)))
        return None if version is None else LiveCopy(version, {"version": version})


@pytest.mark.parametrize("seed", range(60))
def test_a_publish_is_seen_within_five_seconds_and_no_conversation_goes_back(seed: int) -> None:
    choice = random.Random(seed)  # noqa: S311
    table = Published(choice)
    processes = [LiveCopies(lambda: table.now) for _ in range(4)]
    seen = [0, 0]  # by each of two conversations
    for _ in range(200):
        table.now += choice.choice([0.05, 0.3, 1.0, 2.5])
        if choice.random() < 0.1:
            newest = max(version or 0 for _, version in table.versions)
            table.publish(choice.choice([None, newest + 1, newest + 1]))
        process, conversation = choice.choice(processes), choice.randrange(2)
        copy = process.fresh("claims")
        if copy is None or copy.version < seen[conversation]:
            copy = process.renew("claims", table.read, seen[conversation])
        acceptable = {table.at(table.now - 5)} | {version for since, version in table.versions if since > table.now - 5}
        version = copy.version if copy else None
        assert version in acceptable
        if version is not None:
            assert version >= seen[conversation] or table.at(table.now) == version
            seen[conversation] = max(version, seen[conversation])


def test_a_warm_process_reads_once_in_four_seconds_and_never_consistently() -> None:
    table = Published(random.Random(1))  # noqa: S311
    copies = LiveCopies(lambda: table.now)
    for _ in range(1000):
        table.now += 0.1
        if copies.fresh("claims") is None:
            copies.renew("claims", table.read)
    assert table.consistent_reads == 1
    assert table.reads <= 1 + 100 / live_copies.FRESH_SECONDS


def test_only_so_many_copies_are_kept() -> None:
    copies = LiveCopies()
    for number in range(5000):
        copies.keep(f"f{number}", LiveCopy(1, {}), copies.clock())
    assert copies.newest("f4999") and copies.newest("f0") is None


class Clock:
    now = 1_760_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def copies(clock: Clock) -> LiveCopies:
    return LiveCopies(clock)


@pytest.fixture
def sessions(table: Any, copies: LiveCopies) -> SessionStore:
    return SessionStore(table("sessions", "conversation", "item"), table("flows", "name", "item"), copies)


def publish(dynamodb: Any, name: str, version: int, **content: Any) -> None:
    document = {"flow": name, "start": "ask", "version": version, **content}
    dynamodb.put_item(
        TableName="flows",
        Item={
            "name": {"S": name},
            "item": {"S": "live"},
            "version": {"N": str(version)},
            "document": {"S": json.dumps(document)},
        },
    )


def requested(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The requests that are made from now on: of each, the table `flows` and whether consistently."""
    found: list[dict[str, Any]] = []

    for method in ("get_item", "batch_get_item"):
        monkeypatch.setattr(dynamodb, method, noting(found, getattr(dynamodb, method)))
    return found


def noting(found: list[dict[str, Any]], call: Callable[..., Any]) -> Callable[..., Any]:
    def note(**given: Any) -> Any:
        tables = given.get("RequestItems", {given.get("TableName", ""): given})
        found.append({table: bool(each.get("ConsistentRead")) for table, each in tables.items()})
        return call(**given)

    return note


def test_a_warm_turn_does_not_read_the_routes(
    sessions: SessionStore, aws_account: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    dynamodb = aws_account("dynamodb")
    publish(dynamodb, ROUTES, 1)
    calls = requested(dynamodb, monkeypatch)
    for seconds in (0, 1, 2, 2, 1):
        clock.now += seconds
        assert sessions.load("c_ann", "wamid.1").routes["version"] == 1
    warm = {"sessions": True}
    assert calls == [{**warm, "flows": True}, warm, warm, {**warm, "flows": False}, warm]


def test_routes_that_were_just_published_are_seen_within_five_seconds(
    sessions: SessionStore, aws_account: Any, clock: Clock
) -> None:
    dynamodb = aws_account("dynamodb")
    publish(dynamodb, ROUTES, 1)
    sessions.load("c_ann", "wamid.1")
    publish(dynamodb, ROUTES, 2)
    assert sessions.load("c_ann", "wamid.2").routes["version"] == 1
    clock.now += 4
    assert sessions.load("c_ann", "wamid.3").routes["version"] == 2


def test_a_conversation_that_has_seen_newer_routes_reads_them_at_once(sessions: SessionStore, aws_account: Any) -> None:
    dynamodb = aws_account("dynamodb")
    publish(dynamodb, ROUTES, 1)
    sessions.load("c_ann", "wamid.1")
    publish(dynamodb, ROUTES, 2)
    session = Session("c_ann", "whatsapp", "106", "1650", turn=1, session="s_1").having_seen(ROUTES, 2)
    sessions.save(session, "wamid.0", {"session": "s_1", "turn": 1, "event": {"kind": "message"}}, 1_760_000_000)
    assert sessions.load("c_bob", "wamid.2").routes["version"] == 1
    assert sessions.load("c_ann", "wamid.2").routes["version"] == 2
    assert sessions.load("c_bob", "wamid.3").routes["version"] == 2


def test_routes_are_read_although_none_were_there_before(sessions: SessionStore, aws_account: Any) -> None:
    assert sessions.load("c_ann", "wamid.1").routes == {}
    publish(aws_account("dynamodb"), ROUTES, 1)
    assert sessions.load("c_ann", "wamid.1").routes["version"] == 1


def test_newer_routes_are_those_that_differ(sessions: SessionStore, aws_account: Any) -> None:
    dynamodb = aws_account("dynamodb")
    publish(dynamodb, ROUTES, 1)
    routes = sessions.load("c_ann", "wamid.1").routes
    assert sessions.newer_routes(routes) is None
    publish(dynamodb, ROUTES, 2)
    assert (sessions.newer_routes(routes) or {})["version"] == 2
    assert sessions.load("c_ann", "wamid.2").routes["version"] == 2


def test_a_live_version_is_read_once_in_four_seconds(table: Any, aws_account: Any, clock: Clock) -> None:
    flows = PublishedFlows(table("flows", "name", "item"), LiveCopies(clock))
    dynamodb = aws_account("dynamodb")
    with pytest.raises(NotPublished):
        flows.live("claims")
    publish(dynamodb, "claims", 1)
    assert flows.live("claims")["version"] == 1  # what is not live is not remembered
    publish(dynamodb, "claims", 2)
    assert flows.live("claims")["version"] == 1
    assert flows.live("claims", at_least=2)["version"] == 2
    publish(dynamodb, "claims", 3)
    clock.now += 4
    assert flows.live("claims")["version"] == 3


def test_a_session_remembers_the_versions_of_its_last_flows_only() -> None:
    session = Session("c_ann", "whatsapp", "106", "1650").having_seen(ROUTES, 3)
    for number in range(20):
        session = session.having_seen(f"f{number}", 1)
    assert session.seen[ROUTES] == 3
    assert len(session.seen) == 9
    assert "f19" in session.seen
    assert session.having_seen("f19", 1) is session
    assert replace(session, seen={}).having_seen("a", 1).seen == {"a": 1}
