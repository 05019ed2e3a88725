"""Calls to a business's API: builds the body, streams files both ways, and retries transient failures.

Every attempt of one call carries the same Idempotency-Key, so that an attempt whose answer was lost may be repeated
even for a POST. A stream cannot be sent twice: each attempt opens its files anew.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from chatflow.adapters.s3.media_store import MediaStore
from chatflow.errors import InDoubt, OwnTrouble, Refused, TooLarge, TooSlow, Unavailable
from chatflow.integrations.attachment_name import attachment_name
from chatflow.integrations.holding import retry_after
from chatflow.integrations.response_mapping import ANSWER_LIMIT
from chatflow.media.filenames import clean_filename
from chatflow.media.identification import identify
from chatflow.media.media_rules import check_content
from chatflow.media.profiles import FORMATS, PRODUCT
from chatflow.media.reference import MediaReference
from chatflow.nodes.ports import Answer, Call, Fetch, Part, Response
from chatflow.streams import BLOCK, ExactLengthStream

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
REDIRECTS = 3  # of a GET; a request with a body is never sent to a second address
SHORTEST_ATTEMPT = 1.0  # seconds; with less time left, an attempt would only turn a clear failure into a doubtful one
_FIRST_PAUSE, _MAX_PAUSE = 0.5, 8.0  # seconds, before full jitter
_SAFE = frozenset({"GET", "HEAD"})
_STORED_HEADERS = ("content-type", "retry-after")  # an answer is stored with its effect, and must hold no cookies
_MIMES = frozenset(each.mime for each in FORMATS.values())


@dataclass(frozen=True)
class RetryClock:
    """Time and chance for retries: milliseconds since the epoch, a pause in seconds, a random number from 0 to 1."""

    now: Callable[[], int] = lambda: round(time.time() * 1000)
    pause: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


def perform(
    call: Call,
    *,
    fetch: Fetch,
    store: MediaStore,
    key: str,
    download_key: str,
    deadline: int,
    clock: RetryClock | None = None,
) -> Answer:
    """Make the call, and repeat it while that makes sense, until `deadline` (milliseconds since the epoch).

    `key` names the effect and becomes the Idempotency-Key. `download_key` is the S3 key for an expected file. Any
    answer with a status is returned, the last one when all attempts failed. Raises AddressRefused, Unavailable when
    nothing was sent (its OwnTrouble when that was not the API's doing), InDoubt (or its TooSlow) when the answer to
    some attempt was lost, TooLarge for an answer beyond its limit, MediaRejected for a file that the product's profile
    does not accept.
    """
    clock = clock or RetryClock()
    started = clock.now()
    failure: Answer | Unavailable | InDoubt = OwnTrouble("no time was left for the call")
    doubt: InDoubt | None = None
    for attempt in range(1, call.attempts + 1):
        until = min(deadline, clock.now() + round(call.seconds * 1000))
        if until <= clock.now():
            break
        try:
            answer = _attempt(call, fetch, store, key=key, download_key=download_key, until=until)
            failure = replace(answer, attempts=attempt, milliseconds=clock.now() - started)
            if answer.status not in RETRIED:
                return failure
        except InDoubt as error:
            failure = doubt = TooSlow(str(error)) if _timed_out(error) else error
        except Unavailable as error:
            failure = error
        if call.holds and isinstance(failure, TooSlow):  # it would hang again, and keep the place of a turn
            break
        pause = _retry_pause(attempt, failure, clock)
        if attempt == call.attempts or clock.now() + (pause + SHORTEST_ATTEMPT) * 1000 > deadline:
            break
        clock.pause(pause)
    if isinstance(failure, Answer):
        return failure
    raise doubt or failure


def _attempt(call: Call, fetch: Fetch, store: MediaStore, *, key: str, download_key: str, until: int) -> Answer:
    with ExitStack() as opened:
        headers, body, length = _request_body(call, store, opened)
        names = {name.lower() for name in headers}
        if "accept" not in names:
            headers["Accept"] = "*/*" if call.expects_file else "application/json"
        if call.method not in _SAFE and "idempotency-key" not in names:
            headers["Idempotency-Key"] = hashlib.sha256(key.encode()).hexdigest()[:32]
        redirects = REDIRECTS if call.method == "GET" and body is None else 0
        response = opened.enter_context(
            fetch.open(
                call.method, call.url, deadline=until, headers=headers, body=body, length=length, redirects=redirects
            )
        )
        stored_headers = {name: response.headers[name] for name in _STORED_HEADERS if name in response.headers}
        if call.expects_file and 200 <= response.status < 300:
            return Answer(response.status, stored_headers, file=_store_file(call, response, store, download_key))
        return Answer(response.status, stored_headers, body=_read_body(response))


def _request_body(call: Call, store: MediaStore, opened: ExitStack) -> tuple[dict[str, str], Any, int | None]:
    """Headers, body and length. A multipart body is a stream that reads its files, which `opened` holds open."""
    if not call.parts:
        return dict(call.headers), call.body or None, len(call.body) or None
    from requests_toolbelt.multipart.encoder import MultipartEncoder

    first = next((part for part in call.parts if part.file), None)
    encoder = MultipartEncoder(
        [(part.name, _part_content(part, store, opened, first=part is first)) for part in call.parts]
    )
    return {**call.headers, "Content-Type": encoder.content_type}, encoder, encoder.len


class OneAfterTheOther:
    """A file of a body with several, opened when its turn comes: S3 ends a connection that is not read for long.

    `len` is what is left to read, as MultipartEncoder needs it (see `ExactLengthStream`). Raises Refused, NotPublished
    while the body is sent; the unfinished request has no effect.
    """

    def __init__(self, part: str, file: MediaReference, store: MediaStore, opened: ExitStack) -> None:
        self.len = file.size
        self._part, self._file, self._store = part, file, store
        self._own = opened.enter_context(ExitStack())
        self._stream: ExactLengthStream | None = None

    def open(self) -> None:
        self._stream = self._own.enter_context(self._store.open(self._file.key))
        if self._stream.len != self._file.size:
            raise Refused(f"the file for the part {self._part!r} is not as long as its variable says")

    def read(self, amount: int = -1, /) -> bytes:
        if self._stream is None:
            self.open()
        assert self._stream is not None  # noqa: S101  narrows the type
        block = self._stream.read(amount)
        self._count(self._stream)
        return block

    def read_into(self, buffer: memoryview, /) -> int:
        if self._stream is None:
            self.open()
        assert self._stream is not None  # noqa: S101  narrows the type
        got = self._stream.read_into(buffer)
        self._count(self._stream)
        return got

    def _count(self, stream: ExactLengthStream) -> None:
        self.len = stream.len
        if not self.len:
            self._own.close()


def _part_content(part: Part, store: MediaStore, opened: ExitStack, *, first: bool) -> Any:
    if part.file is None:
        return part.value
    stream: Any = OneAfterTheOther(part.name, part.file, store, opened)
    if first:  # of one file it is known before the request begins that it can be read
        stream.open()
    mime = part.file.mime if part.file.mime in _MIMES else "application/octet-stream"
    return part.file.filename or "file", stream, mime


def _read_body(response: Response) -> bytes:
    """The body, of at most 256 KiB. Raises TooLarge.

    With a status that means failure, a body that is too long or cut off counts as empty: the status says enough.
    """
    body = bytearray()
    try:
        while block := response.read(BLOCK):
            body += block
            if len(body) > ANSWER_LIMIT:
                raise TooLarge(f"the answer is larger than {ANSWER_LIMIT} bytes")
    except (TooLarge, InDoubt, Unavailable):
        if 200 <= response.status < 300:
            raise
        return b""
    return bytes(body)


def _store_file(call: Call, response: Response, store: MediaStore, key: str) -> MediaReference:
    """The body, stored as a file. Raises TooLarge, MediaRejected when the product's profile does not accept it."""
    stored = store.write(key, response, response.length, "application/octet-stream", PRODUCT.largest)
    found = identify(store.reader(key, stored.known), stored.size)
    rejected = check_content(PRODUCT, found, stored.size)
    if rejected or not found:
        store.delete(key)
        raise rejected or AssertionError("the rules accepted a file that was not identified")
    store.mark_clean(key)
    name = clean_filename(call.filename or attachment_name(response.headers, call.url), found)
    return MediaReference(key, stored.sha256, stored.size, found.mime, found.kind, name, encoding=found.encoding)


def _timed_out(error: BaseException | None) -> bool:
    while error and not isinstance(error, TimeoutError):
        error = error.__cause__
    return error is not None


def _retry_pause(attempt: int, failure: Answer | Exception, clock: RetryClock) -> float:
    """Seconds until the next attempt: exponential with full jitter, and never sooner than the server asks."""
    backoff = clock.jitter() * min(_MAX_PAUSE, _FIRST_PAUSE * 2.0 ** (attempt - 1))
    return max(backoff, retry_after(failure, clock.now())) if isinstance(failure, Answer) else backoff
