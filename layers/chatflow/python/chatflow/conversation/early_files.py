"""Files that a customer sends before a node asks for one: they are kept for the session's next node that does. Pure.

A session keeps the messages, not the bytes: the node that takes a file fetches it, and asks again with the reason if
the channel no longer offers it. What a session keeps ends with it, and the customer is told. A file that no flow was
running for is kept as well, for a short time: it may have overtaken the keyword that was sent with it.

A wait for time alone keeps other messages in the same way, for the next node that asks for something else than a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from chatflow.conversation.events import Event, message_of
from chatflow.conversation.owed import question_of
from chatflow.conversation.session import FILE, Session

# Limits of what is kept. An album may have a hundred files; an item of the table ends at 400 KB, and the session also
# holds variables, held messages and the messages of a pause.
MAX_EARLY_FILES: Final = 100
MAX_EARLY_BYTES: Final = 64 * 1024
TOO_MANY_FILES: Final = "too_many_files"  # why a file was not kept
OVERTAKES_BY: Final = 120  # seconds in which the keyword must follow a file that overtook it

FILE_KEPT: Final = "I keep your file until I need it. First, please answer my question above."
FILE_KEPT_UNASKED: Final = "I keep your file until I need it."  # where no question stands above
FILE_UNUSED: Final = "A file that you sent was not used. Please send it again when I ask you for one."


def with_early(session: Session, event: Event) -> Session | None:
    """The session that keeps the event's message too, None if it already keeps as much as it may."""
    early = (*session.early, event)
    if len(early) > MAX_EARLY_FILES or len(json.dumps(early, ensure_ascii=False).encode()) > MAX_EARLY_BYTES:
        return None
    return replace(session, early=early)


def still_early(early: Iterable[Event], now: int) -> tuple[Event, ...]:
    """Those of the files kept without a session that a flow takes which starts now (seconds since the epoch)."""
    return tuple(event for event in early if (message := message_of(event)) and message.at >= now - OVERTAKES_BY)


def with_notice(event: Event, session: Session) -> Event:
    """The event for the nodes of a run: one that asks for a file sees that one is here already."""
    return {**event, "file_is_here": True} if files_of(session.early) else event


def files_of(entries: Iterable[dict[str, Any]]) -> tuple[Event, ...]:
    """The messages with a file among these events or inbox entries."""
    events = [entry.get("event") or entry for entry in entries]
    return tuple(event for event in events if (message := message_of(event)) and message.media)


def unused_files(session: Session) -> tuple[Event, ...]:
    """The files that the session has accepted and that no node has taken, in the order in which they were sent."""
    return files_of((*session.pending, *session.held, *session.early))


def has_unused_files(session: Session) -> bool:
    """Whether the session has files that the flow has not been given, those of an unfinished list among them."""
    return bool(unused_files(session)) or (session.waiting is not None and session.waiting.has_files)


def take_early(session: Session) -> tuple[Session, tuple[Event, ...]]:
    """The session, and the first message that it keeps for what it now waits for: a file, or anything else."""
    waiting = session.waiting
    if waiting is None or waiting.for_time or not waiting.for_the_customer:
        return session, ()
    files = files_of(session.early)
    taken = next((each for each in session.early if (each in files) == (FILE in waiting.expects)), None)
    if taken is None or (taken not in files and question_of(session)):  # the customer does not see the question yet
        return session, ()
    return replace(session, early=tuple(each for each in session.early if each is not taken)), (taken,)
