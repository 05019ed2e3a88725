"""The Lambda behind the queue: one event in, one turn taken."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from chatflow.adapters import sqs, stepfunctions
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.adapters.dynamodb.sessions import Sessions
from chatflow.adapters.scheduler import Schedules
from chatflow.conversation.events import Event
from chatflow.errors import InDoubt
from chatflow.settings import ConversationSettings
from conversation.erasure_request import ask_to_erase
from conversation.record_failure import set_aside
from conversation.turn import World, take_turn

logger = Logger(service="chatflow", use_rfc3339=True)


def lambda_handler(event: dict[str, Any], _context: Any) -> None:
    """Take the turn of the one event that SQS hands over (batch size 1). Raising leaves it in the queue."""
    for record in event["Records"]:
        wake = json.loads(record["body"])
        about = {"conversation": wake["conversation"], "kind": wake["kind"]}
        try:
            ending = take_turn(wake, _world())
        except Exception as error:
            received = int(record["attributes"]["ApproximateReceiveCount"])
            logger.warning("turn failed", extra={**about, "received": received, "reason": type(error).__name__})
            _after_failure(record, wake, error, received)
            raise
        logger.info("turn", extra={**about, "ending": ending})


def _after_failure(record: dict[str, Any], wake: Event, error: Exception, received: int) -> None:
    settings = ConversationSettings.from_environment()
    receives = int(settings.receives)
    if received >= receives:
        try:
            set_aside(wake, error, _world())
        except Exception as trouble:  # the list of dead letters then says that no reason is known
            logger.warning("reason not kept", extra={"reason": type(trouble).__name__})
    # What may still be running must end first: then the event waits for its whole visibility timeout.
    if not isinstance(error, InDoubt):
        sqs.hasten(settings.events_queue_url, record["receiptHandle"], received, receives)


@cache
def _world() -> World:
    settings = ConversationSettings.from_environment()
    schedules = Schedules(
        group=settings.schedule_group,
        queue_arn=settings.events_queue_arn,
        role_arn=settings.schedule_role_arn,
        dead_letters_arn=settings.schedule_dead_letters_arn,
    )
    return World(
        sessions=Sessions(settings.sessions_table, settings.flows_table),
        flows=PublishedFlows(settings.flows_table),
        run_machine=lambda name, given: stepfunctions.run(settings.turn_machine_arn, name, given),
        schedule=schedules.at,
        queue=lambda wake: sqs.send(settings.events_queue_url, [wake]),
        erase=lambda conversation, at: ask_to_erase(settings.erasure_function, conversation, at),
    )
