"""Calls to a business's API, made again while they fail for reasons that pass.

Every attempt of one call carries the same Idempotency-Key, so that an attempt whose answer was lost may be repeated
even where it was a POST. A stream that was read cannot be sent again: each attempt opens its files anew.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime

from chatflow.adapters.http.integration_bodies import incoming, incoming_file, outgoing
from chatflow.adapters.s3.media_store import MediaStore
from chatflow.errors import InDoubt, TooSlow, Unavailable
from chatflow.nodes.ports import Answer, Call, Fetch

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
REDIRECTS = 3  # of a GET; what carries a body is never sent to a second address
SHORTEST_ATTEMPT = 1.0  # seconds; with less left an attempt would only turn a clear answer into a doubtful one
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0  # seconds, before full jitter
_SAFE = frozenset({"GET", "HEAD"})
_KEPT_HEADERS = ("content-type", "retry-after")  # an answer is stored with its effect: no cookies in it


@dataclass(frozen=True)
class Pace:
    """The clock of retries: milliseconds since the epoch, a pause in seconds, a number from 0 to 1."""

    now: Callable[[], int] = lambda: round(time.time() * 1000)
    pause: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


def perform(
    call: Call,
    *,
    fetch: Fetch,
    store: MediaStore,
    key: str,
    keep: str,
    deadline: int,
    pace: Pace | None = None,
) -> Answer:
    """Make the call, and again while that makes sense, until `deadline` (milliseconds since the epoch).

    `key` names the effect and becomes the Idempotency-Key; `keep` is the object under which an expected file is kept.
    Any answer with a status is returned, the last one when all failed. Raises AddressRefused, Unavailable when nothing
    was sent, InDoubt (or its TooSlow) when the answer to some attempt was lost, TooLarge for an answer beyond its
    limit, MediaRejected for a file that the guide's table does not take.
    """
    pace = pace or Pace()
    began = pace.now()
    failure: Answer | Unavailable | InDoubt = Unavailable("no time was left for the call")
    doubt: InDoubt | None = None
    for attempt in range(1, call.attempts + 1):
        until = min(deadline, pace.now() + round(call.seconds * 1000))
        if until <= pace.now():
            break
        try:
            answer = _attempt(call, fetch, store, key=key, keep=keep, until=until)
            failure = replace(answer, attempts=attempt, milliseconds=pace.now() - began)
            if answer.status not in RETRIED:
                return failure
        except InDoubt as error:
            failure = doubt = TooSlow(str(error)) if _timed_out(error) else error
        except Unavailable as error:
            failure = error
        pause = _pause(attempt, failure, pace)
        if attempt == call.attempts or pace.now() + (pause + SHORTEST_ATTEMPT) * 1000 > deadline:
            break
        pace.pause(pause)
    if isinstance(failure, Answer):
        return failure
    raise doubt or failure


def _attempt(call: Call, fetch: Fetch, store: MediaStore, *, key: str, keep: str, until: int) -> Answer:
    with ExitStack() as opened:
        headers, body, length = outgoing(call, store, opened)
        named = {name.lower() for name in headers}
        if "accept" not in named:
            headers["Accept"] = "*/*" if call.expects_file else "application/json"
        if call.method not in _SAFE and "idempotency-key" not in named:
            headers["Idempotency-Key"] = hashlib.sha256(key.encode()).hexdigest()[:32]
        redirects = REDIRECTS if call.method == "GET" and body is None else 0
        response = opened.enter_context(
            fetch.open(
                call.method, call.url, deadline=until, headers=headers, body=body, length=length, redirects=redirects
            )
        )
        told = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        if call.expects_file and 200 <= response.status < 300:
            return Answer(response.status, told, file=incoming_file(call, response, store, keep))
        return Answer(response.status, told, body=incoming(response))


def _timed_out(error: BaseException | None) -> bool:
    while error and not isinstance(error, TimeoutError):
        error = error.__cause__
    return error is not None


def _pause(attempt: int, failure: Answer | Exception, pace: Pace) -> float:
    """Seconds until the next attempt: exponential with full jitter, and never sooner than the server asks."""
    backoff = pace.chance() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (attempt - 1))
    return max(backoff, _asked(failure, pace)) if isinstance(failure, Answer) else backoff


def _asked(answer: Answer, pace: Pace) -> float:
    """Retry-After, in seconds: a number or a date (RFC 9110, 10.2.3)."""
    written = answer.headers.get("retry-after", "").strip()
    if written.isdecimal() and written.isascii():
        return float(written[:9])
    try:
        return parsedate_to_datetime(written).timestamp() - pace.now() / 1000
    except (ValueError, OverflowError):
        return 0.0
