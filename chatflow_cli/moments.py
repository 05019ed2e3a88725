"""Times as people write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from chatflow_cli.exits import Usage

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def moment(text: str, now: datetime | None = None) -> str:
    """For the API, of `2h` (ago), a date or a time in this machine's zone, or a full one; "" stays "". Raises Usage."""
    if not text:
        return ""
    if ago := re.fullmatch(r"(\d{1,5})([mhd])", text):
        then = (now or datetime.now(UTC)) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    else:
        try:
            then = datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            raise Usage(
                f'"{text}" is no time.', advice="Such as 30m, 2h, 3d, 2026-11-22, or 2026-11-22T18:00"
            ) from None
    return then.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
