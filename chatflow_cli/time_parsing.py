"""Parses the times that people type: relative (`2h`), a date, or a date and time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from chatflow_cli.errors import UsageError

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def parse_time(text: str, now: datetime | None = None) -> str:
    """Convert to the API's format, UTC to the second; "" stays "". Raises UsageError.

    Accepts `30m`, `2h` and `3d` (ago), and ISO 8601 dates and times; without an offset, this machine's time zone holds.
    """
    if not text:
        return ""
    if ago := re.fullmatch(r"(\d{1,5})([mhd])", text):
        time = (now or datetime.now(UTC)) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    else:
        try:
            time = datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            raise UsageError(
                f'"{text}" is no time.', advice="Such as 30m, 2h, 3d, 2026-11-22, or 2026-11-22T18:00"
            ) from None
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
