"""Repeats a call that AWS refused because of its rate, alone and within the time of the present visit or turn.

A refused call did nothing, so repeating it is safe, even where no other call may be repeated (a second execution of a
turn). The usual retries know no deadline and end after a second or two, when the whole turn would be repeated.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html, and what single services add: S3
# (SlowDown), Lambda and Scheduler (TooManyRequests, Throttling), SQS with a KMS key, DynamoDB (a single write on an
# item that a transaction is writing, or that another Region is).
CODES: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "KMS.ThrottlingException",
        "KmsThrottled",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_CANCELLED: Final = "TransactionCanceledException"
_CONFLICT: Final = "TransactionConflict"  # another transaction on the item is under way
_PATIENCE: Final = 5.0  # seconds, where nobody named a deadline
RESERVE: Final = 1.0  # seconds to keep for the call itself
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 4.0  # seconds

_until: float = 0.0  # seconds since the epoch; 0: nobody named a deadline


@contextmanager
def calls_until(deadline: float) -> Iterator[None]:
    """Within the block, throttled calls are repeated until `deadline` (seconds since the epoch)."""
    global _until  # noqa: PLW0603  one invocation at a time
    before, _until = _until, deadline
    try:
        yield
    finally:
        _until = before


def pause_before(attempt: int, started: float) -> float | None:
    """The seconds to wait before this attempt (2 is the first repetition); None when the time is over.

    `started`: when the first attempt was made, in seconds since the epoch.
    """
    longest = min(_FIRST_PAUSE * 2.0 ** (attempt - 2), _LONGEST_PAUSE)
    wait = longest * random.uniform(0.5, 1.0)  # noqa: S311  # nosec B311
    until = _until or started + _PATIENCE
    return wait if time.time() + wait + RESERVE <= until else None


def is_throttled(answer: dict[str, Any]) -> bool:
    """Whether an answer of AWS, in the shape of botocore's, refuses a call because of its rate."""
    code = str(answer.get("Error", {}).get("Code", ""))
    if code == _CANCELLED:
        reasons = {str(each.get("Code")) for each in answer.get("CancellationReasons", ())} - {"None"}
        return bool(reasons) and reasons <= {*CODES, _CONFLICT}
    return code in CODES


def is_throttle(error: BaseException) -> bool:
    """Whether an exception of an AWS client says that the call was refused because of its rate."""
    answer = getattr(error, "response", None)
    return isinstance(answer, dict) and is_throttled(answer)
