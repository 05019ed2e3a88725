"""Serves the fake deployment over real HTTP: its API, its user pool and its bucket on one port of loopback."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.management.deployment import PREFIX, Call, Deployment, ProblemResponse


@contextmanager
def serving(deployment: Deployment) -> Iterator[Deployment]:
    """Serve on loopback until the end of the context."""

    handler = type("Handler", (_Handler,), {"deployment": deployment})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
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
    deployment: Deployment
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Writes nothing to the output of the test."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        parts = urlsplit(self.path)
        if "x-amz-target" in headers:
            status, answer = self.deployment.pool.answer(headers["x-amz-target"].rpartition(".")[2], json.loads(body))
            self._send(status, json.dumps(answer), "application/x-amz-json-1.1")
        elif parts.path == "/bucket":
            self._store(headers["content-type"], body)
        else:
            call = Call(self.command, parts.path.removeprefix(PREFIX), dict(parse_qsl(parts.query)), headers, body)
            self._answer(call)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _answer(self, call: Call) -> None:
        self.deployment.calls.append(call)
        if self.deployment.answers_slowly:
            self.deployment.answers_slowly.wait(60)
        if self.deployment.faults:
            status, body = self.deployment.faults.pop(0)
            self._send(status, body, "application/problem+json")
            return
        try:
            reply = self.deployment.answer(call)
        except ProblemResponse as problem:
            self._send(problem.status, json.dumps(problem.document), "application/problem+json")
            return
        tag = {"ETag": f'"r{reply.revision}"'} if reply.revision else {}
        if reply.text:
            self._send(reply.status, reply.text, "application/yaml", tag)
        elif reply.data is None:
            self._send(204, "", "", tag)
        else:
            self._send(reply.status, json.dumps(reply.data), "application/json", tag)

    def _store(self, content_type: str, body: bytes) -> None:
        """Takes a presigned POST as S3 does: fields first, the file last."""
        if self.deployment.bucket_fault:
            self._send(400, f"<Error><Message>{self.deployment.bucket_fault}</Message></Error>", "application/xml")
            return
        boundary = content_type.partition("boundary=")[2].encode()
        parts = body.split(b"--" + boundary)[1:-1]
        named = [
            (re.search(rb'name="([^"]+)"', part)[1].decode(), part.partition(b"\r\n\r\n")[2][:-2]) for part in parts
        ]  # type: ignore[index]
        assert named[-1][0] == "file"
        self.deployment.stored[dict(named)["key"].decode()] = named[-1][1]
        self._send(204, "", "")

    def _send(self, status: int, body: str, content_type: str, headers: dict[str, str] | None = None) -> None:
        data = body.encode()
        self.send_response(status)
        if content_type:
            self.send_header("Content-Type", content_type)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
