"""The lines of transcripts in the table `sessions`: small rows that say in which order the records of a session stand.

Records are stored under the ids of their events, which have no order. A line `line#<session>#<place>` names the row of
a turn, a note or a failure, and is written with it; a page of a transcript reads the lines of the page alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from chatflow.adapters.dynamodb.items import Item, number, query, schema, text
from chatflow.errors import Unreadable

LINE: Final = "line#"
_PLACE: Final = re.compile(rf"{LINE}[^#]*#(\d+)#(\d+)#")
_AFTER_ALL: Final = "~"  # after every place: those begin with digits


@dataclass(frozen=True)
class Line:
    """Where a record stands in its session. `item` is the sort key of its row under `conversation`."""

    conversation: str
    item: str
    turn: int
    at: int  # seconds since the epoch

    @property
    def event(self) -> str:
        """The id of the event that the record is of."""
        return self.item.partition("#")[2]

    @property
    def place(self) -> str:
        return place_of(self.turn, self.at, shown_id(self.event))


def shown_id(id: str) -> str:
    """The id of an event or a message as it is shown: always the same, and without a way back to the real id."""
    return "e_" + hashlib.sha256(id.encode()).hexdigest()[:24]


def place_of(turn: int, at: int, shown: str) -> str:
    """A place in a transcript: by turn, then by time in seconds since the epoch. A note follows the turn before it."""
    return f"{turn:08d}#{at:010d}#{shown}"


def line_row(conversation: str, item: str, record: Mapping[str, Any], *, expires_at: str, first_turn: int) -> Item:
    """The row of the line of a record or a failure, whose sort key is `item`.

    `first_turn` is that of a session all of whose records have lines, 0 where that is not known.
    """
    place = place_of(record["turn"], record.get("at", 0), shown_id(item.partition("#")[2]))
    return {
        "conversation": {"S": conversation},
        "item": {"S": f"{LINE}{record['session']}#{place}"},
        **schema(),
        "record": {"S": item},
        "first_turn": {"N": str(first_turn)},
        "expires_at": {"N": expires_at},
    }


def lines(table: str, conversations: Sequence[str], session: str, *, after: str, limit: int) -> list[Line] | None:
    """At most `limit` lines of a session after a place, "" for the first ones.

    `conversations` are the keys of its conversation, the oldest first: records stay under the key of their time.
    None for a session that began before there were lines, or one with a line that cannot be read.
    """
    first = next(_rows(table, conversations, session, "", 1), None)
    if first is None or not number(first, "first_turn"):
        return None
    try:
        return [_line(row) for row in islice(_rows(table, conversations, session, after, limit), limit)]
    except Unreadable:
        return None


def _rows(table: str, conversations: Sequence[str], session: str, after: str, limit: int) -> Iterator[Item]:
    begin = f"{LINE}{session}#"
    request: dict[str, Any] = {"Limit": limit + 1, "ExpressionAttributeNames": {"#item": "item"}}
    for conversation in conversations:
        values = {":key": {"S": conversation}, ":after": {"S": begin + after}, ":last": {"S": begin + _AFTER_ALL}}
        found = query(table, "conversation = :key AND #item BETWEEN :after AND :last", values, **request)
        yield from (row for row in found if row["item"]["S"] != begin + after)


def _line(row: Item) -> Line:
    """Raises Unreadable."""
    conversation, record = text(row, "conversation"), text(row, "record")
    found = _PLACE.match(text(row, "item"))
    if not (conversation and record and found):
        raise Unreadable("a line of the transcript cannot be read")
    return Line(conversation, record, int(found[1]), int(found[2]))
