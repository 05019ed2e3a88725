"""Times in the API: RFC 3339, in UTC, to the second."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime, BeforeValidator, Field

_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _require_rfc3339(value: Any) -> Any:
    """Pydantic alone would also accept numbers (as seconds) and many other formats."""
    if isinstance(value, str) and not _RFC3339.fullmatch(value):
        raise ValueError("a time as in RFC 3339, such as 2026-11-22T18:00:00Z")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_require_rfc3339)]
Time = Annotated[str, Field(description="RFC 3339, UTC.", json_schema_extra={"format": "date-time"})]
Since = Annotated[Moment | None, Query(description="Nothing older than this (RFC 3339, with its offset).")]
Until = Annotated[Moment | None, Query(description="Nothing newer than this (RFC 3339, with its offset).")]

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)
_LAST_SECOND = int(_LAST.timestamp())


def seconds(moment: datetime) -> float:
    """Seconds since the epoch, limited to the years 2000 to 2999: no row is older or newer."""
    return max(_FIRST, min(moment, _LAST)).timestamp()


def rfc3339(seconds: float) -> str:
    """Seconds since the epoch as a text: "2026-11-22T18:00:00Z"."""
    limited = max(0, min(int(seconds), _LAST_SECOND))  # a damaged row may hold any number
    return datetime.fromtimestamp(limited, UTC).isoformat().replace("+00:00", "Z")
