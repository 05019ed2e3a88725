"""What WhatsApp knows of a customer: whether the number is visible, the 24-hour window, and the rate limit."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field

from local.simulator.conversations import Contact

WINDOW_SECONDS = 24 * 3600

BURST_MESSAGES = 45  # messages that a business may send to one customer at once, borrowed from the future
SECONDS_PER_MESSAGE = 6.0


def new_wamid(contact: str) -> str:
    """A message id in Meta's form: base64 of the number and a random part, so it may hold `+`, `/` and `=`."""
    raw = b"\x1c\x18" + bytes([len(contact)]) + contact.encode() + b"\x15\x02\x00\x12\x18\x14" + secrets.token_bytes(20)
    return "wamid." + base64.b64encode(raw + b"\x00").decode()


@dataclass
class PairRateLimit:
    """Meta's limit of messages from one business to one customer: a burst, then one message every six seconds."""

    remaining: float = BURST_MESSAGES
    updated_at: float = 0.0

    def take(self, now: float) -> bool:
        """Consume one message of the allowance; False when none is left."""
        if self.updated_at:
            refilled = (now - self.updated_at) / SECONDS_PER_MESSAGE
            self.remaining = min(BURST_MESSAGES, self.remaining + refilled)
        else:
            self.remaining = BURST_MESSAGES
        self.updated_at = now
        if self.remaining < 1:
            return False
        self.remaining -= 1
        return True


@dataclass
class WhatsAppContact(Contact):
    """One customer; the id is the phone number."""

    hides_number: bool | None = None  # None: while they have a username
    window_until: float = 0.0  # free-form messages of the business are accepted until then
    rate_limit: PairRateLimit = field(default_factory=PairRateLimit)

    @property
    def number_hidden(self) -> bool:
        """Whether the business knows the customer by the user id alone."""
        return bool(self.username) if self.hides_number is None else self.hides_number
