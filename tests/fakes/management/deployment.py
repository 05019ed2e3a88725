"""The management API on loopback, as its contract says: real HTTP, with a user pool and a bucket beside it.

Whatever is asked of it and whatever it answers is held to docs/openapi.json.
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
