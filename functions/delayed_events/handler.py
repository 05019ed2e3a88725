"""The Lambda function `delayed_events`: forwards events whose time has come to their conversations' queue.

A FIFO queue takes no delay for a single message, so events wait in a standard queue. It may deliver one twice or out of
order. Both are harmless: an event's id makes the second one a duplicate, and an event names the wait that it is for.

Most deadlines have moved on, or come to nothing, before their timer fires (`chatflow.conversation.deadlines`). Such a
timer is set again or dropped here, so that it costs no turn.
"""

from __future__ import annotations

import json
import time
from functools import cache
from typing import Any

from chatflow.adapters import sqs
from chatflow.adapters.dynamodb.awaited import awaited
from chatflow.adapters.scheduler import Scheduler
from chatflow.adapters.timers import Timers
from chatflow.conversation.deadlines import Awaited, present_timeout
from chatflow.conversation.events import TIMEOUT, Event
from chatflow.logs import logger
from chatflow.settings import DelayedEventsSettings


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Process a batch of delayed events. The ids in the answer are those that SQS must deliver again."""
    failed = []
    events: dict[str, Event] = {}
    for record in event["Records"]:
        try:
            events[record["messageId"]] = _read(record["body"])
        except ValueError as error:
            failed.append(_failure(record["messageId"], error))
    waits = _waits(list(events.values()))
    for message, queued in events.items():
        try:
            _process(queued, waits.get(queued["conversation"]))
        except Exception as error:  # one event must not hold up the others
            failed.append(_failure(message, error))
    return {"batchItemFailures": failed}


def _process(event: Event, wait: Awaited | None) -> None:
    """Forward the event, or one for the present deadline; or set the timer again; or drop it.

    Forwarded as it is: what is no timeout, and one about which the stored session says nothing. Its turn may still be
    under way, behind which it then waits in the queue.
    """
    queue_url = DelayedEventsSettings.from_environment().events_queue_url
    if not _is_timer(event) or wait is None or event["turn"] > wait.turn:
        sqs.send(queue_url, [event])
    elif present := present_timeout(event, wait):
        if present["deadline"] <= time.time():
            sqs.send(queue_url, [present])
        else:
            _timers().queue_at(present["deadline"], present)


def _waits(events: list[Event]) -> dict[str, Awaited]:
    """What the sessions wait for whose timers have fired. Without an answer of DynamoDB, events are only forwarded."""
    conversations = [event["conversation"] for event in events if _is_timer(event)]
    try:
        return awaited(DelayedEventsSettings.from_environment().sessions_table, conversations)
    except Exception as error:
        logger.warning("sessions not read", extra={"reason": type(error).__name__})
        return {}


def _is_timer(event: Event) -> bool:
    """Whether the event comes from a timer for a deadline. A redriven one is about the wait of its failure."""
    return event["kind"] == TIMEOUT and "fence" not in event


def _read(body: str) -> Event:
    event: Event = json.loads(body)
    if not isinstance(event, dict) or not {"kind", "conversation"} <= event.keys():
        raise ValueError("not an event")
    return event


def _failure(message: str, error: Exception) -> dict[str, str]:
    logger.warning("delayed event not forwarded", extra={"reason": type(error).__name__})
    return {"itemIdentifier": message}


@cache
def _timers() -> Timers:
    settings = DelayedEventsSettings.from_environment()
    scheduler = Scheduler(
        group=settings.schedule_group,
        queue_arn=settings.events_queue_arn,
        delayed_events_arn=settings.delayed_events_queue_arn,
        role_arn=settings.schedule_role_arn,
        dead_letters_arn=settings.schedule_dead_letters_arn,
    )
    return Timers(settings.delayed_events_queue_url, scheduler)
