"""Times in the API: RFC 3339, in UTC, to the second."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime, Field

Time = Annotated[str, Field(description="RFC 3339, UTC.", json_schema_extra={"format": "date-time"})]
Since = Annotated[AwareDatetime | None, Query(description="Nothing that is older (RFC 3339, with its offset).")]
Until = Annotated[AwareDatetime | None, Query(description="Nothing that is newer (RFC 3339, with its offset).")]


_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)


def seconds(moment: datetime) -> float:
    """Since the epoch; a time outside of all that is kept here counts as its first or last."""
    return max(_FIRST, min(moment, _LAST)).timestamp()


def rfc3339(seconds: float) -> str:
    """From seconds since the epoch: "2026-11-22T18:00:00Z"."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")
