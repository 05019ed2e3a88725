"""The management API on loopback, as its contract says: real HTTP, with a user pool and a bucket beside it.

Whatever is asked of it and whatever it answers is held to docs/openapi.json.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.fakes import openapi
from tests.fakes.user_pool import UserPool

PREFIX = "/api/v1"


class Refused(Exception):
    """A problem document."""

    def __init__(self, status: int, slug: str, title: str, detail: str = "", **members: Any) -> None:
        self.status = status
        self.document = {
            "type": f"urn:chatflow:problem:{slug}",
            "title": title,
            "status": status,
            "detail": detail,
            "instance": "urn:chatflow:request:r-1",
            **members,
        }


@dataclass
class Call:
    """One request. `caller` is the name behind its token."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes
    caller: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")

    def told(self) -> dict[str, Any]:
        """What stands in the contract of its operation."""
        is_json = "json" in self.headers.get("content-type", "")
        body = self.json if is_json else None
        return {"params": set(self.params), "headers": set(self.headers), "body": body, "is_json": is_json}

    @property
    def wants_yaml(self) -> bool:
        return "yaml" in self.headers.get("accept", "")


@dataclass
class Reply:
    """`data` is sent as JSON, `text` as YAML."""

    data: Any = None
    status: int = 200
    text: str = ""
    revision: int = 0


Operation = Callable[..., Reply]
Fault = tuple[int, str]  # a status and a body, instead of an answer


@dataclass
class Deployment:
    """What is deployed, and what was asked of it. `faults` are answered first, one a call."""

    url: str = ""
    pool: UserPool = field(default_factory=UserPool)
    operations: dict[tuple[str, str], Operation] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    stored: dict[str, bytes] = field(default_factory=dict)  # what reached the bucket, by key
    bucket_fault: str = ""
    answers_slowly: threading.Event | None = None  # while it is not set, calls stay open
    departures: list[str] = field(default_factory=list)  # from docs/openapi.json, in what was asked and answered

    @property
    def api_url(self) -> str:
        return f"{self.url}{PREFIX}"

    def asked(self, method: str, path: str) -> list[Call]:
        """The calls of one operation on one thing."""
        return [call for call in self.calls if (call.method, call.path) == (method, path)]

    def operation(self, method: str, template: str) -> Callable[[Operation], Operation]:
        def add(does: Operation) -> Operation:
            self.operations[method, template] = does
            return does

        return add

    def answer(self, call: Call) -> Reply:
        """Raises Refused."""
        name = self.pool.name_behind(call.headers.get("authorization", "").removeprefix("Bearer "))
        if not name:
            raise Refused(401, "unauthorized", "You are not signed in")
        call.caller = name
        for (method, template), does in self.operations.items():
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
            found = re.fullmatch(pattern, call.path)
            if method == call.method and found:
                about = openapi.operation(method, template)
                self._hold(call, openapi.departures(about, **call.told()) if about else ["operation"])
                try:
                    reply = does(call, **{key: unquote(value) for key, value in found.groupdict().items()})
                except Refused as refused:
                    self._hold(call, openapi.answered_wrongly(about, refused.status, refused.document) if about else [])
                    raise
                status = 204 if reply.data is None and not reply.text else reply.status
                body = None if reply.text else reply.data
                self._hold(call, openapi.answered_wrongly(about, status, body) if about else [])
                return reply
        raise Refused(404, "not-found", "There is no such thing", call.path)

    def _hold(self, call: Call, found: list[str]) -> None:
        self.departures += [f"{call.method} {call.path}: {each}" for each in found]


def page(items: list[Any], call: Call) -> Reply:
    """A list, cut as the contract says."""
    start, limit = int(call.params.get("cursor", "0")), int(call.params.get("limit", "25"))
    assert 1 <= limit <= 100
    more = start + limit < len(items)
    return Reply({"items": items[start : start + limit], "next": str(start + limit) if more else None})


def seen(call: Call, revision: int) -> None:
    """What exists is changed only by whoever saw it as it is."""
    if "if-match" not in call.headers:
        raise Refused(428, "precondition-required", "Say which state you saw")
    if call.headers["if-match"] != f'"r{revision}"':
        raise Refused(412, "edit-conflict", "Someone else changed this meanwhile", "It is another one now.")


@contextmanager
def serving(deployment: Deployment) -> Iterator[Deployment]:
    """Answer on loopback until the test leaves."""

    class Handler(_Handler):
        of = deployment

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        deployment.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield deployment
        finally:
            if deployment.answers_slowly:
                deployment.answers_slowly.set()
            server.shutdown()
            thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    of: Deployment
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """A test's output is its own."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        parts = urlsplit(self.path)
        if "x-amz-target" in headers:
            status, answer = self.of.pool.answer(headers["x-amz-target"].rpartition(".")[2], json.loads(body))
            self._say(status, json.dumps(answer), "application/x-amz-json-1.1")
        elif parts.path == "/bucket":
            self._store(headers["content-type"], body)
        else:
            call = Call(self.command, parts.path.removeprefix(PREFIX), dict(parse_qsl(parts.query)), headers, body)
            self._answer(call)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _answer(self, call: Call) -> None:
        self.of.calls.append(call)
        if self.of.answers_slowly:
            self.of.answers_slowly.wait(60)
        if self.of.faults:
            status, body = self.of.faults.pop(0)
            self._say(status, body, "application/problem+json")
            return
        try:
            reply = self.of.answer(call)
        except Refused as refused:
            self._say(refused.status, json.dumps(refused.document), "application/problem+json")
            return
        tag = {"ETag": f'"r{reply.revision}"'} if reply.revision else {}
        if reply.text:
            self._say(reply.status, reply.text, "application/yaml", tag)
        elif reply.data is None:
            self._say(204, "", "", tag)
        else:
            self._say(reply.status, json.dumps(reply.data), "application/json", tag)

    def _store(self, content_type: str, body: bytes) -> None:
        """A presigned POST, as S3 takes it: fields first, the file last."""
        if self.of.bucket_fault:
            self._say(400, f"<Error><Message>{self.of.bucket_fault}</Message></Error>", "application/xml")
            return
        boundary = content_type.partition("boundary=")[2].encode()
        parts = body.split(b"--" + boundary)[1:-1]
        named = [
            (re.search(rb'name="([^"]+)"', part)[1].decode(), part.partition(b"\r\n\r\n")[2][:-2]) for part in parts
        ]  # type: ignore[index]
        assert named[-1][0] == "file"
        self.of.stored[dict(named)["key"].decode()] = named[-1][1]
        self._say(204, "", "")

    def _say(self, status: int, body: str, content_type: str, headers: dict[str, str] | None = None) -> None:
        data = body.encode()
        self.send_response(status)
        if content_type:
            self.send_header("Content-Type", content_type)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
