"""The index `by_host` of table `sessions`: sessions whose call is held, by the host that is in trouble. Never a scan.

Only sessions that wait for an API have the index's keys, and these stay the same while the call is held: the index is
written when a call becomes held and when it is so no more. `held_in` spreads the sessions of one host evenly; `held_at`
is `<host>#<since>#<conversation>`, so a list has the hosts in order, and of each the oldest first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.items import Item, batch_get, query, text
from chatflow.adapters.dynamodb.places import SESSION, read_session
from chatflow.conversation.listing import SHARDS, shard
from chatflow.conversation.session import Session
from chatflow.errors import Unreadable
from chatflow.integrations.holding import Held, held_call

BY_HOST: Final = "by_host"
_COUNTED: Final = 50_000  # rows after which the rest is estimated
_FIRST, _LAST = " ", chr(0x10FFFF)  # before and after every host


@dataclass(frozen=True)
class HeldSession:
    """A session, and its call that is held."""

    session: Session
    held: Held


def held_place(session: Session) -> Item:
    """The index's keys of a session that is saved: none unless its call is held. A pause holds no call."""
    held = held_call(session.held_call or {}) if session.state == "waiting" else None
    if held is None:
        return {}
    place = f"{held.host}#{held.since:010d}#{session.conversation}"
    return {"held_in": {"S": shard(session.conversation)}, "held_at": {"S": place}}


class HeldSessions:
    """Reads the index. It may be a moment behind; what it names is then read from the table."""

    def __init__(self, sessions_table: str) -> None:
        self._table = sessions_table

    def page(self, host: str = "", *, after: str = "", limit: int) -> tuple[list[HeldSession], str]:
        """At most `limit` held sessions of a host ("": of all) after a place, and the place to continue from.

        That place is "" at the end of the list. A page has fewer than `limit` if a call ended meanwhile.
        """
        lower = max(after, f"{host}#" if host else _FIRST)
        upper = f"{host}#{_LAST}" if host else _LAST
        if lower > upper:  # DynamoDB refuses such a range
            return [], ""
        found = sorted((row for each in SHARDS for row in self._places(each, lower, upper, limit)), key=_place)
        rows = [row for row in found if _place(row) > after]
        page = rows[:limit]
        keys = [{"conversation": row["conversation"], "item": row["item"]} for row in page]
        stored = {row["conversation"]["S"]: row for row in batch_get(self._table, keys, consistent=True)}
        sessions = [_held_session(stored.get(row["conversation"]["S"], {}), _place(row)) for row in page]
        return [each for each in sessions if each], _place(page[-1]) if len(rows) > limit else ""

    def counts(self) -> dict[str, int]:
        """How many sessions are held, by host. Reads only keys.

        Exact where at most about 50,000 are held. Where more are, the first shards are counted, and the others are
        estimated to hold as many each.
        """
        counted: Counter[str] = Counter()
        shards = 0
        while shards < len(SHARDS) and counted.total() < _COUNTED:
            rows = query(self._table, "held_in = :shard", {":shard": {"S": SHARDS[shards]}}, IndexName=BY_HOST)
            counted.update(_place(row).rsplit("#", 2)[0] for row in rows)
            shards += 1
        return {host: round(count * len(SHARDS) / shards) for host, count in counted.items()}

    def _places(self, held_in: str, lower: str, upper: str, limit: int) -> Iterator[Item]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": BY_HOST,
            "KeyConditionExpression": "held_in = :shard AND held_at BETWEEN :lower AND :upper",
            "ExpressionAttributeValues": {":shard": {"S": held_in}, ":lower": {"S": lower}, ":upper": {"S": upper}},
            "Limit": limit + 2,  # the place where the page before ended, and one more than this page holds
        }
        yield from client("dynamodb").query(**request)["Items"]


def _place(row: Item) -> str:
    return text(row, "held_at")


def _held_session(row: Item, place: str) -> HeldSession | None:
    """The session in its row; None if its call is held no more, or another one is, or nobody can read it."""
    if text(row, "held_at") != place or text(row, "item") != SESSION:
        return None
    try:
        session = read_session(row)
        held = held_call(session.held_call or {})
    except Unreadable:  # the list of unreadable sessions has it, once an event has met it
        return None
    return HeldSession(session, held) if held else None
