"""Timers: queue an event at a later time, by the service that is precise enough and reaches far enough.

SQS delays a message of a standard queue by up to 15 minutes, to the second. EventBridge Scheduler takes any time, and
is precise to the minute. A timer is never cancelled: its event names what it is for, and the event guards ignore one
that comes too late. An erasure does not reach a delayed message, so an event that waits must hold no address and no
content.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from chatflow.adapters import sqs
from chatflow.adapters.scheduler import Scheduler
from chatflow.conversation.deadlines import MAX_DELAY_SECONDS
from chatflow.conversation.events import Event


@dataclass(frozen=True)
class Timers:
    """`clock` is in seconds since the epoch."""

    delayed_events_url: str
    scheduler: Scheduler
    clock: Callable[[], float] = time.time

    def queue_at(self, at: int, event: Event) -> None:
        """Queue the event at `at` (seconds since the epoch), never earlier; at once when `at` is past.

        A second call for the same event may queue it twice, which is harmless.
        """
        delay = max(0, math.ceil(at - self.clock()))
        if delay <= MAX_DELAY_SECONDS:
            sqs.send_delayed(self.delayed_events_url, event, delay)
        else:
            self.scheduler.queue_at(at, event)
