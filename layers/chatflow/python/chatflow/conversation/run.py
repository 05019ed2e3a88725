"""One execution of the state machine, as a turn asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatflow.conversation.events import Event
from chatflow.conversation.owed_message import OwedMessage


@dataclass(frozen=True)
class Run:
    """One execution of the state machine: the session's flow from its present node, or something beside the flow.

    That is a `text` to send, an `owed` message to send, or the file of the event to store (`stores_file`).
    """

    event: Event
    phase: str = "enter"
    text: str = ""
    owed: OwedMessage | None = None
    stores_file: bool = False
    wait_state: dict[str, Any] | None = None
