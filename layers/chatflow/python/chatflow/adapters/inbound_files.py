"""A customer's file: downloaded from the channel, checked and stored, with retries while the channel is unavailable.

A file is checked twice. The first 256 KiB decide what they can before anything is stored: a longer file must still
show its end, but one that begins as a format that is not accepted need not be downloaded. The rest is checked in the
store (the first and last pieces are remembered from the upload). Nothing is handed out before the whole file was
checked, and a rejected file is deleted.

The address that comes with a message may answer with something else than the file, such as an HTML page. So what came
from there and does not have the announced hash is looked up once by the file's id.
"""

from __future__ import annotations

import hashlib
import random
import secrets
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from typing import Protocol

from chatflow.adapters.s3.media_store import MediaStore
from chatflow.errors import (
    ChatflowError,
    InDoubt,
    MediaRejected,
    MediaUnavailable,
    NotPublished,
    TooLarge,
    Unavailable,
)
from chatflow.media.filenames import clean_filename
from chatflow.media.identification import identify, identify_by_head
from chatflow.media.media_rules import (
    check_announced_size,
    check_content,
    rejected_as_broken,
    rejected_as_too_large,
    rejected_as_unsafe,
)
from chatflow.media.profiles import Format, Profile
from chatflow.media.ranges import InvalidFile
from chatflow.media.reference import MediaReference
from chatflow.messages import IncomingMedia
from chatflow.nodes.ports import Readable
from chatflow.streams import ResumedStream, StreamedFile, read_head

MAX_ATTEMPTS = 3
RESERVE = 8_000  # milliseconds of a visit that are left for telling the customer the result
HEAD = 256 * 1024  # bytes that are checked before anything is stored
_MAX_PAUSE = 8.0  # seconds
_UNKNOWN_MIME = "application/octet-stream"  # of an object whose format is not known yet


class Download(Readable, Protocol):
    """A file as a channel's client opens it. Unknown: `length` is None, `size` 0, `sha256` ""."""

    length: int | None
    size: int
    sha256: str


class ChannelClient(Protocol):
    """The part of a channel's client that is needed here."""

    def open(self, media: IncomingMedia, deadline: int) -> AbstractContextManager[Download]: ...


@dataclass(frozen=True)
class CheckedFile:
    """A file that was accepted and stored."""

    stored: StreamedFile
    format: Format


def receive_file(
    client: ChannelClient,
    media: IncomingMedia,
    profile: Profile,
    *,
    key: str,
    store: MediaStore,
    deadline: int,
    scanned: bool = False,
    now: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> MediaReference:
    """Store a customer's file under `key`, if the profile accepts it. `deadline` is in milliseconds since the epoch.

    Where a malware scanner looks at files (`scanned`), a random suffix makes the key unique, so that it is written
    once: otherwise a verdict on an earlier object at this key, or its tag, would apply to other bytes.

    Raises MediaRejected for what the file is, MediaUnavailable when it could not be downloaded and stored in time.
    After any error nothing is left in the bucket.
    """
    if rejected := check_announced_size(profile, media.size):
        raise rejected
    until = deadline - RESERVE
    looked_up = False  # after the message's own address gave something else
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            with client.open(media, until) as download:
                return _store_download(download, media, profile, key=key, store=store, scanned=scanned)
        except TooLarge:  # the channel hands over no file of that size
            raise rejected_as_too_large(profile) from None
        except (Unavailable, InDoubt, MediaRejected) as error:
            if isinstance(error, MediaRejected):
                unproven = error.reason == "broken" or not media.sha256
                if media.url and unproven and attempt < MAX_ATTEMPTS:
                    media, looked_up = replace(media, url=""), True
                    continue
                if error.reason != "broken" or looked_up:
                    raise
            wait = _retry_pause(error, attempt)
            if attempt == MAX_ATTEMPTS or now() + wait >= until / 1000:
                if isinstance(error, MediaRejected):
                    raise
                raise MediaUnavailable(f"a customer's file could not be stored: {error}") from error
            pause(wait)
    raise AssertionError  # the loop returns or raises


def store_checked(
    store: MediaStore,
    key: str,
    source: Readable,
    length: int | None,
    *,
    profile: Profile,
    announced_kind: str = "",
    announced_size: int = 0,
    sha256: str = "",
    scanned: bool = False,
) -> CheckedFile:
    """Store a stream of `length` bytes (None: unknown) under this key, if the profile accepts its content.

    `sha256` is the announced hash in lower-case hex, "" for none; without one, the size must equal `announced_size`
    (bytes, 0 for unknown). With `scanned` the object stays tagged as new, since only the scanner may mark it clean.
    Raises MediaRejected, Unavailable, and what the source raises. After any error nothing is left in the bucket.
    """
    if rejected := check_announced_size(profile, length or 0):
        raise rejected
    head = read_head(source, HEAD)
    size = len(head) if len(head) < HEAD and length is None else length
    found, is_final = _identify_from_head(head, sys.maxsize if size is None else size, profile.active_content)
    if found is not None and (rejected := check_content(profile, found, size or len(head), announced_kind)):
        raise rejected_as_broken(profile) if _is_another_file(head, sha256, announced_size) else rejected
    try:
        stored = store.write(
            key, ResumedStream(head, source), size, found.mime if found else _UNKNOWN_MIME, profile.largest
        )
    except TooLarge:
        raise rejected_as_too_large(profile) from None
    try:
        if (stored.sha256 != sha256) if sha256 else (announced_size not in (0, stored.size)):
            raise rejected_as_broken(profile)
        if not is_final or found is None:
            found = identify(store.reader(key, stored.known), stored.size, active_content=profile.active_content)
        rejected = check_content(profile, found, stored.size, announced_kind)
        if rejected or not found:
            raise rejected or AssertionError("the rules accepted a file that was not identified")
        if not scanned:
            store.mark_clean(key)
    except BaseException:
        with suppress(ChatflowError):
            store.delete(key)
        raise
    return CheckedFile(stored, found)


def _store_download(
    download: Download, media: IncomingMedia, profile: Profile, *, key: str, store: MediaStore, scanned: bool
) -> MediaReference:
    if rejected := check_announced_size(profile, download.size):
        raise rejected
    if scanned:
        key = f"{key}-{secrets.token_hex(8)}"
    try:
        file = store_checked(
            store,
            key,
            download,
            download.length,
            profile=profile,
            announced_kind=media.kind,
            announced_size=download.size,
            sha256=download.sha256,
            scanned=scanned,
        )
    except NotPublished:
        # The object was just written. Only a scanner that was faster than we are makes S3 hide it from its writer.
        if not scanned:
            raise
        raise rejected_as_unsafe(profile) from None
    stored, found = file.stored, file.format
    filename = clean_filename(media.filename, found)
    return MediaReference(key, stored.sha256, stored.size, found.mime, found.kind, filename)


def _retry_pause(error: Exception, attempt: int) -> float:
    """Seconds: as long as the channel asks for, else 1, 2, 4 with jitter."""
    requested: float = getattr(error, "after", 0.0)
    return requested or min(2.0 ** (attempt - 1), _MAX_PAUSE) * random.uniform(0.75, 1.25)  # noqa: S311  # nosec B311


def _is_another_file(head: bytes, sha256: str, announced_size: int) -> bool:
    """Whether a file that is not accepted is not the announced one either, such as an HTML page of an error.

    Such pages are short. Of a file that is longer than the head, nothing more is read to find out.
    """
    if len(head) >= HEAD:
        return False
    return hashlib.sha256(head).hexdigest() != sha256 if sha256 else announced_size not in (0, len(head))


def _identify_from_head(head: bytes, size: int, active_content: bool) -> tuple[Format | InvalidFile | None, bool]:
    """What the head alone identifies (None for nothing), and whether the rest of the file cannot change that."""

    def read(offset: int, length: int) -> bytes:
        if offset + length > len(head) and len(head) < size:
            raise _BeyondHeadError
        return head[offset : offset + length]

    with suppress(_BeyondHeadError):
        return identify(read, size, active_content=active_content), True
    with suppress(_BeyondHeadError):
        return identify_by_head(read, size), False
    return None, False


class _BeyondHeadError(Exception):
    """The head is not enough."""
