"""A source and a destination of files, as fast as sockets allow: it sends a JPEG of zeros and stores nothing.

It speaks as much of S3 as an upload needs, whole or in parts; all else that is posted gets one JSON answer, as Secrets
Manager, DynamoDB, WhatsApp and a business might give it. Run as a program, so that it has a processor of its own.
GET /anything/<bytes> sends so many bytes; with ?chunked it does not say how many.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# A frame of one grey pixel and where its data begins, as far as anyone looks; then what ends it.
JPEG = bytes.fromhex("ffd8 ffc0 000b 08 0001 0001 01 011100 ffda 0008 01 0100 003f00")
_END = b"\xff\xd9"
_BLOCK = 1 << 20
_XML = b'<?xml version="1.0"?><%b xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><UploadId>u1</UploadId>'
_XML += b"<Bucket>b</Bucket><Key>k</Key><ETag>&quot;e&quot;</ETag></%b>"
_JSON = json.dumps(
    {"SecretString": json.dumps({"access_token": "t"}), "id": "7", "messages": [{"id": "wamid.1"}]}
).encode()


@contextmanager
def bulk_server() -> Iterator[str]:
    """Runs within the block; yields its URL."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.fakes.bulk_server"]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


def _serve(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer = memoryview(bytearray(_BLOCK))
    with sock, suppress(OSError):
        while head := _head(sock):
            method, path = head.split(b" ", 2)[:2]
            length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
            _discard(sock, buffer, int(length[1]) if length else 0)
            _answer(sock, method, path)


def _head(sock: socket.socket) -> bytes:
    """Byte by byte is slow; peeking finds the end without reading into the body."""
    while True:
        seen = sock.recv(65_536, socket.MSG_PEEK)
        end = seen.find(b"\r\n\r\n")
        if end >= 0 or not seen:
            return sock.recv(end + 4) if seen else b""


def _discard(sock: socket.socket, buffer: memoryview, length: int) -> None:
    while length:
        got = sock.recv_into(buffer, min(length, _BLOCK))
        if not got:
            raise ConnectionError
        length -= got


def _answer(sock: socket.socket, method: bytes, path: bytes) -> None:
    if method == b"GET":
        size = int(path.split(b"?")[0].rsplit(b"/", 1)[1])
        if b"chunked" in path:
            sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        else:
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        _send(sock, size, chunked=b"chunked" in path)
    elif method == b"POST" and b"?upload" not in path:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(_JSON) + _JSON)
    elif method == b"POST":
        name = b"InitiateMultipartUploadResult" if b"uploads" in path else b"CompleteMultipartUploadResult"
        body = _XML % (name, name)
        sock.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )
    else:
        sock.sendall(b'HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: 0\r\n\r\n')


def _send(sock: socket.socket, size: int, *, chunked: bool) -> None:
    block = bytearray(JPEG + bytes(_BLOCK - len(JPEG)))
    left = size
    while left:
        piece = memoryview(block)[: min(left, _BLOCK)]
        if left <= _BLOCK:
            piece[-len(_END) :] = _END
        if chunked:
            sock.sendall(b"%x\r\n" % len(piece))
        sock.sendall(piece)
        if chunked:
            sock.sendall(b"\r\n")
        left -= len(piece)
        block[: len(JPEG)] = bytes(len(JPEG))
    if chunked:
        sock.sendall(b"0\r\n\r\n")


def _main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)  # noqa: T201 - whoever started it reads it
        while True:
            threading.Thread(target=_serve, args=(listening.accept()[0],), daemon=True).start()


if __name__ == "__main__":
    _main()
