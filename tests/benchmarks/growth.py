"""Counts what grows with a deployment and with its conversations: nothing of this is timed, so one run is enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import pytest

from chatflow.adapters.dynamodb.failed_runs import FailedRuns
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.adapters.dynamodb.live_copies import LiveCopies
from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.adapters.dynamodb.versions import VersionStore
from chatflow.publishing.model import ROUTES, Entry, VersionChange
from conversation.run_turn import Dependencies, run_turn
from management.api import ManagementApi
from tests.benchmarks.figures import Figure
from tests.fakes.api_client import ApiClient, InMemoryAudit, NoIdempotency
from tests.fakes.conversation_tables import KEY, NOW, conversation_tables, message_event
from tests.fakes.dynamodb_costs import Costs, counted
from tests.fakes.management_dependencies import some_dependencies
from tests.fakes.node_types import TASK_TYPES

ROUTE_COUNT, WORDS = 300, 100  # words of each route
TURNS: Final = 2_000
_FLOW: Final = "claims"


def measure(_: int) -> list[Figure]:
    turn = warm_turn(routes(ROUTE_COUNT, WORDS))
    shared = len(turn.strong_reads_of("flows"))
    name = f"{ROUTE_COUNT} routes with {WORDS} words each, warm turn"
    return [
        Figure("index writes of a turn", 1, "writes", (float(sum(turn.index_writes.values())),)),
        Figure(f"{name}: strong reads of shared rows", 0, "reads", (float(shared),)),
        Figure(f"{name}: read units", None, "units", (turn.read_units,)),
        Figure(f"first page of {TURNS} turns: read units", 20, "units", (first_page(TURNS).read_units,)),
    ]


def routes(count: int, words: int) -> dict[str, Any]:
    """The published form of so many routes; the last one takes every message."""
    named = [{"keywords": [f"w{route:03}{word:02}" for word in range(words)], "flow": _FLOW} for route in range(count)]
    return {"routes": [*named, {"flow": _FLOW}], "leave": [], "no_match": "", "apology": "", "unsupported": ""}


def warm_turn(published_routes: Mapping[str, Any]) -> Costs:
    """The second turn of a conversation in one process, whose node waits again."""
    with pytest.MonkeyPatch.context() as environment, conversation_tables(environment) as tables:
        _publish(published_routes)
        copies = LiveCopies()
        assert run_turn(message_event(id="wamid.1"), _dependencies(NOW, copies)) == "waiting"
        with counted(tables.client("dynamodb"), "sessions") as costs:
            assert run_turn(message_event(id="wamid.2"), _dependencies(NOW + 60, copies)) == "waiting"
    return costs


def first_page(turns: int) -> Costs:
    """The first page of the transcript of a session with so many turns, through the management API."""
    with pytest.MonkeyPatch.context() as environment, conversation_tables(environment) as tables:
        say = {"visit": 1, "flow": _FLOW, "node": "say", "phase": "enter", "exit": "sent", "waits": False}
        visits = [{**say, "effects": [{"effect": "say", "text": 700 * "x", "messages": ["wamid.out"]}]}] * 2
        with without_transactions(tables.client("dynamodb")):
            for turn in range(1, turns + 1):
                tables.save(message_event(id=f"wamid.{turn}"), turn=turn, at=NOW + turn, visits=visits)
        others = some_dependencies(audit=InMemoryAudit(), idempotency=NoIdempotency())
        viewer = ApiClient(ManagementApi(tables.dependencies(others)), "[viewer]")
        with counted(tables.client("dynamodb"), "sessions") as costs:
            page = viewer("GET", f"/conversations/{KEY}/turns")
        assert page.status == 200
        assert page.body["next"]
    return costs


@contextmanager
def without_transactions(dynamodb: Any) -> Iterator[None]:
    """Within the block, the writes of a transaction are made one by one: for each transaction, moto copies tables."""
    call = dynamodb._make_api_call

    def one_by_one(operation: str, given: dict[str, Any]) -> Any:
        if operation != "TransactWriteItems":
            return call(operation, given)
        for write in given["TransactItems"]:
            ((kind, request),) = write.items()
            call(f"{kind}Item", request)
        return {}

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dynamodb, "_make_api_call", one_by_one)
        yield


def _publish(published_routes: Mapping[str, Any]) -> None:
    versions = VersionStore("flows", "flows")
    ask = {"type": "input", "seconds": 20, "config": {}, "exits": {}}
    session = {"timeout": 600, "on_timeout": None, "grace": 120}
    flow = {"flow": _FLOW, "start": "ask", "session": session, "retention_days": 30}
    for entry in (
        Entry("flow", _FLOW, "h1", flow, {"ask": {"nodes": {"ask": ask}}}),
        Entry("routes", ROUTES, "h2", dict(published_routes)),
    ):
        versions.switch([VersionChange(entry.id, versions.add(entry, "deploy", 1), 0)])


def _dependencies(now: int, copies: LiveCopies) -> Dependencies:
    def waits(_: str, given: dict[str, Any]) -> dict[str, Any]:
        wait = {"expects": ["text"], "seconds": 0, "memo": {}}
        visit = {"visit": given["visits"] + 1, "flow": _FLOW, "node": "ask", "phase": given["phase"], "exit": ""}
        effect = {"effect": "ask", "messages": ["wamid.out"]}
        trail = [{**visit, "waits": True, "effects": [effect]}]
        result = {"status": "waiting", "at": "ask", "wait": wait, "trail": trail}
        return {**result, "variables": given["variables"], "visits": visit["visit"]}

    return Dependencies(
        sessions=SessionStore("sessions", "flows", copies),
        flows=PublishedFlows("flows", copies),
        run_machine=waits,
        task_types=TASK_TYPES,
        schedule=lambda _at, _event: None,
        queue=lambda _event: None,
        erase=lambda _conversation, _at, _keys: None,
        runs=FailedRuns("sessions"),
        dead_letter=lambda _event: None,
        clock=lambda: now,
    )
