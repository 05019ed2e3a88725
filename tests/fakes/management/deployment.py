"""A fake of a deployment's management API, user pool and bucket, for tests of the command line.

Every request and every response is checked against docs/openapi.json.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.fakes.management import openapi
from tests.fakes.management.user_pool import UserPool

PREFIX = "/api/v1"


class ProblemResponse(Exception):
    """Raised by an operation to answer with a problem document."""

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

    def contract_arguments(self) -> dict[str, Any]:
        """The arguments with which `openapi.departures` checks this request."""
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
Fault = tuple[int, str]  # a status and a body, answered instead of the operation's reply


@dataclass
class Deployment:
    """The operations of the API, and the requests that it received. Each of `faults` answers one request."""

    url: str = ""
    pool: UserPool = field(default_factory=UserPool)
    operations: dict[tuple[str, str], Operation] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    stored: dict[str, bytes] = field(default_factory=dict)  # the uploads to the bucket, by key
    bucket_fault: str = ""
    answers_slowly: threading.Event | None = None  # requests are answered when it is set
    departures: list[str] = field(default_factory=list)  # of requests and replies from docs/openapi.json

    @property
    def api_url(self) -> str:
        return f"{self.url}{PREFIX}"

    def calls_to(self, method: str, path: str) -> list[Call]:
        """The requests with this method and path."""
        return [call for call in self.calls if (call.method, call.path) == (method, path)]

    def operation(self, method: str, template: str) -> Callable[[Operation], Operation]:
        """Registers the decorated function as an operation of the API."""

        def add(operation: Operation) -> Operation:
            self.operations[method, template] = operation
            return operation

        return add

    def answer(self, call: Call) -> Reply:
        """The reply of the operation that a request names. Raises ProblemResponse."""
        name = self.pool.name_behind(call.headers.get("authorization", "").removeprefix("Bearer "))
        if not name:
            raise ProblemResponse(401, "unauthorized", "You are not signed in")
        call.caller = name
        for (method, template), operation in self.operations.items():
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
            found = re.fullmatch(pattern, call.path)
            if method == call.method and found:
                documented = openapi.operation(method, template)
                if documented is None:
                    raise AssertionError(f"{method} {template} is not in docs/openapi.json")
                self._record(call, openapi.departures(documented, **call.contract_arguments()))
                try:
                    reply = operation(call, **{key: unquote(value) for key, value in found.groupdict().items()})
                except ProblemResponse as problem:
                    self._record(call, openapi.reply_departures(documented, problem.status, problem.document))
                    raise
                status = 204 if reply.data is None and not reply.text else reply.status
                body = None if reply.text else reply.data
                self._record(call, openapi.reply_departures(documented, status, body))
                return reply
        raise ProblemResponse(404, "not-found", "There is no such thing", call.path)

    def _record(self, call: Call, departures: list[str]) -> None:
        self.departures += [f"{call.method} {call.path}: {each}" for each in departures]


def page(items: list[Any], call: Call) -> Reply:
    """One page of a list."""
    start, limit = int(call.params.get("cursor", "0")), int(call.params.get("limit", "25"))
    assert 1 <= limit <= 100
    more = start + limit < len(items)
    return Reply({"items": items[start : start + limit], "next": str(start + limit) if more else None})


def require_revision(call: Call, revision: int) -> None:
    """Raises ProblemResponse unless If-Match names this revision."""
    if "if-match" not in call.headers:
        raise ProblemResponse(428, "precondition-required", "Say which state you saw")
    if call.headers["if-match"] != f'"r{revision}"':
        raise ProblemResponse(412, "edit-conflict", "Someone else changed this meanwhile", "It is another one now.")
