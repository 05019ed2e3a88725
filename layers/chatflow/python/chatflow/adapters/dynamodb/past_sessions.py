"""The rows of past sessions in the table `sessions`: one for each session that another of its conversation followed.

The item `session` holds the newest session alone, and the records of turns are stored under the ids of their events,
which have no order. A row `past#<place>` says what a list of sessions shows of one. It is written by the turn that
begins the next session, in its transaction; a page of the list reads the rows of the page alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from chatflow.adapters.dynamodb.items import Item, number, query, schema, text
from chatflow.adapters.dynamodb.places import UnreadableSession
from chatflow.conversation.identity import Links
from chatflow.conversation.session import Session
from chatflow.errors import Unreadable

PAST: Final = "past#"
PLACE: Final = re.compile(r"(\d{10,12})#(\d{8,12})#(s_[0-9a-z]{1,64})")
_AFTER_ALL: Final = "~"  # after every place: those begin with digits


@dataclass(frozen=True)
class PastSession:
    """A session that another one followed. Times are in seconds since the epoch, and of its turns; `turn` is the last.

    `turns` is None where that was not known. `all_listed`: each session before it has a row, too; false where an
    earlier version stored one, or where that is not known.
    """

    session: str
    flow: str
    turns: int | None
    started_at: int
    updated_at: int
    turn: int
    all_listed: bool = False

    @property
    def place(self) -> str:
        """Where it stands in the list of its conversation's sessions, which begins with the last place."""
        return f"{self.updated_at:010d}#{self.turn:08d}#{self.session}"


def turns_of(session: Session) -> int | None:
    """How many turns a session had on its flows; None for one that an earlier version began."""
    if not session.flow:
        return 0
    return session.turn - session.first_turn + 1 if session.first_turn else None


def ended_by(session: Session, links: Links | None) -> Iterator[Item]:
    """The rows of the sessions that end because this one is saved in their place, or because it adopted theirs.

    A session that an earlier version began has none: those before it have none either.
    """
    if links is None:
        return
    replaced = [(links.before, links.before.live if links.before else None)]
    replaced += [(alias.before, alias.before.session if alias.before else None) for alias in links.aliases]
    for place, ended in replaced:
        if place and ended and ended.first_turn and ended.session not in ("", session.session):
            at = place.updated_at or place.claimed_at
            past = PastSession(
                ended.session, ended.flow, turns_of(ended), ended.started_at, at, ended.turn, ended.past_listed
            )
            yield _row(session.conversation, past, at + ended.expires_after(at))


def removed(conversation: str, session: UnreadableSession, expires_at: int) -> Item:
    """The row of a session that cannot be read and is removed."""
    past = PastSession(
        session.session, session.flow, None, session.started_at, session.updated_at, session.turn, all_listed=False
    )
    return _row(conversation, past, expires_at)


def past_sessions(table: str, conversations: Sequence[str], *, before: str, limit: int) -> list[PastSession]:
    """At most `limit` past sessions of a conversation before a place, "" for the newest ones; the newest first.

    `conversations` are the keys that the conversation has had: rows stay under the key of their time.
    """
    found = [each for key in conversations for each in islice(_of_key(table, key, before, limit), limit)]
    return sorted(found, key=lambda each: each.place, reverse=True)[:limit]


def _of_key(table: str, conversation: str, before: str, limit: int) -> Iterator[PastSession]:
    last = PAST + (before or _AFTER_ALL)
    rows = query(
        table,
        "conversation = :key AND #item BETWEEN :first AND :last",
        {":key": {"S": conversation}, ":first": {"S": PAST}, ":last": {"S": last}},
        ExpressionAttributeNames={"#item": "item"},
        ScanIndexForward=False,
        Limit=limit + 1,
    )
    for row in rows:
        try:
            if row["item"]["S"] != last:
                yield read_past(row)
        except Unreadable:
            continue  # its records can be read all the same


def read_past(row: Item) -> PastSession:
    """The past session of a row. Raises Unreadable."""
    found = PLACE.fullmatch(text(row, "item").removeprefix(PAST))
    if not found:
        raise Unreadable("the row of a past session cannot be read")
    return PastSession(
        session=found[3],
        flow=text(row, "flow"),
        turns=number(row, "turns") if "turns" in row else None,
        started_at=number(row, "started_at"),
        updated_at=int(found[1]),
        turn=int(found[2]),
        all_listed=row.get("all_listed") == {"BOOL": True},
    )


def _row(conversation: str, past: PastSession, expires_at: int) -> Item:
    return {
        "conversation": {"S": conversation},
        "item": {"S": PAST + past.place},
        **schema(),
        "flow": {"S": past.flow},
        **({} if past.turns is None else {"turns": {"N": str(past.turns)}}),
        "started_at": {"N": str(past.started_at)},
        "all_listed": {"BOOL": past.all_listed},
        "expires_at": {"N": str(expires_at)},
    }
