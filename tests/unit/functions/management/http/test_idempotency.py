"""Idempotency on DynamoDB as moto plays it: a request that is sent twice is carried out once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chatflow.adapters import aws
from management.api import ManagementApi
from management.dependencies import Dependencies
from management.http import idempotency
from management.http.idempotency import DynamoDBIdempotencyStore
from tests.fakes.api_client import ApiClient, ApiResponse
from tests.fakes.aws_account import an_account, create_table
from tests.fakes.management_dependencies import with_fakes
from tests.unit.functions.management.http.test_api import RouteOfThing


class Counting:
    """Takes the place of the handlers, and creates another thing at each call."""

    def __init__(self) -> None:
        self.calls = 0
        self.status = 201
        self.during: Any = None
        self.more: dict[str, Any] = {}

    def resolve(self, event: dict[str, Any], _: Any) -> dict[str, Any]:
        self.calls += 1
        if self.during:
            self.during()
        body = json.dumps({"number": self.calls, **self.more}, separators=(",", ":"))
        return {"statusCode": self.status, "body": body, "headers": {"ETag": '"r1"'}}


@pytest.fixture
def dependencies(dependencies: Dependencies) -> Dependencies:
    return with_fakes(dependencies, idempotency=DynamoDBIdempotencyStore("repeats"))


@pytest.fixture
def things(api: ManagementApi, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    counting = Counting()
    monkeypatch.setattr(api.resolver, "resolve", counting.resolve)
    monkeypatch.setattr(api, "_match", lambda _: (RouteOfThing(), {}))
    with an_account(monkeypatch):
        idempotency._store.cache_clear()
        create_table("repeats", "id")
        yield counting
    idempotency._store.cache_clear()


def make(caller: ApiClient, key: str = "k-1", body: Any = "", path: str = "/things") -> ApiResponse:
    return caller("POST", path, body, idempotency_key=key)


def test_the_second_try_gets_the_first_response(editor: ApiClient, things: Counting) -> None:
    first, second = make(editor), make(editor)
    assert things.calls == 1
    assert (second.status, second.body) == (first.status, first.body) == (201, {"number": 1})
    assert second.headers == {**first.headers, "Idempotency-Replayed": "true"}
    assert second.headers["ETag"] == '"r1"'


def test_without_a_key_or_with_another_one_it_is_another_request(editor: ApiClient, things: Counting) -> None:
    make(editor)
    assert make(editor, "k-2").body == {"number": 2}
    assert editor("POST", "/things", "").body == {"number": 3}


def test_keys_of_different_users_and_operations_are_independent(editor: ApiClient, things: Counting) -> None:
    make(editor)
    assert make(replace(editor, name="grace")).body == {"number": 2}
    assert make(editor, path="/others").body == {"number": 3}


def test_a_key_on_another_body_is_refused(editor: ApiClient, things: Counting) -> None:
    make(editor, body={"name": "a"})
    response = make(editor, body={"name": "b"})
    assert (response.status, response.slug) == (422, "idempotency-key-reused")
    assert things.calls == 1


def test_a_request_in_progress_is_not_started_again(editor: ApiClient, things: Counting) -> None:
    seen: list[ApiResponse] = []
    things.during = lambda: seen.append(make(editor)) if not seen else None
    assert make(editor).status == 201
    assert [(response.status, response.slug) for response in seen] == [(409, "in-progress")]


@pytest.mark.parametrize("status", [409, 422, 500, 503])
def test_a_refused_or_failed_request_may_be_tried_again(editor: ApiClient, things: Counting, status: int) -> None:
    things.status = status
    assert make(editor).status == status
    things.status = 201
    again = make(editor)
    assert (again.status, again.body) == (201, {"number": 2})
    assert "Idempotency-Replayed" not in again.headers


def test_a_response_too_large_to_store_is_still_sent(editor: ApiClient, things: Counting) -> None:
    things.more = {"quotes": '"' * 120_000}  # in JSON twice as long, and in the JSON around it four times
    assert make(editor).status == 201
    assert make(editor).body["number"] == 2  # not kept: carried out again


def test_a_change_is_answered_even_if_its_response_cannot_be_stored(editor: ApiClient, things: Counting) -> None:
    things.during = lambda: aws.client("dynamodb").delete_table(TableName="repeats")
    assert make(editor).status == 201
    things.during = None
    response = make(editor)
    assert (response.status, response.slug, things.calls) == (503, "unavailable", 1)


def test_nothing_of_the_request_is_stored(editor: ApiClient, things: Counting) -> None:
    make(editor, "my-own-key", {"contact": "+49170123"})
    stored = str(aws.client("dynamodb").scan(TableName="repeats")["Items"])
    assert "expires_at" in stored
    assert "49170123" not in stored
    assert "my-own-key" not in stored


def test_a_repeat_of_a_request_that_shows_customers_data_gets_a_reference_only(
    editor: ApiClient, things: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BY_REFERENCE.openapi_extensions, "x-repeat", "reference")
    monkeypatch.setattr(editor.api, "_match", lambda _: (BY_REFERENCE, {}))
    things.more = {"answer": "Ann lives in Berlin"}
    first, second = make(editor, body={"plate": "B AB 1234"}), make(editor, body={"plate": "B AB 1234"})
    assert things.calls == 1
    assert first.body == {"number": 1, "answer": "Ann lives in Berlin"}
    assert (second.status, second.headers["Idempotency-Replayed"]) == (first.status, "true")
    assert list(second.body) == ["request"]
    stored = json.dumps(aws.client("dynamodb").scan(TableName="repeats")["Items"])
    assert "Berlin" not in stored
    assert "B AB" not in stored
    assert make(editor, body={"plate": "other"}).slug == "idempotency-key-reused"


BY_REFERENCE = RouteOfThing()
