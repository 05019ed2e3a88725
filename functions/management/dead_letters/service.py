"""Whether a dead letter's event may still apply: only where its session stood when it failed. Pure."""

from __future__ import annotations

from chatflow.adapters.dead_letters import QueuedDeadLetter
from chatflow.adapters.dynamodb.transcripts import FailedEvent, StoredSession
from chatflow.conversation.event_guards import is_stale
from chatflow.conversation.events import STATUS, Event, redriven


def event_to_redrive(letter: QueuedDeadLetter, known: FailedEvent, newest: StoredSession | None) -> Event | None:
    """The event with its fence; None when its session has moved on, or when it is no event at all."""
    event = letter.event
    if event is None or event["kind"] == STATUS:  # word of a delivery moves no session
        return event
    session = newest.session if newest else None
    if known.failure:
        event = redriven(event, known.failure["session"], known.failure["turn"])
    elif newest and newest.updated_at >= letter.moved_at:
        return None  # nobody wrote down where it stood, and it moved since, or in the same second
    else:
        event = redriven(event, session.session if session else "", session.turn if session else 0)
    return None if is_stale(event, session) else event
