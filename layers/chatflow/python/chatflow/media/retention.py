"""How long a customer's file is retained: the flow's number of days, as a tag for which the bucket has rules. Pure."""

from __future__ import annotations

from typing import Final

TAG: Final = "days"
# The bucket has one lifecycle rule for each: S3 deletes by a rule's own number of days, not by the value of a tag.
STEPS: Final = (1, 3, 7, 14, 30, 60, 90, 180, 365)


def retention_step(days: int) -> int:
    """The longest step that is not longer than `days`; at least one day."""
    return max((each for each in STEPS if each <= days), default=STEPS[0])


def kept_until(days: int, now: int) -> int:
    """Until when a file that is stored `now` is there for certain, in seconds since the epoch; 0 when not known.

    `days`: the flow's retention, 0 when that is not known.
    """
    return now + retention_step(days) * 86_400 if days else 0
