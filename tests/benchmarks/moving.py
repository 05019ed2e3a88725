"""Moves files through Chatflow's streams, and through variants for comparison, for tests and benchmarks.

As a program it moves one file of each size in turn, and prints after each the peak memory of its process:

    python -m tests.benchmarks.moving <way> <server> <bytes> ...
"""

from __future__ import annotations

import hashlib
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.adapters.http.integration_calls import perform
from chatflow.adapters.inbound_files import store_checked
from chatflow.adapters.s3.media_store import MediaStore
from chatflow.media.profiles import Profile
from chatflow.media.reference import MediaReference
from chatflow.nodes.ports import Call, Part
from chatflow.streams import BLOCK

LARGEST = 1 << 30
ANY_PHOTO = Profile("bench", {"jpeg": LARGEST})
KEY = "media/c_1/s_1/1-x"


def use(server: str) -> None:
    """Make this server S3."""
    os.environ |= {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }


def _fetch(server: str) -> GuardedFetch:
    return GuardedFetch(frozenset({urlsplit(server).netloc}))


def _deadline() -> int:
    return round((time.time() + 120) * 1000)


def inbound(server: str, size: int, query: str = "") -> None:
    """Channel to S3, checked and hashed."""
    with _fetch(server).open("GET", f"{server}/file/{size}{query}", deadline=_deadline()) as source:
        checked = store_checked(MediaStore("media", "assets"), KEY, source, source.length, profile=ANY_PHOTO)
    assert checked.stored.size == size


def inbound_unknown(server: str, size: int) -> None:
    """The same, for a file of unknown length."""
    inbound(server, size, "?chunked")


def inbound_buffered(server: str, size: int) -> None:
    """For comparison: holds the whole file in memory."""
    import io

    with _fetch(server).open("GET", f"{server}/file/{size}", deadline=_deadline()) as source:
        data = io.BytesIO(source.read())
    assert store_checked(MediaStore("media", "assets"), KEY, data, size, profile=ANY_PHOTO).stored.size == size


def outbound(server: str, size: int) -> None:
    """S3 to an API, as one part of a multipart body."""
    from requests_toolbelt.multipart.encoder import MultipartEncoder

    with MediaStore("media", "assets").open(f"media/{size}") as stream:
        body = MultipartEncoder([("plate", "B 1"), ("file", ("photo.jpg", stream, "image/jpeg"))])
        headers = {"Content-Type": body.content_type}
        with _fetch(server).open(
            "POST", f"{server}/claims", deadline=_deadline(), headers=headers, body=body, length=body.len
        ) as answer:
            assert answer.status == 200


def outbound_ten(server: str, size: int) -> None:
    """S3 to an API, as ten parts of a multipart body."""
    part = size // 10
    file = MediaReference(f"media/{part}", "0" * 64, part, "image/jpeg", "image", "photo.jpg")
    call = Call("POST", f"{server}/claims", parts=tuple(Part("file", file=file) for _ in range(10)))
    store = MediaStore("media", "assets")
    answer = perform(call, fetch=_fetch(server), store=store, key="k", download_key="d", deadline=_deadline())
    assert answer.status == 200


def outbound_buffered(server: str, size: int) -> None:
    """For comparison: holds the whole file and the body around it in memory."""
    from requests_toolbelt.multipart.encoder import MultipartEncoder

    with MediaStore("media", "assets").open(f"media/{size}") as stream:
        encoder = MultipartEncoder([("file", ("photo.jpg", stream.read(), "image/jpeg"))])
    with _fetch(server).open("POST", f"{server}/claims", deadline=_deadline(), body=encoder.read()) as answer:
        assert answer.status == 200


def raw(server: str, size: int) -> None:
    """The baseline: copies one socket into another in blocks of 256 KiB."""
    _copy(server, size, lambda _: None)


def raw_hashed(server: str, size: int) -> None:
    """The baseline for streams that hash: the same copy, with SHA-256 of each block."""
    _copy(server, size, hashlib.sha256().update)


def _copy(server: str, size: int, look: Callable[[memoryview], None]) -> None:
    place = urlsplit(server)
    address = (str(place.hostname), int(place.port or 0))
    with socket.create_connection(address) as source, socket.create_connection(address) as sink:
        source.sendall(b"GET /file/%d HTTP/1.1\r\nHost: x\r\n\r\n" % size)
        head = source.makefile("rb", buffering=0)
        while head.readline() != b"\r\n":
            pass
        sink.sendall(b"PUT /file HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
        buffer, left = memoryview(bytearray(BLOCK)), size
        while left:
            got = source.recv_into(buffer, min(BLOCK, left))
            look(buffer[:got])
            sink.sendall(buffer[:got])
            left -= got
        assert sink.recv(100).startswith(b"HTTP/1.1 200")


WAYS: dict[str, Callable[[str, int], None]] = {
    way.__name__: way
    for way in (raw, raw_hashed, inbound, inbound_unknown, inbound_buffered, outbound, outbound_ten, outbound_buffered)
}


def most_memory() -> int:
    """The peak memory of this process, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


def _main(way: str, server: str, *sizes: str) -> None:
    use(server)
    for size in sizes:
        WAYS[way](server, int(size))
        print(most_memory(), flush=True)  # noqa: T201 - whoever started it reads it


if __name__ == "__main__":
    _main(*sys.argv[1:])
