"""How a file from outside becomes one of ours: judged by its head, stored, judged whole, and only then let go.

What the first 256 KiB decide is decided before anything is stored: a longer file must still show its end, but if it
begins as what nobody wants here, it need not come. Nothing is handed out before all of it was judged in the store (the
first and last pieces are remembered from its passing), and what is rejected is deleted.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass

from chatflow.adapters.hashing_stream import Stored
from chatflow.adapters.s3.media_store import MediaStore
from chatflow.errors import ChatflowError, TooLarge
from chatflow.media.identification import begins_as, identify
from chatflow.media.media_rules import on_announcement, on_broken, on_content, on_longer
from chatflow.media.profiles import Format, Profile
from chatflow.media.ranges import Unfit
from chatflow.nodes.ports import Readable

HEAD = 256 * 1024  # bytes
_ANY = "application/octet-stream"  # what an object is stored as while its format is not known


@dataclass(frozen=True)
class Kept:
    """A file that was taken."""

    stored: Stored
    format: Format


def keep(
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
) -> Kept:
    """Store a stream of `length` bytes (None: not known) under this key, if the profile takes what it holds.

    `sha256` is the hash that was announced, in lower-case hex, "" for none: then the announced size in bytes must be
    right, 0 for none. What a malware scanner looks at (`scanned`) stays tagged as new: that it is clean is not ours
    to say. Raises MediaRejected, Unavailable, and what the source raises. Nothing is left behind then.
    """
    if rejected := on_announcement(profile, length or 0):
        raise rejected
    head = _head(source)
    size = len(head) if len(head) < HEAD and length is None else length
    found, decided = _by_head(head, sys.maxsize if size is None else size)
    if found is not None and (rejected := on_content(profile, found, size or len(head), announced_kind)):
        raise rejected
    try:
        stored = store.write(key, _Resumed(head, source), size, found.mime if found else _ANY, profile.largest)
    except TooLarge:
        raise on_longer(profile) from None
    try:
        if (stored.sha256 != sha256) if sha256 else (announced_size not in (0, stored.size)):
            raise on_broken(profile)
        if not decided or found is None:
            found = identify(store.reader(key, stored.known), stored.size)
        rejected = on_content(profile, found, stored.size, announced_kind)
        if rejected or not found:
            raise rejected or AssertionError("a verdict let a file pass that was not identified")
        if not scanned:
            store.mark_clean(key)
    except BaseException:
        with suppress(ChatflowError):
            store.delete(key)
        raise
    return Kept(stored, found)


def _head(source: Readable) -> bytes:
    """The first 256 KiB, or all there is."""
    head = source.read(HEAD)
    while len(head) < HEAD and (more := source.read(HEAD - len(head))):
        head += more
    return head


def _by_head(head: bytes, size: int) -> tuple[Format | Unfit | None, bool]:
    """What the head tells, None for nothing, and whether that is all there is to tell."""

    def read(offset: int, length: int) -> bytes:
        if offset + length > len(head) and len(head) < size:
            raise _BeyondError
        return head[offset : offset + length]

    with suppress(_BeyondError):
        return identify(read, size), True
    with suppress(_BeyondError):
        return begins_as(read, size), False
    return None, False


class _BeyondError(Exception):
    """More is needed than the head."""


class _Resumed:
    """The head again, then the rest."""

    def __init__(self, head: bytes, source: Readable) -> None:
        self._head = head
        self._source = source

    def read(self, amount: int = -1, /) -> bytes:
        if not self._head:
            return self._source.read(amount)
        block = self._head[:amount] if amount >= 0 else self._head
        self._head = self._head[len(block) :]
        return block
