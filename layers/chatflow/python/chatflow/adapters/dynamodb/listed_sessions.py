"""Lists and counts sessions by the index `by_state` of table `sessions`: see `chatflow.conversation.listing`. No scans.

A list merges the partitions of its states. One place is its position in all of them, because a place holds the
conversation, and a conversation stands in one partition at a time. A session that moves while somebody pages gets a
newer place than every session which is still to be listed: it is listed once or, if it was not listed before it moved,
not at all. The index may be a moment behind.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.items import Item, number, text
from chatflow.adapters.dynamodb.sessions import BY_STATE
from chatflow.conversation.listing import SHARDS, STAYS_SECONDS, partitions, place, state_in, time_of

_AT_ONCE: Final = 8  # queries; a client keeps ten connections
_EVALUATED: Final = 200  # rows of a partition that one query of a list reads
_MORE_QUERIES: Final = 60  # for one page, after the first of each partition: a rare flow is looked for further back
_COUNTED: Final = 50_000  # rows after which the rest is estimated
_LATEST: Final = "~"  # after every place: those begin with ten digits
_RUNNING: Final = ("waiting", "continuing", "paused")


@dataclass(frozen=True)
class SessionSummary:
    """One session in a list. `place` is its sort key in the index; times are in seconds since the epoch."""

    place: str
    conversation: str
    state: str
    session: str
    flow: str
    version: int
    node: str
    turn: int
    started_at: int
    updated_at: int
    reason: str = ""  # why it cannot be read, for the state `unreadable`

    @property
    def active_at(self) -> int:
        """When it last changed: when it was saved, or when it was marked as unreadable."""
        return max(self.updated_at, time_of(self.place))


def page(
    table: str,
    states: Sequence[str],
    *,
    flow: str = "",
    since: int = 0,
    until: int | None = None,
    before: str = "",
    limit: int,
) -> tuple[list[SessionSummary], str]:
    """The sessions of these states before a place, the newest place first, and the place to continue from.

    `since` and `until` bound the last activity (seconds since the epoch). The place to continue from is "" at the end
    of the list. A page may hold fewer than `limit` and yet have a next one, since it reads a bounded number of rows.
    """
    lower = place(max(0, since - STAYS_SECONDS), "")
    upper = min(filter(None, (before, "" if until is None else place(until, _LATEST))), default=_LATEST)
    if upper < lower:  # DynamoDB refuses such a range
        return [], ""
    places = {
        "values": {":lower": {"S": lower}, ":upper": {"S": upper}},
        "ScanIndexForward": False,
        "Limit": _EVALUATED if flow else min(limit + 1, _EVALUATED),
    }
    names = [name for state in states for name in partitions(state)]
    unread = [_Partition(_query(table, name, flow, **places), upper) for name in names]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(_Partition.read, unread))
    found: dict[str, SessionSummary] = {}  # by conversation: one may move between the reads of two partitions
    more = _MORE_QUERIES
    while unread := [each for each in unread if each.position]:
        newest = max(unread, key=lambda each: each.position)
        if len(found) == limit:
            return list(found.values()), list(found.values())[-1].place
        if newest.rows:
            row = newest.rows.popleft()
            if since <= row.active_at and (until is None or row.active_at <= until):
                found.setdefault(row.conversation, row)
        elif more:
            newest.read()
            more -= 1
        else:
            return list(found.values()), newest.stopped
    return list(found.values()), ""


def count_running(table: str, flow: str) -> int:
    """How many sessions of a flow run: waiting, paused, or continuing a turn.

    Exact where at most about 50,000 sessions run in the deployment; the index may be a moment behind. Where more do,
    the first shards are counted, and the others are estimated to hold as many each: a flow with a handful of sessions
    among so many may count as none.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:

        def count(names: list[str]) -> tuple[int, int]:
            counts = list(pool.map(lambda name: _count(table, name, flow), names))
            return sum(found for found, _ in counts), sum(evaluated for _, evaluated in counts)

        unsharded, _ = count(list(_RUNNING))  # of earlier versions
        found = evaluated = shards = 0
        while shards < len(SHARDS) and evaluated < _COUNTED:
            in_shard, read = count([f"{state}#{SHARDS[shards]}" for state in _RUNNING])
            found, evaluated, shards = found + in_shard, evaluated + read, shards + 1
    return unsharded + round(found * len(SHARDS) / shards)


@dataclass
class _Partition:
    """A partition that is read from its newest place on. `rows` are the ones that were read and not yet taken.

    `stopped`: the place where reading stopped, "" at the partition's end.
    """

    request: dict[str, Any]
    before: str
    rows: deque[SessionSummary] = field(default_factory=deque)
    stopped: str = ""

    def read(self) -> None:
        """Read the next rows."""
        answer = client("dynamodb").query(**self.request)
        self.rows.extend(_summary(item) for item in answer["Items"] if item["listed_at"]["S"] < self.before)
        last = answer.get("LastEvaluatedKey")
        self.stopped = last["listed_at"]["S"] if last else ""
        self.request = {**self.request, "ExclusiveStartKey": last}

    @property
    def position(self) -> str:
        """The place up to which everything newer was taken, "" at the partition's end."""
        return self.rows[0].place if self.rows else self.stopped


def _query(table: str, partition: str, flow: str, **request: Any) -> dict[str, Any]:
    """The request for the rows of a partition; for those between `:lower` and `:upper` where `values` has these."""
    values = {":state": {"S": partition}, **request.pop("values", {})}
    if flow:
        values[":flow"] = {"S": flow}
        request["FilterExpression"] = "flow = :flow"
    return {
        "TableName": table,
        "IndexName": BY_STATE,
        "KeyConditionExpression": "#state = :state"
        + (" AND listed_at BETWEEN :lower AND :upper" if ":lower" in values else ""),
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": values,
        **request,
    }


def _count(table: str, partition: str, flow: str) -> tuple[int, int]:
    """How many sessions of a flow stand in a partition, and how many rows were read: about 50,000 at most."""
    request = _query(table, partition, flow, Select="COUNT")
    found = evaluated = 0
    while True:
        page = client("dynamodb").query(**request)
        found += int(page["Count"])
        evaluated += int(page["ScannedCount"])
        if "LastEvaluatedKey" not in page or evaluated >= _COUNTED:
            return found, evaluated
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _summary(item: Item) -> SessionSummary:
    return SessionSummary(
        place=item["listed_at"]["S"],
        conversation=item["conversation"]["S"],
        state=state_in(item["state"]["S"]),
        session=text(item, "session"),
        flow=text(item, "flow"),
        version=number(item, "version"),
        node=text(item, "at"),
        turn=number(item, "turn"),
        started_at=number(item, "started_at"),
        updated_at=number(item, "updated_at"),
        reason=text(item, "reason"),
    )
