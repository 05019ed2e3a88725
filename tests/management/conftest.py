"""A caller of the management API: requests as API Gateway passes them on, answers as it gets them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from chatflow.settings import ManagementSettings
from management.audit.store import Outcome, Place, Row
from management.dependencies import Dependencies
from management.http.api import ManagementApi
from tests.fakes.flow_folders import FlowFolder
from tests.fakes.publishing_tables import Published, published


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def slug(self) -> str:
        """Which problem it is."""
        assert self.headers["Content-Type"] == "application/problem+json", self.text
        return str(self.body["type"]).removeprefix("urn:chatflow:problem:")


@dataclass
class Caller:
    """`groups`: the claim as it reaches Lambda; "" is a user without any."""

    api: ManagementApi
    groups: Any = "[admin]"
    name: str = "ada"
    token: dict[str, Any] | None = field(default=None)  # instead of the claims of an access token

    def __call__(
        self, method: str, path: str, body: Any = None, *, query: dict[str, Any] | None = None, **headers: str
    ) -> Answer:
        """`headers` are written with underscores: if_match='"r1"', idempotency_key="k"."""
        claims = {"username": self.name, "token_use": "access", "cognito:groups": self.groups}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent.setdefault("content-type", "application/json")
        event = {
            "version": "2.0",
            "routeKey": f"{method} /api/v1{path}",
            "rawPath": f"/api/v1{path}",
            "rawQueryString": urlencode(query or {}),
            "queryStringParameters": {name: str(value) for name, value in (query or {}).items()} or None,
            "headers": sent,
            "body": body if isinstance(body, str) or body is None else json.dumps(body),
            "isBase64Encoded": False,
            "requestContext": {
                "stage": "$default",
                "requestId": "request-1",
                "http": {"method": method, "path": f"/api/v1{path}", "sourceIp": "192.0.2.1"},
                "authorizer": {"jwt": {"claims": claims if self.token is None else self.token, "scopes": None}},
            },
        }
        answered = self.api.handle(event, Context())
        return Answer(answered["statusCode"], answered.get("headers", {}), answered.get("body") or "")


class Context:
    """What Lambda says of an invocation."""

    function_name = "management"
    aws_request_id = "invocation-1"

    def get_remaining_time_in_millis(self) -> int:
        return 25_000


@dataclass
class AuditInMemory:
    """Rows as they were left."""

    kept: dict[str, Row] = field(default_factory=dict)

    def write(self, row: Row) -> None:
        self.kept[row.sort] = row

    def complete(self, row: Row, outcome: Outcome, status: int, facts: dict[str, Any]) -> None:
        self.kept[row.sort] = Row(row.at, row.request, row.who, row.operation, row.target, outcome, status, dict(facts))

    def page(self, place: Place, *, since: str, who: str, limit: int) -> tuple[list[Row], Place | None]:
        found = [row for row in self.kept.values() if since <= row.at and row.sort < place.at and who in ("", row.who)]
        rows = sorted(found, key=lambda row: row.sort, reverse=True)
        return rows[:limit], Place(place.month, rows[limit - 1].sort) if len(rows) > limit else None


class Forgetful:
    """Carries out every repeat again."""

    def once(self, key: str, request: str, act: Callable[[], Any], context: Any) -> Any:
        return act()


@pytest.fixture
def dependencies() -> Dependencies:
    """What the API of a test uses. A test module that needs more fakes overrides this fixture with `replace`."""
    adapters = Dependencies.from_settings(ManagementSettings())
    return replace(adapters, clock=lambda: 1795370400.0, audit=AuditInMemory(), idempotency=Forgetful())


@pytest.fixture
def api(dependencies: Dependencies) -> ManagementApi:
    return ManagementApi(dependencies)


@pytest.fixture
def admin(api: ManagementApi) -> Caller:
    return Caller(api, "[admin]")


@pytest.fixture
def editor(api: ManagementApi) -> Caller:
    return Caller(api, "[editor]")


@pytest.fixture
def viewer(api: ManagementApi) -> Caller:
    return Caller(api, "[viewer]")


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Published]:
    """A sound project (tests/unit/chatflow/flows/sound) that a deploy has published, and the tables that it lies in."""
    with published(monkeypatch) as its:
        its.deploy_once("library", lambda: FlowFolder(tmp_path / "flows").project())
        yield its
