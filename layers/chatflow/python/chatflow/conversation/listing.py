"""Where a session stands in the index `by_state`: the keys of its row there. Pure.

The index's partition is `<state>#<shard>`: a hash of the conversation spreads the sessions of a state over 16
partitions, so that no key is shared by all conversations. Earlier versions wrote `<state>` alone; such a session moves
when it is saved next. The sort key, its *place*, is `<seconds since the epoch>#<conversation>`.

A changed key costs two writes of the index, any other save one. So a place stays while the session stays in its state,
for an hour: it is never newer than the session's last activity, and less than an hour older.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

SHARDS: Final = "0123456789abcdef"
STAYS_SECONDS: Final = 3600  # how long a place stays while its session is saved in the same state
_DIGITS: Final = 10  # of the time in a place


@dataclass(frozen=True)
class IndexKeys:
    """The keys of a row in the index; "" for a row that is not in it."""

    partition: str = ""
    place: str = ""


def shard(conversation: str) -> str:
    """The shard of a conversation, one of SHARDS."""
    return SHARDS[zlib.crc32(conversation.encode()) % len(SHARDS)]


def partitions(state: str) -> list[str]:
    """Every partition with sessions of a state: the 16 shards, and the one of earlier versions."""
    return [*(f"{state}#{each}" for each in SHARDS), state]


def state_in(partition: str) -> str:
    """The state whose sessions stand in a partition."""
    return partition.partition("#")[0]


def index_keys(conversation: str, state: str, now: int, before: IndexKeys | None = None) -> IndexKeys:
    """The keys of a session that is saved `now` (seconds since the epoch) in this state.

    `before` are the keys of its row until now. A place never moves back, though the clocks of two workers differ: who
    pages through a list from the newest to the oldest session meets none twice.
    """
    partition = f"{state}#{shard(conversation)}"
    at = time_of(before.place) if before else 0
    if at >= now + STAYS_SECONDS:  # no clock is that wrong: the row was damaged
        at = 0
    if before and before.partition == partition and now - at < STAYS_SECONDS:
        return before
    return IndexKeys(partition, place(max(now, at), conversation))


def place(seconds: int, conversation: str) -> str:
    """The sort key: the time, and no two conversations in the same place."""
    return f"{seconds:0{_DIGITS}d}#{conversation}"


def time_of(place: str) -> int:
    """The time in a place, in seconds since the epoch; 0 where a damaged row has none."""
    digits = place[:_DIGITS]
    return int(digits) if digits.isascii() and digits.isdecimal() else 0
