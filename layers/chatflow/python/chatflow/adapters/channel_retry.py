"""Retries a call to a channel while the channel is unavailable, but never past the visit's deadline."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from chatflow.errors import ChannelUnavailable

ATTEMPTS = 4
_MAX_PAUSE = 16.0  # seconds
_RESERVE = 2.0  # seconds to keep for the attempt itself

_Result = TypeVar("_Result")


def with_retries(
    call: Callable[[], _Result],
    deadline: int,
    *,
    now: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> _Result:
    """Call, and call again while the channel is unavailable: after the pause it asks for, else 1, 2, 4 s with jitter.

    `deadline` is in milliseconds since the epoch; `now` and `pause` are in seconds. Raises the last ChannelUnavailable
    when no further attempt would fit.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return call()
        except ChannelUnavailable as error:
            wait = error.after or min(2.0 ** (attempt - 1), _MAX_PAUSE) * random.uniform(0.75, 1.25)  # noqa: S311  # nosec B311
            if attempt == ATTEMPTS or now() + wait + _RESERVE > deadline / 1000:
                raise
            pause(wait)
    raise AssertionError  # the loop returns or raises
