"""The Lambda behind the queue: one event in, one turn taken."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from chatflow.adapters import machine, queue
from chatflow.adapters.published import Flows
from chatflow.adapters.schedule import Schedules
from chatflow.adapters.sessions import Sessions
from chatflow.errors import InDoubt
from chatflow.settings import ConversationSettings
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
            # What may still be running must end first: then the event waits for its whole visibility timeout.
            if not isinstance(error, InDoubt):
                queue.hasten(
                    ConversationSettings.from_environment().events_queue_url, record["receiptHandle"], received
                )
            raise
        logger.info("turn", extra={**about, "ending": ending})


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
        flows=Flows(settings.flows_table),
        run_machine=lambda name, given: machine.run(settings.turn_machine_arn, name, given),
        schedule=schedules.at,
        queue=lambda wake: queue.send(settings.events_queue_url, [wake]),
    )
