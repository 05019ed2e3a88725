"""How any request is dealt with: what cannot be read, what fails, what is refused; and the rows that tell of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chatflow.errors import NotPublished, TooLarge, Unavailable
from management.audit.service import add_audit_facts
from management.dependencies import Dependencies
from management.http.api import ManagementApi
from management.http.problems import PROBLEM_TYPES, Problem
from tests.management.conftest import AuditInMemory, Caller, Context


class Resource:
    """What the resource does with a request; the operation is one that takes a body and changes something."""

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
    made = Resource()
    monkeypatch.setattr(api.resolver, "resolve", made.resolve)
    monkeypatch.setattr(api, "_match", lambda _: (Made(), {"thing": "a"}))
    yield made


class Made:
    """The route of `POST /made`."""

    method = "POST"
    body_field = "a field"

    def __init__(self) -> None:
        self.openapi_extensions = {"x-role": "editor", "x-changes": True}

    def func(self) -> None: ...


def rows(of: Dependencies) -> list[tuple[str, int, dict[str, Any]]]:
    assert isinstance(of.audit, AuditInMemory)
    return [(row.outcome, row.status, dict(row.facts)) for row in of.audit.kept.values()]


def test_a_change_is_done_and_its_row_tells_what_it_mentioned(
    editor: Caller, resource: Resource, dependencies: Dependencies
) -> None:
    resource.does = lambda: add_audit_facts(version=3)
    answer = editor("POST", "/made", {})
    assert (answer.status, answer.body) == (201, {"made": True})
    assert answer.headers == {"Content-Type": "application/json", "Cache-Control": "no-store"}
    assert rows(dependencies) == [("done", 201, {"version": 3})]


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (Problem("asset-in-use", "flows use it", used_by=["a"]), 409, "asset-in-use"),
        (NotPublished("there is no flow x"), 404, "not-found"),
        (TooLarge("too many nodes"), 413, "too-large"),
        (Unavailable("the queue does not answer"), 503, "unavailable"),
        (RuntimeError("secret-token-123"), 500, "internal"),
        (ReadTimeoutError(endpoint_url="https://aws.example", error="secret-token-123"), 503, "unavailable"),
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "Query"), 503, "unavailable"),
        (ClientError({"Error": {"Code": "AccessDeniedException"}}, "Query"), 500, "internal"),
    ],
)
def test_what_goes_wrong_is_a_problem_and_in_the_row(
    editor: Caller, resource: Resource, dependencies: Dependencies, *, error: Exception, status: int, slug: str
) -> None:
    resource.does = lambda: error
    answer = editor("POST", "/made", {})
    assert (answer.status, answer.slug) == (status, slug)
    assert answer.body["title"] == PROBLEM_TYPES[slug].title
    assert "secret-token-123" not in answer.text
    assert rows(dependencies) == [("failed" if status >= 500 else "refused", status, {})]


def test_the_row_is_there_before_the_change_begins(
    editor: Caller, resource: Resource, dependencies: Dependencies
) -> None:
    seen: list[Any] = []
    resource.does = lambda: seen.extend(rows(dependencies))
    editor("POST", "/made", {})
    assert seen == [("began", 0, {})]


def test_no_change_is_made_when_its_row_cannot_be_written(
    editor: Caller, resource: Resource, dependencies: Dependencies, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise Unavailable("the table does not answer")

    monkeypatch.setattr(dependencies.audit, "write", fails)
    assert editor("POST", "/made", {}).slug == "unavailable"
    assert resource.events == []


def test_what_was_done_is_told_even_when_its_row_cannot_be_completed(
    editor: Caller, resource: Resource, dependencies: Dependencies, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("the table does not answer")

    monkeypatch.setattr(dependencies.audit, "complete", fails)
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
def test_a_body_that_no_two_parsers_read_alike_is_refused(editor: Caller, resource: Resource, body: str) -> None:
    answer = editor("POST", "/things", body)
    assert (answer.status, answer.slug) == (422, "invalid-request")


def test_a_body_in_base64_reaches_the_resource_as_text(api: ManagementApi, resource: Resource) -> None:
    _send(api, base64.b64encode('{"flow":"gruß"}'.encode()).decode())
    assert resource.events[0]["body"] == '{"flow":"gruß"}'


@pytest.mark.parametrize("body", [base64.b64encode(b"\xff\xfe").decode(), "!!!"])
def test_a_body_that_is_no_text_is_refused(api: ManagementApi, resource: Resource, body: str) -> None:
    answer = _send(api, body)
    assert json.loads(answer["body"])["type"] == "urn:chatflow:problem:invalid-request"
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
    return api.handle(event, Context())


@pytest.mark.parametrize("key", ["", "x" * 256, "line\nbreak", "ключ"])
def test_an_idempotency_key_that_is_none_is_refused(editor: Caller, resource: Resource, key: str) -> None:
    answer = editor("POST", "/made", {}, idempotency_key=key)
    assert (answer.status, answer.slug) == (422, "invalid-request")
    assert answer.body["errors"][0]["field"] == "header.Idempotency-Key"


@pytest.mark.parametrize(
    "sent", ["multipart/form-data", "text/plain", "application/yaml", "application/xml; charset=utf-8"]
)
def test_a_body_of_another_type_is_refused(editor: Caller, resource: Resource, sent: str) -> None:
    answer = editor("POST", "/made", {}, content_type=sent)
    assert (answer.status, answer.slug) == (415, "unsupported-content")
    assert resource.events == []


@pytest.mark.parametrize("sent", ["application/json", "Application/JSON; charset=utf-8", ""])
def test_a_body_of_its_own_type_is_taken(editor: Caller, resource: Resource, sent: str) -> None:
    assert editor("POST", "/made", {}, content_type=sent).status == 201
