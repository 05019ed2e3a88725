"""A business's webhook on loopback that records every request and answers as configured."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Received:
    """One POST as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def value(self) -> dict[str, Any]:
        """The `value` of the first change."""
        change: dict[str, Any] = json.loads(self.body)["entry"][0]["changes"][0]
        return dict(change["value"])

    @property
    def changes(self) -> list[dict[str, Any]]:
        return [change["value"] for change in json.loads(self.body)["entry"][0]["changes"]]


class WebhookReceiver:
    """`answers` are the statuses of the next POSTs (then 200); `expected` is the verify token of the handshake."""

    def __init__(self, expected: str = "verify") -> None:
        self.received: list[Received] = []
        self.answers: list[int] = []
        self.text = ""  # the body of each answer to a POST
        self.seconds = 0.0  # how long each POST takes
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                known = query.get("hub.verify_token") == [expected] and query.get("hub.mode") == ["subscribe"]
                self.answer(200 if known else 403, query["hub.challenge"][0] if known else "")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with receiver.lock:
                    receiver.at_once += 1
                    receiver.most_at_once = max(receiver.most_at_once, receiver.at_once)
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    receiver.received.append(Received(headers, body))
                    status = receiver.answers.pop(0) if receiver.answers else 200
                time.sleep(receiver.seconds)
                with receiver.lock:
                    receiver.at_once -= 1
                self.answer(status, receiver.text)

            def answer(self, status: int, text: str) -> None:
                self.send_response(status)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                return

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """A caller that did not wait for the answer is no trouble of ours."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/whatsapp"
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, enough: Callable[[list[Received]], bool], seconds: float = 10.0) -> list[Received]:
        """Return what was received as soon as it is enough; fails after so many seconds."""
        deadline = time.monotonic() + seconds
        while not enough(self.received):
            assert time.monotonic() < deadline, f"only {len(self.received)} webhooks: {self.received}"
            time.sleep(0.01)
        return self.received

    def messages(self) -> list[dict[str, Any]]:
        return [message for post in self.received for value in post.changes for message in value.get("messages", [])]

    def statuses(self) -> list[dict[str, Any]]:
        return [status for post in self.received for value in post.changes for status in value.get("statuses", [])]
