"""The Lambda function `conversation`: runs the turn of one event from the queue."""

from __future__ import annotations

import time
from functools import cache, partial
from typing import Any

from chatflow.adapters import sqs, stepfunctions, throttling
from chatflow.adapters.dynamodb.failed_runs import FailedRuns
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.adapters.dynamodb.live_copies import LiveCopies
from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.adapters.first_event import collecting_afterwards
from chatflow.adapters.scheduler import Scheduler
from chatflow.adapters.stepfunctions import WORKER_SECONDS
from chatflow.adapters.timers import Timers
from chatflow.conversation.events import Event
from chatflow.conversation.queued_events import read_event
from chatflow.errors import InDoubt, NotMovedYet, Throttled, Unfinished, Unreadable
from chatflow.logs import logger
from chatflow.nodes.tasks import SEND_TEXT, STORE_FILE
from chatflow.settings import ConversationSettings
from conversation.erasure_request import request_erasure
from conversation.run_turn import Dependencies, run_turn
from conversation.set_aside import DIED, RUNS, THROTTLED, reason, set_aside


@collecting_afterwards
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any] | None:
    """Run the turn of the one event that SQS delivers (batch size 1). Raising leaves it in the queue.

    So does naming it in the response, for an event that waits for its session to move: nothing failed.
    """
    for record in event["Records"]:
        with throttling.calls_until(time.time() + WORKER_SECONDS):
            if not _process(record):
                return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    return None


def _process(record: dict[str, Any]) -> bool:
    """Run the turn, or set the event aside. False for an event that waits for its session to move."""
    received = int(record["attributes"]["ApproximateReceiveCount"])
    try:
        queued = read_event(record["body"])
    except Unreadable as error:
        logger.warning("event not readable", extra={"received": received, "reason": str(error)})
        _dead_letter_body(record["body"], record["attributes"]["MessageGroupId"])
        return True
    if received > 1 or "fence" in queued:  # it failed before: what is published may have been the reason
        _copies().forget()
    dependencies = _dependencies()
    about = {"conversation": queued["conversation"], "kind": queued["kind"]}
    try:
        if received > 1 and (why := _exhausted(queued, received, dependencies)):
            set_aside(queued, why, dependencies)
            logger.warning("event set aside", extra={**about, "received": received, "reason": why})
            return True
        ending = run_turn(queued, dependencies)
    except NotMovedYet as error:
        logger.info("turn waits for its session", extra={**about, "received": received})
        _after_failure(record, queued, error, received)
        return False
    except Unreadable as error:  # no further attempt would change that
        set_aside(queued, str(error), dependencies)
        logger.warning("event set aside", extra={**about, "received": received, "reason": str(error)})
        return True
    except Exception as error:
        logger.warning("turn failed", extra={**about, "received": received, "reason": type(error).__name__})
        _after_failure(record, queued, error, received)
        raise
    logger.info("turn", extra={**about, "ending": ending})
    return True


def _exhausted(event: Event, received: int, dependencies: Dependencies) -> str:
    """Why an event that came again has no run left; "" when it has one, which is counted from now on."""
    runs = dependencies.runs.begin(event["conversation"], event["id"])
    if runs.count > RUNS:
        return runs.reason or DIED
    if received >= int(ConversationSettings.from_environment().receives):
        return runs.reason or THROTTLED
    return ""


def _after_failure(record: dict[str, Any], event: Event, error: Exception, received: int) -> None:
    """Record why the run failed and whether it counts, and shorten the wait for the next one."""
    settings = ConversationSettings.from_environment()
    tried_nothing = isinstance(error, Throttled | Unfinished | NotMovedYet) or throttling.is_throttle(error)
    # The first run of an event was not counted when it began, the others were.
    change = (0 if tried_nothing else 1) - (1 if received > 1 else 0)
    # A session moves in a fraction of a second, unless its old conversation is busy: then as long as that may be.
    pauses = 0 if isinstance(error, NotMovedYet) and received == 1 else received
    most = int(settings.receives)
    try:
        runs = _dependencies().runs.fail(event["conversation"], event["id"], reason(error), change)
        if not tried_nothing:
            pauses, most = runs.count, RUNS
    except Exception as problem:  # then this run is not counted
        logger.warning("run not counted", extra={"reason": type(problem).__name__})
    # What may still be running must end first: then the event waits for its whole visibility timeout.
    if not isinstance(error, InDoubt):
        sqs.shorten_visibility(settings.events_queue_url, record["receiptHandle"], pauses, most)


def _dead_letter_body(body: str, group: str) -> None:
    sqs.send_body(ConversationSettings.from_environment().events_dead_letters_url, body, group)


def _run_machine(arn: str, traced_percent: float, name: str, machine_input: dict[str, Any]) -> dict[str, Any]:
    return stepfunctions.run(arn, name, machine_input, traced_percent=traced_percent)


@cache
def _copies() -> LiveCopies:
    return LiveCopies()


@cache
def _dependencies() -> Dependencies:
    settings = ConversationSettings.from_environment()
    copies = _copies()
    scheduler = Scheduler(
        group=settings.schedule_group,
        queue_arn=settings.events_queue_arn,
        delayed_events_arn=settings.delayed_events_queue_arn,
        role_arn=settings.schedule_role_arn,
        dead_letters_arn=settings.schedule_dead_letters_arn,
    )
    return Dependencies(
        sessions=SessionStore(settings.sessions_table, settings.flows_table, copies),
        flows=PublishedFlows(settings.flows_table, copies),
        run_machine=partial(_run_machine, settings.turn_machine_arn, float(settings.traced_percent)),
        schedule=Timers(settings.delayed_events_queue_url, scheduler).queue_at,
        # A turn that is repeated queues its `continue` again. Under an equal deduplication id SQS would drop it within
        # five minutes of the first, which may have come to nothing: nothing would wake the session.
        queue=lambda event: sqs.send_duplicate(settings.events_queue_url, event),
        erase=lambda conversation, at, keys: request_erasure(settings.erasure_function, conversation, at, keys),
        runs=FailedRuns(settings.sessions_table),
        dead_letter=lambda event: sqs.send_duplicate(settings.events_dead_letters_url, event),
        task_types={SEND_TEXT: settings.send_text_type, STORE_FILE: settings.store_file_type},
        report=lambda what, about: logger.info(what, extra=about),
    )
