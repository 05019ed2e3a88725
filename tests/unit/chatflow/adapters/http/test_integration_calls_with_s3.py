"""Files between a real S3 and a business's API."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
import tracemalloc
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.adapters.http.integration_calls import RetryClock, perform
from chatflow.errors import MediaRejected
from chatflow.media.profiles import MB
from chatflow.media.reference import MediaReference
from chatflow.nodes.ports import Answer, Call, Part
from tests import samples
from tests.fakes.faulty_server import breaks_off, cuts, in_turn
from tests.fakes.http_server import Server, says, serving
from tests.fakes.s3 import Bucket

KEEP = "media/c_ann/s_1/4-call"


def called(server: Server, bucket: Bucket, call: Call) -> Answer:
    return perform(
        call,
        fetch=GuardedFetch(server.private),
        store=bucket.store,
        key="c_ann/s_1/2/4/upload/call",
        download_key=KEEP,
        deadline=round((time.time() + 60) * 1000),
        clock=RetryClock(pause=lambda _seconds: None),
    )


def put(bucket: Bucket, key: str, data: bytes) -> MediaReference:
    bucket.put(key, data)
    return MediaReference(key, hashlib.sha256(data).hexdigest(), len(data), "image/jpeg", "image", "dent.jpg")


@pytest.mark.parametrize("key", ["media/c_ann/s_1/3-ab", "asset/abcd"])
def test_a_kept_file_reaches_the_api_whole_at_the_third_attempt(bucket: Bucket, key: str) -> None:
    photo = samples.photo_jpg()
    file = put(bucket, key, photo)
    with serving(in_turn(cuts, says(b"", "503 Busy"), says(b'{"id": 7}'))) as server:
        answer = called(server, bucket, Call("POST", server.url(), parts=(Part("file", file=file),)))
    assert (answer.status, answer.attempts, answer.body) == (200, 3, b'{"id": 7}')
    assert [seen.body.count(photo) for seen in server.requests] == [1, 1, 1]


@pytest.mark.parametrize("length", [True, False], ids=["length", "no length"])
def test_a_file_of_the_api_is_kept_clean(bucket: Bucket, length: bool) -> None:
    report = samples.document_pdf()
    honest = says(report, content_disposition="attachment; filename*=UTF-8''r%C3%A9port.pdf")
    with serving(honest if length else lambda _request, wire: wire.send(b"HTTP/1.1 200 OK\r\n\r\n" + report)) as server:
        answer = called(server, bucket, Call("GET", server.url("/r%C3%A9port.pdf"), expects_file=True))
    assert answer.file == MediaReference(
        KEEP, hashlib.sha256(report).hexdigest(), len(report), "application/pdf", "document", "réport.pdf"
    )
    assert (bucket.body(KEEP), bucket.state(KEEP)) == (report, "clean")


def test_a_download_that_breaks_off_leaves_nothing_of_its_first_half(bucket: Bucket) -> None:
    report = samples.document_pdf()
    with serving(in_turn(breaks_off(report[:500], len(report)), says(report))) as server:
        answer = called(server, bucket, Call("GET", server.url(), expects_file=True))
    assert answer.attempts == 2
    assert bucket.body(KEEP) == report


def test_what_is_no_file_of_ours_leaves_nothing(bucket: Bucket) -> None:
    with serving(says(b"<html>Log in first</html>")) as server, pytest.raises(MediaRejected):
        called(server, bucket, Call("GET", server.url(), expects_file=True))
    assert bucket.keys == []


@contextmanager
def sink() -> Iterator[Server]:
    """A server that keeps nothing of what it is sent, one request after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def swallow() -> None:
            while True:
                try:
                    sock, _ = listening.accept()
                except OSError:
                    return
                with sock, sock.makefile("rb") as stream:
                    lines = iter(lambda: stream.readline().lower().strip(), b"")
                    length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length"))
                    deque(lines, maxlen=0)
                    while length:
                        length -= len(stream.read(min(length, 65_536)))
                    sock.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

        thread = threading.Thread(target=swallow, daemon=True)
        thread.start()
        yield Server(listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_a_large_upload_takes_no_more_memory_than_a_small_one(bucket: Bucket) -> None:
    def peak(size: int) -> int:
        file = put(bucket, f"media/c_ann/s_1/{size}", bytes(size))
        tracemalloc.start()
        try:
            assert called(server, bucket, Call("POST", server.url(), parts=(Part("file", file=file),))).status == 204
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    with sink() as server:
        peak(MB)  # what is made only once
        assert peak(20 * MB) - peak(5 * MB) < MB // 2
