"""A ClamAV daemon: a stream goes there in pieces, and its verdict comes back. Its protocol: the manual page clamd(8).

The one address besides AWS's own that is not called through `fetch`: neither a flow nor a channel names it, only
whoever deploys; and clamd speaks no HTTP.
"""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress
from typing import Final

from chatflow.errors import Unavailable
from chatflow.events import Verdict
from chatflow.ports import Readable

_BLOCK: Final = 128 * 1024  # bytes
_CONNECT_SECONDS: Final = 5.0
_LONGEST_ANSWER: Final = 4096  # bytes
# What clamd reports as found, with `AlertExceedsMax yes` or `AlertEncrypted yes`, of what it could not look into.
_NOT_LOOKED_INTO: Final = ("Heuristics.Limits.Exceeded", "Heuristics.Encrypted")


def scan(address: str, stream: Readable, seconds: float) -> Verdict:
    """What the daemon at host:port finds in the stream, within so many seconds and in constant memory.

    `failed`: it would not look at all of it, and never will. Raises Unavailable when it does not answer; a stream's own
    errors pass through.
    """
    host, _, port = address.rpartition(":")
    until = time.monotonic() + seconds
    try:
        with socket.create_connection((host, int(port)), timeout=min(_CONNECT_SECONDS, seconds)) as connection:
            # It hangs up in the middle of what is longer than its StreamMaxLength, having said so.
            with suppress(BrokenPipeError, ConnectionResetError):
                _hand_over(connection, stream, until)
            return _verdict(_answer(connection, until))
    except OSError as trouble:
        raise Unavailable(f"the scanner did not answer: {type(trouble).__name__}") from None


def _hand_over(connection: socket.socket, stream: Readable, until: float) -> None:
    connection.sendall(b"zINSTREAM\0")
    while block := _read(stream):
        connection.settimeout(_left(until))
        connection.sendall(struct.pack("!L", len(block)))
        connection.sendall(block)
    connection.sendall(struct.pack("!L", 0))


def _read(stream: Readable) -> bytes:
    try:
        return stream.read(_BLOCK)
    except OSError as trouble:  # of the file's own source, and not of the scanner
        raise Unavailable(f"the file could not be read: {type(trouble).__name__}") from None


def _answer(connection: socket.socket, until: float) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
        connection.settimeout(_left(until))
        if not (more := connection.recv(_LONGEST_ANSWER)):
            break
        answer += more
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _verdict(answer: str) -> Verdict:
    found = answer.removeprefix("stream: ")
    if found == "OK":
        return "clean"
    if found.endswith(" FOUND"):
        return "failed" if found.startswith(_NOT_LOOKED_INTO) else "unsafe"
    if found.endswith("ERROR"):  # too long for it, or broken in a way that it cannot bear
        return "failed"
    raise Unavailable("the scanner hung up without a verdict")


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
