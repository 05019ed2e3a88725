"""The processing of every request: unreadable bodies, errors and refusals, and the audit rows of changes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chatflow.adapters.aws.errors import AwsRefused, AwsUnreachable
from chatflow.errors import NotPublished, TooLarge, Unavailable
from management.api import ManagementApi
from management.audit.service import add_audit_facts
from management.http.problems import PROBLEM_TYPES, Problem
from tests.fakes.api_client import ApiClient, InMemoryAudit, LambdaContext


class Resource:
    """Takes the place of the handlers. Its operation takes a body and changes something."""

    def __init__(self) -> None:
        self.does: Any = lambda: None
        self.events: list[dict[str, Any]] = []

    def resolve(self, event: dict[str, Any], _: Any) -> dict[str, Any]:
        self.events.append(event)
        raised = self.does()
        if isinstance(raised, Exception):
            raise raised
        return {"statusCode": 201, "body": '{"made":true}', "multiValueHeaders": {"Content-Type": ["application/json"]}}


@pytest.fixture
def resource(api: ManagementApi, monkeypatch: pytest.MonkeyPatch) -> Iterator[Resource]:
    """Stands behind `POST /made`, an operation of editors."""
    resource = Resource()
    monkeypatch.setattr(api.resolver, "resolve", resource.resolve)
    monkeypatch.setattr(api, "_match", lambda _: (RouteOfThing(), {"thing": "a"}))
    yield resource


class RouteOfThing:
    """The route of `POST /made`."""

    method = "POST"
    body_field = "a field"

    def __init__(self) -> None:
        self.openapi_extensions = {
            "x-role": "editor",
            "x-changes": True,
            "x-shows-customers": False,
            "x-repeat": "response",
        }

    def func(self) -> None: ...


def rows(audit: InMemoryAudit) -> list[tuple[str, int, dict[str, Any]]]:
    return [(row.outcome, row.status, dict(row.facts)) for row in audit.rows.values()]


def test_a_change_is_made_and_its_row_has_the_added_facts(
    editor: ApiClient, resource: Resource, audit: InMemoryAudit
) -> None:
    resource.does = lambda: add_audit_facts(version=3)
    response = editor("POST", "/made", {})
    assert (response.status, response.body) == (201, {"made": True})
    assert response.headers == {"Content-Type": "application/json", "Cache-Control": "no-store"}
    assert rows(audit) == [("done", 201, {"version": 3})]


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (Problem("asset-in-use", "flows use it", used_by=["a"]), 409, "asset-in-use"),
        (NotPublished("there is no flow x"), 404, "not-found"),
        (TooLarge("too many nodes"), 413, "too-large"),
        (Unavailable("the queue does not answer"), 503, "unavailable"),
        (RuntimeError("secret-token-123"), 500, "internal"),
        (ReadTimeoutError(endpoint_url="https://aws.example", error="secret-token-123"), 503, "unavailable"),
        (AwsUnreachable("Query", "secret-token-123", sent=True), 503, "unavailable"),
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "Query"), 503, "unavailable"),
        (AwsRefused({"Error": {"Code": "ThrottlingException"}}, "Query"), 503, "unavailable"),
        (AwsRefused({"Error": {"Code": "AccessDeniedException"}}, "Query"), 500, "internal"),
        (ClientError({"Error": {"Code": "AccessDeniedException"}}, "Query"), 500, "internal"),
    ],
)
def test_an_error_is_a_problem_and_recorded_in_the_row(
    editor: ApiClient, resource: Resource, audit: InMemoryAudit, *, error: Exception, status: int, slug: str
) -> None:
    resource.does = lambda: error
    response = editor("POST", "/made", {})
    assert (response.status, response.slug) == (status, slug)
    assert response.body["title"] == PROBLEM_TYPES[slug].title
    assert "secret-token-123" not in response.text
    assert rows(audit) == [("failed" if status >= 500 else "refused", status, {})]


def test_the_row_is_written_before_the_change_begins(
    editor: ApiClient, resource: Resource, audit: InMemoryAudit
) -> None:
    seen: list[Any] = []
    resource.does = lambda: seen.extend(rows(audit))
    editor("POST", "/made", {})
    assert seen == [("began", 0, {})]


def test_no_change_is_made_when_its_row_cannot_be_written(
    editor: ApiClient, resource: Resource, audit: InMemoryAudit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise Unavailable("the table does not answer")

    monkeypatch.setattr(audit, "write", fails)
    assert editor("POST", "/made", {}).slug == "unavailable"
    assert resource.events == []


def test_a_change_is_answered_even_if_its_row_cannot_be_completed(
    editor: ApiClient, resource: Resource, audit: InMemoryAudit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("the table does not answer")

    monkeypatch.setattr(audit, "complete", fails)
    assert editor("POST", "/made", {}).status == 201


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"name":NaN}',
        '{"name":1e999}',
        '{"name":"\\ud800"}',
        '{"name":"a","name":"b"}',
        '{"name":' + "[" * 900 + "]" * 900 + "}",
    ],
)
def test_ambiguous_json_is_refused(editor: ApiClient, resource: Resource, body: str) -> None:
    response = editor("POST", "/things", body)
    assert (response.status, response.slug) == (422, "invalid-request")


def test_a_body_in_base64_reaches_the_resource_as_text(api: ManagementApi, resource: Resource) -> None:
    _send(api, base64.b64encode('{"flow":"gruß"}'.encode()).decode())
    assert resource.events[0]["body"] == '{"flow":"gruß"}'


@pytest.mark.parametrize("body", [base64.b64encode(b"\xff\xfe").decode(), "!!!"])
def test_a_body_that_is_not_utf8_is_refused(api: ManagementApi, resource: Resource, body: str) -> None:
    response = _send(api, body)
    assert json.loads(response["body"])["type"] == "urn:chatflow:problem:invalid-request"
    assert resource.events == []


def _send(api: ManagementApi, body: str) -> dict[str, Any]:
    claims = {"username": "ada", "token_use": "access", "cognito:groups": "[editor]"}
    event = {
        "rawPath": "/api/v1/made",
        "headers": {},
        "body": body,
        "isBase64Encoded": True,
        "requestContext": {
            "requestId": "r",
            "http": {"method": "POST"},
            "authorizer": {"jwt": {"claims": claims}},
        },
    }
    return api.handle(event, LambdaContext())


@pytest.mark.parametrize("key", ["", "x" * 256, "line\nbreak", "ключ"])
def test_an_invalid_idempotency_key_is_refused(editor: ApiClient, resource: Resource, key: str) -> None:
    response = editor("POST", "/made", {}, idempotency_key=key)
    assert (response.status, response.slug) == (422, "invalid-request")
    assert response.body["errors"][0]["field"] == "header.Idempotency-Key"


@pytest.mark.parametrize(
    "sent", ["multipart/form-data", "text/plain", "application/yaml", "application/xml; charset=utf-8"]
)
def test_a_body_of_another_type_is_refused(editor: ApiClient, resource: Resource, sent: str) -> None:
    response = editor("POST", "/made", {}, content_type=sent)
    assert (response.status, response.slug) == (415, "unsupported-content")
    assert resource.events == []


@pytest.mark.parametrize("sent", ["application/json", "Application/JSON; charset=utf-8", ""])
def test_a_json_body_is_accepted(editor: ApiClient, resource: Resource, sent: str) -> None:
    assert editor("POST", "/made", {}, content_type=sent).status == 201
