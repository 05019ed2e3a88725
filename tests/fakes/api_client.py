"""Calls the management API in this process: requests and responses in the form of API Gateway (payload format 2.0)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from management.api import ManagementApi
from management.audit.store import AuditResult, AuditRow, Position


@dataclass
class ApiResponse:
    """A response as API Gateway gets it."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def slug(self) -> str:
        """The slug of a problem document."""
        assert self.headers["Content-Type"] == "application/problem+json", self.text
        return str(self.body["type"]).removeprefix("urn:chatflow:problem:")


class LambdaContext:
    """The context of an invocation."""

    function_name = "management"
    aws_request_id = "invocation-1"

    def get_remaining_time_in_millis(self) -> int:
        return 25_000


@dataclass
class ApiClient:
    """A user of the API. `groups`: the claim as it reaches Lambda; "" is a user without groups."""

    api: ManagementApi
    groups: Any = "[admin]"
    name: str = "ada"
    claims: dict[str, Any] | None = field(default=None)  # instead of the claims of an access token

    def __call__(
        self, method: str, path: str, body: Any = None, *, query: dict[str, Any] | None = None, **headers: str
    ) -> ApiResponse:
        """Send a request. `headers` are written with underscores: if_match='"r1"', idempotency_key="k"."""
        claims = {"username": self.name, "token_use": "access", "cognito:groups": self.groups}
        sent_headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent_headers.setdefault("content-type", "application/json")
        event = {
            "version": "2.0",
            "routeKey": f"{method} /api/v1{path}",
            "rawPath": f"/api/v1{path}",
            "rawQueryString": urlencode(query or {}),
            "queryStringParameters": {name: str(value) for name, value in (query or {}).items()} or None,
            "headers": sent_headers,
            "body": body if isinstance(body, str) or body is None else json.dumps(body),
            "isBase64Encoded": False,
            "requestContext": {
                "stage": "$default",
                "requestId": "request-1",
                "http": {"method": method, "path": f"/api/v1{path}", "sourceIp": "192.0.2.1"},
                "authorizer": {"jwt": {"claims": claims if self.claims is None else self.claims, "scopes": None}},
            },
        }
        response = self.api.handle(event, LambdaContext())
        return ApiResponse(response["statusCode"], response.get("headers", {}), response.get("body") or "")


@dataclass
class InMemoryAudit:
    """Stores audit rows by their sort keys."""

    rows: dict[str, AuditRow] = field(default_factory=dict)

    def write(self, row: AuditRow) -> None:
        self.rows[row.sort_key] = row

    def complete(self, row: AuditRow, outcome: AuditResult, status: int, facts: Mapping[str, Any]) -> None:
        self.rows[row.sort_key] = AuditRow(
            row.at, row.request, row.who, row.operation, row.target, outcome, status, dict(facts)
        )

    def page(self, position: Position, *, since: str, who: str, limit: int) -> tuple[list[AuditRow], Position | None]:
        found = [
            row for row in self.rows.values() if since <= row.at and row.sort_key < position.at and who in ("", row.who)
        ]
        rows = sorted(found, key=lambda row: row.sort_key, reverse=True)
        return rows[:limit], Position(position.month, rows[limit - 1].sort_key) if len(rows) > limit else None


class NoIdempotency:
    """Carries out every request, also one that was sent before."""

    def once(self, key: str, request: str, act: Callable[[], Any], context: Any, stored: Any) -> Any:
        return act()
