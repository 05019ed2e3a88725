"""One message that a conversation owes its customer, as a session stores it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

_GIVE_UP_BEFORE_WINDOW_ENDS: Final = 3600  # seconds
_WITHOUT_WINDOW: Final = 86_400  # seconds; for a channel where a business may always write


@dataclass(frozen=True)
class OwedMessage:
    """One message to send later. Times are in seconds since the epoch.

    `id` is the key of the effect that was to send it, and its tag at the channel. `sent` are the ids of its pieces that
    were sent, "" for one that stays in doubt; `doubts` counts the attempts of the next piece that may have taken
    effect. `wait_seconds`: the session waits for the answer to this message, and its time begins when it is sent.
    """

    id: str
    node_type: str  # the type of the node whose function sends it
    seconds: int  # longest visit of that node
    flow: str
    session: str
    node: str
    visit: int
    effect: str
    content: dict[str, Any]
    reason: str
    since: int
    window: int  # the channel's, in seconds; 0 for none
    due: int = 0
    tries: int = 0
    doubts: int = 0
    sent: tuple[str, ...] = ()
    wait_seconds: int = 0

    def expires_at(self, last_message_at: int) -> int:
        """When the message is given up. It moves with the customer's last message."""
        window_ends = last_message_at + self.window if self.window else self.since + _WITHOUT_WINDOW
        expires = window_ends - _GIVE_UP_BEFORE_WINDOW_ENDS
        return expires if self.since < expires else window_ends  # owed within the last hour: until the window ends
