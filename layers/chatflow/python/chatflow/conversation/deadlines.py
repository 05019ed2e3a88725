"""One timer for a conversation, however often the deadline of its session moves. Pure.

Nearly every turn moves the deadline on, and nearly every deadline comes to nothing, because the customer answers. So a
turn sets a timer only if no timer of an earlier turn fires in time. One that fires before the deadline is set again for
it, without a turn; the function `delayed_events` does so, or `conversation` where the timer's event reaches it.

Nothing cancels a timer. The session stores the last one that a turn set; one that is due earlier comes to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chatflow.conversation.events import Event, timeout_event

MAX_DELAY_SECONDS: Final = 900  # a timer of up to 15 minutes is precise to the second: SQS's limit of DelaySeconds
_LATE_SECONDS: Final = 60  # a longer one is a schedule, which EventBridge starts within a minute
# A turn relies on a timer only if its session is saved before that timer fires, however slow the save is. No worker
# lives for so long (`WORKER_SECONDS`).
_SAVED_SECONDS: Final = 90


@dataclass(frozen=True)
class Timer:
    """A timer that was set: it fires at `at` at the earliest and at `by` at the latest (seconds since the epoch)."""

    at: int
    by: int


@dataclass(frozen=True)
class Awaited:
    """What a stored session says about its wait: its id, its last turn, the deadline, and when its timer is due.

    Times are in seconds since the epoch, 0 for none.
    """

    conversation: str
    session: str
    turn: int
    deadline: int
    timer: int


def timer_for(deadline: int, now: int) -> Timer:
    """The timer that is set `now` for a deadline."""
    return Timer(deadline, deadline if deadline - now <= MAX_DELAY_SECONDS else deadline + _LATE_SECONDS)


def serves(timer: Timer | None, deadline: int, now: int) -> bool:
    """Whether a timer that was set earlier fires in time for a deadline: no later than one that is set now would."""
    if timer is None or timer.at < now + _SAVED_SECONDS:
        return False
    return timer.by <= timer_for(deadline, now).by


def present_timeout(event: Event, awaited: Awaited) -> Event | None:
    """The event for the session's present deadline, in place of the `timeout` event of a timer that has fired.

    None where nothing is to come: the session has no deadline, or a timer is still to fire that was set after this one.
    A session without a timer relies on none of an earlier turn: an earlier version saved it.
    """
    if not awaited.deadline or not awaited.timer or event["deadline"] < awaited.timer:
        return None
    return timeout_event(awaited.conversation, awaited.session, awaited.turn, awaited.deadline)
