"""Waiting for a channel that asks for a moment: how often, how long, and never past the visit's deadline."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from chatflow.errors import ChannelUnavailable

TRIES = 4
_LONGEST_PAUSE = 16.0  # seconds
_RESERVE = 2.0  # seconds to keep for the try itself

_Result = TypeVar("_Result")


def with_patience(
    act: Callable[[], _Result],
    deadline: int,
    *,
    now: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> _Result:
    """Do it, and again while the channel is unavailable: after as long as it asks for, else 1, 2, 4 s and some chance.

    `deadline` is in milliseconds since the epoch. Raises the last ChannelUnavailable when no further try would fit.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return act()
        except ChannelUnavailable as error:
            wait = error.after or min(2.0 ** (attempt - 1), _LONGEST_PAUSE) * random.uniform(0.75, 1.25)  # noqa: S311  # nosec B311
            if attempt == TRIES or now() + wait + _RESERVE > deadline / 1000:
                raise
            pause(wait)
    raise AssertionError  # the loop returns or raises
