"""Moments in time: the next time of day in a zone, and the time that a variable holds. Pure.

Times are in seconds since the epoch. `datetime` and `zoneinfo` are loaded at the first use: most visits need neither.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Any, Final

SHORTEST: Final = 30  # seconds, of a wait
LONGEST: Final = 30 * 86_400
_MOST_CHARACTERS: Final = 100  # of a time that is written as a text
# Ten digits begin in 2001, and thirteen would be milliseconds. Eight would be a date.
_SECONDS: Final = re.compile(r"[0-9]{10,12}(\.[0-9]{1,9})?")


@cache
def zones() -> frozenset[str]:
    """The time zones of the package that is deployed, which nodes find also where the system has none."""
    from importlib import resources

    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def next_time_of_day(clock: str, zone: str, now: int) -> int:
    """The next moment after `now` at which the clocks of a zone show this time ("09:00"), each day once.

    A time that a day has twice, because clocks are set back, is its first. One that a day lacks, because they are set
    forward, is as long after the change as it would have been without it: 02:30 becomes 03:30. So says RFC 5545.
    Raises ValueError or KeyError for a zone that does not exist.
    """
    from datetime import datetime, time, timedelta
    from zoneinfo import ZoneInfo

    place = ZoneInfo(zone)
    today = datetime.fromtimestamp(now, place).date()
    wanted = time.fromisoformat(clock)
    days = (today + timedelta(days=each) for each in range(3))
    moments = (int(datetime.combine(day, wanted, place).timestamp()) for day in days)
    return next(moment for moment in moments if moment > now)


def moment_of(value: Any) -> int | None:
    """The time that a variable holds, None for anything else.

    That is a text with date, time and offset in ISO 8601, or a number of seconds since the epoch, also as a text; a
    number that is too small for a time of this century is none. Fractions are rounded up: nothing happens too early.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    if len(text) > _MOST_CHARACTERS:
        return None
    if _SECONDS.fullmatch(text):
        return math.ceil(float(text))
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return math.ceil(moment.timestamp()) if moment.tzinfo else None
