"""Messages that come while a session waits for a verdict or a delivery: they are held, in their order. Pure.

They are for a later node, as an album's next photo is.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from chatflow.conversation.events import Event
from chatflow.conversation.session import Session

# An album may have a hundred files; an item of the table ends at 400 KB, and its variables may take 64.
MAX_HELD_MESSAGES: Final = 100
MAX_HELD_BYTES: Final = 128 * 1024
TOO_MANY_HELD: Final = "too_many_held"  # why a message was dropped


def with_held(session: Session, event: Event) -> Session | None:
    """The session that holds the event too, None if it already holds as much as it may."""
    held = (*session.held, event)
    if len(held) > MAX_HELD_MESSAGES or len(json.dumps(held, ensure_ascii=False).encode()) > MAX_HELD_BYTES:
        return None
    return replace(session, held=held)
