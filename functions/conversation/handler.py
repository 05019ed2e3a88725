"""The Lambda function `conversation`: runs the turn of one event from the queue."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from chatflow.adapters import sqs, stepfunctions
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.adapters.scheduler import Scheduler
from chatflow.adapters.timers import Timers
from chatflow.conversation.events import Event
from chatflow.errors import InDoubt, NotMovedYet
from chatflow.settings import ConversationSettings
from conversation.erasure_request import request_erasure
from conversation.record_failure import record_failure
from conversation.run_turn import Dependencies, run_turn

logger = Logger(service="chatflow", use_rfc3339=True)


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any] | None:
    """Run the turn of the one event that SQS delivers (batch size 1). Raising leaves it in the queue.

    So does naming it in the response, for an event that waits for its session to move: nothing failed.
    """
    for record in event["Records"]:
        queued: Event = json.loads(record["body"])
        about = {"conversation": queued["conversation"], "kind": queued["kind"]}
        try:
            ending = run_turn(queued, _dependencies())
        except NotMovedYet as error:
            received = int(record["attributes"]["ApproximateReceiveCount"])
            logger.info("turn waits for its session", extra={**about, "received": received})
            _after_failure(record, queued, error, received)
            return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
        except Exception as error:
            received = int(record["attributes"]["ApproximateReceiveCount"])
            logger.warning("turn failed", extra={**about, "received": received, "reason": type(error).__name__})
            _after_failure(record, queued, error, received)
            raise
        logger.info("turn", extra={**about, "ending": ending})
    return None


def _after_failure(record: dict[str, Any], event: Event, error: Exception, received: int) -> None:
    """Shorten the wait for the next attempt. After the last one, record why the event failed."""
    settings = ConversationSettings.from_environment()
    receives = int(settings.receives)
    if received >= receives:
        try:
            record_failure(event, error, _dependencies())
        except Exception as problem:  # the list of dead letters then shows no reason
            logger.warning("reason not kept", extra={"reason": type(problem).__name__})
    # What may still be running must end first: then the event waits for its whole visibility timeout.
    if not isinstance(error, InDoubt):
        # A session moves in a fraction of a second, unless its old conversation is busy: then as long as that may be.
        tries = 0 if isinstance(error, NotMovedYet) and received == 1 else received
        sqs.shorten_visibility(settings.events_queue_url, record["receiptHandle"], tries, receives)


@cache
def _dependencies() -> Dependencies:
    settings = ConversationSettings.from_environment()
    scheduler = Scheduler(
        group=settings.schedule_group,
        queue_arn=settings.events_queue_arn,
        role_arn=settings.schedule_role_arn,
        dead_letters_arn=settings.schedule_dead_letters_arn,
    )
    return Dependencies(
        sessions=SessionStore(settings.sessions_table, settings.flows_table),
        flows=PublishedFlows(settings.flows_table),
        run_machine=lambda name, machine_input: stepfunctions.run(settings.turn_machine_arn, name, machine_input),
        schedule=Timers(settings.delayed_events_queue_url, scheduler).queue_at,
        # A turn that is repeated queues its `continue` again. Under an equal deduplication id SQS would drop it within
        # five minutes of the first, which may have come to nothing: nothing would wake the session.
        queue=lambda event: sqs.send_duplicate(settings.events_queue_url, event),
        erase=lambda conversation, at, keys: request_erasure(settings.erasure_function, conversation, at, keys),
        report=lambda what, about: logger.info(what, extra=about),
    )
