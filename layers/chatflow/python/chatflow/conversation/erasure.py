"""What is forgotten with a contact: the events of before, wherever they still come from. Pure.

An erasure leaves one row behind, which says when it was asked for; it outlives every queue and every redelivery.
"""

from __future__ import annotations

from typing import Any, Final

from chatflow.conversation.events import MESSAGE, START, Event
from chatflow.conversation.session import Session

ERASED: Final = "erased"  # the row's item
# A letter lies in a dead-letter queue for 14 days, and a channel redelivers for 7.
REMEMBERED_DAYS: Final = 15


def forgotten(event: Event, erased_at: int, session: Session | None) -> bool:
    """Whether an event is of before the erasure (seconds since the epoch): it changes nothing, and leaves no trace.

    A message says by the channel's clock when it was written, a start when it was asked for. All others are about a
    session, or about a message of one: with none since the erasure, they are about one that is gone.
    """
    if event["kind"] == MESSAGE:
        return int(event["message"]["at"]) <= erased_at
    if event["kind"] == START:
        return int(event.get("at", 0)) <= erased_at
    return session is None


def report(at: int, done: bool, removed: dict[str, int]) -> dict[str, Any]:
    """What the row says: when it was asked for, whether all is gone, and how much there was of each."""
    return {"at": at, "done": done, "removed": removed}
