"""Meta's limit of messages from one business to one customer, and the shape of its bursts."""

from __future__ import annotations

from dataclasses import dataclass

BURST = 45  # messages that may be sent at once, borrowed from the future
SECONDS_PER_MESSAGE = 6.0


@dataclass
class Pace:
    """How much of the pair's allowance is left."""

    left: float = BURST
    counted_at: float = 0.0

    def allows(self, now: float) -> bool:
        """Take one message from the allowance; False when there is none left."""
        self.left = min(BURST, self.left + (now - self.counted_at) / SECONDS_PER_MESSAGE) if self.counted_at else BURST
        self.counted_at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True
