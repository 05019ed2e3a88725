"""Reads the body of an HTTP response into a buffer."""

from __future__ import annotations

from urllib3.exceptions import IncompleteRead
from urllib3.response import HTTPResponse


def read_body_into(response: HTTPResponse, buffer: memoryview) -> int:
    """Read up to `len(buffer)` bytes, not decoded; returns how many, 0 at the end. Raises what urllib3's `read` raises.

    urllib3's own `readinto` (2.8) makes a new object of the bytes and copies it, which costs a quarter of a copy from
    socket to socket. This one does what its `_raw_read` does, with the `readinto` of http.client below it.
    """
    body = response._fp
    if body is None or getattr(body, "closed", False):
        return 0
    with response._error_catcher():
        got: int = body.readinto(buffer)
        if not got and buffer:
            body.close()
            if response.length_remaining:
                raise IncompleteRead(response._fp_bytes_read, response.length_remaining)
    response._fp_bytes_read += got
    if response.length_remaining is not None:
        response.length_remaining -= got
    return got
