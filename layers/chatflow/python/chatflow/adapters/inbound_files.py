"""A customer's file: fetched from the channel, judged, kept. Tried again while the channel has passing trouble."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from chatflow.adapters.inbound_storage import keep
from chatflow.adapters.s3.media_store import MediaStore
from chatflow.errors import InDoubt, MediaRejected, MediaUnavailable, NotPublished, Unavailable
from chatflow.media.filenames import clean
from chatflow.media.media_rules import on_announcement, on_unsafe
from chatflow.media.profiles import Profile
from chatflow.media.reference import MediaReference
from chatflow.messages import IncomingMedia
from chatflow.nodes.ports import Readable

TRIES = 3
RESERVE = 8_000  # milliseconds of a visit that stay free for telling the customer what became of the file
_LONGEST_PAUSE = 8.0  # seconds


class Opened(Readable, Protocol):
    """A file as a channel's client opens it. `length` is None, `size` 0 and `sha256` "" where nothing told them."""

    length: int | None
    size: int
    sha256: str


class Opens(Protocol):
    """The part of a channel's client that is needed here."""

    def open(self, media: IncomingMedia, deadline: int) -> AbstractContextManager[Opened]: ...


def take(
    client: Opens,
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
    """Keep a customer's file under `key`, if the profile takes it. `deadline` is in milliseconds since the epoch.

    A file that is `scanned` gets a key that begins so and is never written again: else a verdict on what lay there
    before, or a tag, would hold for other bytes.

    Raises MediaRejected for what the file is, MediaUnavailable when it could not be fetched and kept in time. Then
    nothing of it is left behind.
    """
    if rejected := on_announcement(profile, media.size):
        raise rejected
    until = deadline - RESERVE
    for attempt in range(1, TRIES + 1):
        try:
            with client.open(media, until) as opened:
                return _kept(opened, media, profile, key=key, store=store, scanned=scanned)
        except (Unavailable, InDoubt, MediaRejected) as error:
            if isinstance(error, MediaRejected) and error.reason != "broken":
                raise
            wait = _wait(error, attempt)
            if attempt == TRIES or now() + wait >= until / 1000:
                if isinstance(error, MediaRejected):
                    raise
                raise MediaUnavailable(f"a customer's file could not be kept: {error}") from error
            pause(wait)
    raise AssertionError  # the loop returns or raises


def _kept(
    opened: Opened, media: IncomingMedia, profile: Profile, *, key: str, store: MediaStore, scanned: bool
) -> MediaReference:
    if rejected := on_announcement(profile, opened.size):
        raise rejected
    if scanned:
        key = f"{key}-{secrets.token_hex(8)}"
    try:
        kept = keep(
            store,
            key,
            opened,
            opened.length,
            profile=profile,
            announced_kind=media.kind,
            announced_size=opened.size,
            sha256=opened.sha256,
            scanned=scanned,
        )
    except NotPublished:
        # It was just written: it is only a scanner, quicker than we are, that makes S3 hide a file from its own writer.
        if not scanned:
            raise
        raise on_unsafe(profile) from None
    stored, found = kept.stored, kept.format
    return MediaReference(key, stored.sha256, stored.size, found.mime, found.kind, clean(media.filename, found))


def _wait(error: Exception, attempt: int) -> float:
    """Seconds: as long as the channel asks for, else 1, 2, 4 with some chance."""
    asked: float = getattr(error, "after", 0.0)
    return asked or min(2.0 ** (attempt - 1), _LONGEST_PAUSE) * random.uniform(0.75, 1.25)  # noqa: S311  # nosec B311
