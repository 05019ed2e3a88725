"""The Lambda that erases all about one contact, while the conversation's turn waits for it."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from chatflow.adapters.dead_letters import Letters
from chatflow.settings import ErasureSettings
from contact_erasure.erase import Places, erase
from contact_erasure.files import Files
from contact_erasure.rows import FoundRows, OwnRows

logger = Logger(service="chatflow", use_rfc3339=True)
_SPARE_MILLISECONDS = 30_000  # for the batch that is under way, and for the report


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, bool]:
    """Erase what there is of a conversation; `done` is false when the time ran out first."""

    def in_time() -> bool:
        return int(context.get_remaining_time_in_millis()) > _SPARE_MILLISECONDS

    done, removed = erase(event["conversation"], int(event["at"]), _places(), in_time)
    logger.info("erased", extra={"conversation": event["conversation"], "done": done, **removed})
    return {"done": done}


@cache
def _places() -> Places:
    settings = ErasureSettings.from_environment()
    letters = Letters("", {"events": settings.events_dead_letters_url, "schedules": settings.schedule_dead_letters_url})
    own = OwnRows(settings.sessions_table, settings.schedule_group)
    return Places(
        elsewhere=(
            letters,
            Files(settings.media_bucket),
            FoundRows(settings.effects_table, "effect", "effects"),
            FoundRows(settings.deliveries_table, "message", "deliveries"),
        ),
        own=own,
    )
