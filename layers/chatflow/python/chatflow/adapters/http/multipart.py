"""Gives what requests-toolbelt's MultipartEncoder has built, without its buffer.

The encoder copies each block into a buffer and out of it again, which costs about as much as sending it. It still
builds everything: names, headers, the boundary, the length. Only its parts are read one after the other here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Protocol, TypeGuard

from chatflow.errors import Unavailable
from chatflow.streams import BLOCK, blocks

_SMALL: Final = 16 * 1024  # bytes up to which pieces are sent together


class Encoder(Protocol):
    """The public attributes of a MultipartEncoder that nobody has read from."""

    parts: list[Any]  # each with its `headers` in bytes, and a `body` whose `len` is what is left to read
    boundary: str
    len: int


def is_encoder(body: Any) -> TypeGuard[Encoder]:
    """Whether a body is a MultipartEncoder; asking by type would import all of requests."""
    return hasattr(body, "parts") and hasattr(body, "boundary")


def pieces(encoder: Encoder) -> Iterator[bytes | memoryview]:
    """The bytes that the encoder would give, in pieces. A piece is only valid until the next one is taken.

    Raises Unavailable when a part ends early.
    """
    buffer = memoryview(bytearray(BLOCK))
    boundary = encoder.boundary.encode()
    framing = b""
    for part in encoder.parts:
        framing += boundary + b"\r\n" + part.headers
        for block in blocks(part.body, buffer):
            if len(framing) + len(block) <= _SMALL:  # texts, mostly
                framing += block
                continue
            if framing:
                yield framing
            yield block
            framing = b""
        if part.body.len:
            raise Unavailable("a part of the body ended early")
        framing += b"\r\n"
    yield framing + boundary + b"--\r\n"
