"""Whatever a customer writes, the request that leaves has the shape that its author gave it.

The bytes on the wire are read back by parsers that others wrote: h11 for the message, Werkzeug for what a Python
server makes of the address, the query and the body, and Python's own for JSON.
"""

# ruff: noqa: E501 - the worst of the web, one after another

from __future__ import annotations

import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import h11
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.adapters.http.integration_calls import perform
from chatflow.errors import Refused
from chatflow.integrations.request_building import build_call
from chatflow.media.reference import MediaReference
from chatflow.templating import Scope
from tests.fakes.media_store import MemoryStore
from tests.unit.chatflow.integrations.test_request_building import cannot_stand_in_a_path

DATA = b"\xff\xd8\xff\xe0--boundary--\r\n\r\n"
KEY = "media/c_1/s_1/3-ab"
FILE = MediaReference(KEY, "ab" * 32, len(DATA), "image/jpeg", "image", "dent.jpg").to_json()
CONTENTS: dict[str, dict[str, Any]] = {
    "application/json": {"body": {"a": "[[x]]", "b": ["<[[x]]>", {"c": "[[x]]", "n": 1}]}},
    "application/x-www-form-urlencoded": {"fields": {"a": "[[x]]", "b": ["[[x]]", "2"], "c d&e": "[[x]]"}},
    "multipart/form-data": {
        "parts": [{"name": "a", "value": "[[x]]"}, {"name": "f", "file": "[[file]]", "filename": "[[x]]"}]
    },
}


class Listener:
    """Keeps the bytes of each connection, and answers each with nothing."""

    def __init__(self, listening: socket.socket) -> None:
        self.port: int = listening.getsockname()[1]
        self.messages: list[bytes] = []
        self._listening = listening

    def listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                with connection:
                    self._take(connection)

    def _take(self, connection: socket.socket) -> None:
        parser, read = h11.Connection(h11.SERVER), b""
        connection.settimeout(5)
        while True:
            event = parser.next_event()
            if event is h11.NEED_DATA:
                block = connection.recv(65536)
                read += block
                parser.receive_data(block)
            elif isinstance(event, h11.EndOfMessage):
                break
        self.messages.append(read)
        connection.sendall(b"HTTP/1.1 204 Done\r\nConnection: close\r\n\r\n")


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = Listener(listening)
        thread = threading.Thread(target=found.listen, daemon=True)
        thread.start()
        yield found
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def sent(listener: Listener, kind: str, text: str, path: str) -> tuple[h11.Request, bytes]:
    """The request as h11 reads it, and its body. Nothing may follow it on the connection."""
    integration = {
        "name": "claims",
        "method": "POST",
        "url": f"http://127.0.0.1:{listener.port}{path}?own=[[x]]&fixed=1",
        "headers": {"X-One": "[[x]]", "X-Two": "two [[x]]"},
        "query": {"q": "[[x]]", "r": ["[[x]]", "-"]},
        "request": {"content_type": kind, "parts": [], "body": None, "fields": {}, **CONTENTS[kind]},
        "timeout": 10.0,
        "retry": {"attempts": 1},
    }
    call = build_call(integration, {"x": "[[x]]", "file": "[[file]]"}, Scope({"x": text, "file": FILE}))
    before = len(listener.messages)
    perform(
        call,
        fetch=GuardedFetch(frozenset({f"127.0.0.1:{listener.port}"})),
        store=MemoryStore({KEY: DATA}),  # type: ignore[arg-type]
        key="k",
        download_key="media/x",
        deadline=round((time.time() + 10) * 1000),
    )
    (message,) = listener.messages[before:]
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(message)
    request = parser.next_event()
    assert isinstance(request, h11.Request)
    body = b""
    while isinstance(event := parser.next_event(), h11.Data):
        body += event.data
    assert isinstance(event, h11.EndOfMessage)
    assert parser.trailing_data == (b"", False)
    return request, body


def at_a_server(request: h11.Request, body: bytes) -> Request:
    """What a WSGI application gets to see: its address is decoded before any route is looked for."""
    headers = [(name.decode(), value.decode("latin-1")) for name, value in request.headers]
    path, _, query = request.target.decode().partition("?")
    environ = EnvironBuilder(method="POST", headers=headers, input_stream=io.BytesIO(body)).get_environ()
    environ |= {"PATH_INFO": unquote(path, "latin-1"), "QUERY_STRING": query, "CONTENT_LENGTH": str(len(body))}
    return Request(environ)


hostile = st.text(min_size=1) | st.text(
    alphabet="/\\.%?#&=\r\n\t\x00\"'[]{}:;@,<>+ -\x7f\x85\u2028\ud83daé🚗", min_size=1, max_size=30
)
WORST = [
    "..", "../../admin", "..%2f..%2fadmin", "%2e%2e/", "..;/x", "x?admin=1#y", "x&admin=1", "x HTTP/1.1\r\nX-Evil: 1",
    "x\r\n\r\nGET /admin HTTP/1.1\r\nHost: evil\r\n\r\n", "\nX-Evil: 1", "\r\tX-Evil: 1", "\u560a\u560dX-Evil: 1", "\x85X: 1",
    '","admin":true,"x":"', '"}]}', "\\u0022", "\ud83d", "\x00", 'a"; filename="b.php', 'a\r\nContent-Type: text/html\r\n\r\n',
    "--boundary\r\n", "--", "+", "%", "%00", "a%0d%0ab", "[[x]]", "[[secret:token]]", "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7 %>",
    "{x.__class__}", "%(x)s", "$(id)", "`id`", "' OR 1=1 --", "=cmd|' /C calc'!A0", "//evil.example/", "@evil.example",
    ".evil.example", ":80", "a" * 4096, "é" * 500,
]  # fmt: skip


def refused(listener: Listener, kind: str, text: str, path: str) -> bool:
    try:
        sent(listener, kind, text, path)
    except Refused:
        return True
    return False


def check(listener: Listener, kind: str, text: str) -> None:
    said = text.encode("utf-8", "replace").decode()
    path, seen = "/a/[[x]]/b-[[x]]/c", f"/a/{said}/b-{said}/c"
    if refused(listener, kind, text, path):
        assert cannot_stand_in_a_path(text)
        path = seen = "/a/b/c/d"
    request, body = sent(listener, kind, text, path)
    plain, _ = sent(listener, kind, "plain", path)
    assert [name for name, _ in request.headers] == [name for name, _ in plain.headers]
    assert urlsplit(request.target.decode()).path.count("/") == 4
    server = at_a_server(request, body)
    assert server.host == f"127.0.0.1:{listener.port}"
    assert server.path == seen
    assert list(server.args.items(multi=True)) == [
        ("own", said),
        ("fixed", "1"),
        ("q", said),
        ("r", said),
        ("r", "-"),
    ]
    if kind == "application/json":
        assert json.loads(body) == {"a": said, "b": [f"<{said}>", {"c": said, "n": 1}]}
        return
    fields = list(server.form.items(multi=True))
    if kind == "multipart/form-data":
        assert fields == [("a", said)]
        ((name, file),) = server.files.items(multi=True)
        assert (name, file.mimetype, file.read()) == ("f", "image/jpeg", DATA)
        assert not set(str(file.filename)) & set('\r\n\x00/\\"')
    else:
        assert fields == [("a", said), ("b", said), ("b", "2"), ("c d&e", said)]


@pytest.mark.parametrize("kind", CONTENTS)
def test_what_others_have_tried_is_only_a_value(listener: Listener, kind: str) -> None:
    for text in WORST:
        check(listener, kind, text)


@pytest.mark.parametrize("kind", CONTENTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=hostile)
def test_whatever_a_customer_writes_is_only_a_value(listener: Listener, kind: str, text: str) -> None:
    check(listener, kind, text)
