"""Reads the body of an HTTP response into a buffer."""

from __future__ import annotations

from typing import Any

from urllib3.exceptions import IncompleteRead
from urllib3.response import HTTPResponse


def read_body_into(response: HTTPResponse, buffer: memoryview) -> int:
    """Read up to `len(buffer)` bytes, not decoded; returns how many, 0 at the end. Raises what urllib3's `read` raises.

    urllib3's own `readinto` (2.8) makes a new object of the bytes and copies it, which costs a quarter of a copy from
    socket to socket. This one does what its `_raw_read` does, with the `readinto` of http.client below it; urllib3's
    catcher of errors is entered where there is one, and at the end, where it gives the connection back.
    """
    body = response._fp
    if body is None or getattr(body, "closed", False):
        return 0
    try:
        got: int = body.readinto(buffer)
    except BaseException:
        with response._error_catcher():
            raise
    response._fp_bytes_read += got
    if response.length_remaining is not None:
        response.length_remaining -= got
    if not got or response.length_remaining == 0:
        _end(response, body, early=bool(buffer) and not got)
    return got


def _end(response: HTTPResponse, body: Any, *, early: bool) -> None:
    """Leave the connection to others. `early`: the body ended, which is an error while there should be more of it."""
    with response._error_catcher():
        if early:
            body.close()
            if response.length_remaining:
                raise IncompleteRead(response._fp_bytes_read, response.length_remaining)
