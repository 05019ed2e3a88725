"""How long a customer's file is kept: as many days as its flow says, by a tag for which the bucket has rules. Pure."""

from __future__ import annotations

from typing import Final

TAG: Final = "days"
# One rule of the bucket for each: S3 deletes by a rule's own number, not by one that stands in a tag.
STEPS: Final = (1, 3, 7, 14, 30, 60, 90, 180, 365)


def step(days: int) -> int:
    """The longest step that is no longer than asked for, and never less than a day."""
    return max((each for each in STEPS if each <= days), default=STEPS[0])
