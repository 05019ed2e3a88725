"""Repeats an upload that a channel did not take, at once: what needs more patience is sent later.

Only for calls of which a second one does no harm.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from chatflow.errors import ChannelUnavailable

ATTEMPTS = 3
_MAX_PAUSE = 3.0  # seconds; a visit does not wait longer
_RESERVE = 2.0  # seconds to keep for the attempt itself

_Result = TypeVar("_Result")


def with_retries(
    call: Callable[[], _Result],
    deadline: int,
    *,
    now: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> _Result:
    """Call, and call again while the channel is unavailable: after the pause it asks for, else 1 and 2 s with jitter.

    `deadline` is in milliseconds since the epoch; `now` and `pause` are in seconds. Raises the last ChannelUnavailable
    when no further attempt would fit.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return call()
        except ChannelUnavailable as error:
            wait = error.after or 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311  # nosec B311
            if attempt == ATTEMPTS or wait > _MAX_PAUSE or now() + wait + _RESERVE > deadline / 1000:
                raise
            pause(wait)
    raise AssertionError  # the loop returns or raises
