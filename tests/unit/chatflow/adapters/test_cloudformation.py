"""CloudFormation is told what became of its order, in the form that it takes."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from chatflow.adapters.cloudformation import answer, rolling_back


@pytest.mark.parametrize(("problem", "status"), [("", "SUCCESS"), ("x" * 9_000, "FAILED")])
def test_an_order_is_answered_at_its_own_address(problem: str, status: str) -> None:
    got: list[tuple[str, str | None, bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, self.headers["Content-Type"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.handle_request, daemon=True).start()
        event = {
            "ResponseURL": f"http://127.0.0.1:{server.server_port}/answer?signed=1",
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Files",
        }
        answer(event, "published-files", problem=problem)
    ((path, content_type, body),) = got
    assert (path, content_type) == ("/answer?signed=1", "")  # the address is signed for no content type
    told = json.loads(body)
    assert (told["Status"], told["PhysicalResourceId"]) == (status, "published-files")
    assert len(body) < 4096


def test_a_stack_that_is_not_on_its_way_back_is_deployed(aws_account: Any) -> None:
    template = json.dumps({"Resources": {"A": {"Type": "AWS::SQS::Queue"}}})
    stack = aws_account("cloudformation").create_stack(StackName="s", TemplateBody=template)["StackId"]
    assert rolling_back(stack) is False
