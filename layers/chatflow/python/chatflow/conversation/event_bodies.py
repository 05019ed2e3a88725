"""The form in which events lie in the queue. Pure.

Apart from the reader and its classes, which whoever only queues events does not load.
"""

from __future__ import annotations

import json
from typing import Final

from chatflow.conversation.events import Event
from chatflow.tolerant_reader import SCHEMA, SCHEMA_VERSION

# SQS refuses a message that holds one of these noncharacters. JSON can escape them.
_ESCAPES: Final = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}


def event_body(event: Event) -> str:
    """The body of a queued event."""
    stored = {**event, SCHEMA: SCHEMA_VERSION}
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
