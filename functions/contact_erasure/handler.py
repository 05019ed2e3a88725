"""The Lambda function that erases everything about one contact, while the conversation's turn waits for it."""

from __future__ import annotations

from functools import cache
from typing import Any

from chatflow.adapters.dead_letters import DeadLetterQueues
from chatflow.adapters.dynamodb.connections import ConnectionEraser
from chatflow.adapters.dynamodb.deliveries import DeliveryEraser
from chatflow.adapters.dynamodb.effects import EffectEraser
from chatflow.adapters.dynamodb.sessions import SessionEraser
from chatflow.logs import logger
from chatflow.settings import ContactErasureSettings
from contact_erasure.erase import Dependencies, erase
from contact_erasure.files import Files

_RESERVE_MILLISECONDS = 15_000  # for the batch that is under way, and for saving the result


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, bool]:
    """Erase what is stored of a conversation; `done` is false when the time ran out first."""

    def in_time() -> bool:
        return int(context.get_remaining_time_in_millis()) > _RESERVE_MILLISECONDS

    done, removed = erase(event["conversation"], int(event["at"]), _dependencies(), in_time, event.get("keys", ()))
    logger.info("erased", extra={"conversation": event["conversation"], "done": done, **removed})
    return {"done": done}


@cache
def _dependencies() -> Dependencies:
    settings = ContactErasureSettings.from_environment()
    queues = DeadLetterQueues(
        "", {"events": settings.events_dead_letters_url, "schedules": settings.schedule_dead_letters_url}
    )
    return Dependencies(
        others=(
            Files(settings.media_bucket),
            EffectEraser(settings.effects_table),
            DeliveryEraser(settings.deliveries_table),
            *([ConnectionEraser(settings.connections_table)] if settings.connections_table else []),
        ),
        conversation=SessionEraser(settings.sessions_table, settings.schedule_group),
        queues=queues,
    )
