"""`chatflow doctor` loads the web console as a browser would, and compares where it signs in."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from chatflow_cli.doctor.finding import Finding, Verdict
from chatflow_cli.doctor.web_console import console_findings

PAGE = '<!doctype html><script type="module" src="/assets/app.js"></script>'
CONFIGURATION = json.dumps({"sign_in": {"client_id": "client"}})
Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(page=..., configuration=..., policy=...)`: the address of a console with these answers."""
    servers: list[HTTPServer] = []

    def start(page: str = PAGE, configuration: str = CONFIGURATION, policy: str = "default-src 'none'") -> str:
        answers = {"/": page, "/config.json": configuration}

        class Console(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = answers.get(self.path, "")
                self.send_response(200 if body else 403)
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: Any) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Console)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def _found(url: str, client: str = "client") -> Finding:
    (finding,) = console_findings({"ConsoleUrl": url, "ConsoleClientId": client})
    return finding


def test_a_console_that_loads_and_signs_in_at_this_stack_is_ok(serve: Serve) -> None:
    assert _found(serve()).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"page": ""}, "answers with 403"),
        ({"page": "It works!"}, "is not the console's page"),
        ({"policy": ""}, "no Content-Security-Policy"),
        ({"configuration": PAGE}, "is no configuration"),
        ({"configuration": "[]"}, "is no configuration"),
        ({"configuration": '{"sign_in": {"client_id": "another"}}'}, "another stack"),
    ],
)
def test_what_is_wrong_with_a_console_is_named(serve: Serve, changed: dict[str, str], words: str) -> None:
    finding = _found(serve(**changed))
    assert finding.verdict is Verdict.NOT_OK
    assert words in finding.text
    assert finding.mend


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://console.example.com", "file:///etc/passwd"])
def test_nothing_is_said_of_a_console_that_cannot_be_reached(url: str) -> None:
    assert _found(url).verdict is Verdict.CANNOT_TELL


def test_a_stack_without_a_console_is_not_asked_for_one() -> None:
    assert list(console_findings({})) == []
