"""A request that is sent twice is carried out once; on DynamoDB as moto plays it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chatflow.adapters import aws
from management.dependencies import Dependencies
from management.http import idempotency
from management.http.api import ManagementApi
from management.http.idempotency import DynamoDBIdempotencyStore
from tests.fakes.aws_account import an_account
from tests.management.conftest import Answer, Caller
from tests.management.test_order import Made


class Counting:
    """A resource that makes another thing each time."""

    def __init__(self) -> None:
        self.made = 0
        self.status = 201
        self.during: Any = None
        self.more: dict[str, Any] = {}

    def resolve(self, event: dict[str, Any], _: Any) -> dict[str, Any]:
        self.made += 1
        if self.during:
            self.during()
        body = json.dumps({"number": self.made, **self.more}, separators=(",", ":"))
        return {"statusCode": self.status, "body": body, "headers": {"ETag": '"r1"'}}


@pytest.fixture
def dependencies(dependencies: Dependencies) -> Dependencies:
    return replace(dependencies, idempotency=DynamoDBIdempotencyStore("repeats"))


@pytest.fixture
def things(api: ManagementApi, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    counting = Counting()
    monkeypatch.setattr(api.resolver, "resolve", counting.resolve)
    monkeypatch.setattr(api, "_match", lambda _: (Made(), {}))
    with an_account(monkeypatch):
        idempotency._store.cache_clear()
        aws.client("dynamodb").create_table(
            TableName="repeats",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield counting
    idempotency._store.cache_clear()


def make(caller: Caller, key: str = "k-1", body: Any = "", path: str = "/things") -> Answer:
    return caller("POST", path, body, idempotency_key=key)


def test_the_second_try_gets_the_first_ones_answer(editor: Caller, things: Counting) -> None:
    first, second = make(editor), make(editor)
    assert things.made == 1
    assert (second.status, second.body) == (first.status, first.body) == (201, {"number": 1})
    assert second.headers == {**first.headers, "Idempotency-Replayed": "true"}
    assert second.headers["ETag"] == '"r1"'


def test_without_a_key_or_with_another_one_it_is_another_request(editor: Caller, things: Counting) -> None:
    make(editor)
    assert make(editor, "k-2").body == {"number": 2}
    assert editor("POST", "/things", "").body == {"number": 3}


def test_keys_of_two_users_and_of_two_operations_have_nothing_in_common(editor: Caller, things: Counting) -> None:
    make(editor)
    assert make(replace(editor, name="grace")).body == {"number": 2}
    assert make(editor, path="/others").body == {"number": 3}


def test_a_key_on_another_body_is_refused(editor: Caller, things: Counting) -> None:
    make(editor, body={"name": "a"})
    answer = make(editor, body={"name": "b"})
    assert (answer.status, answer.slug) == (422, "idempotency-key-reused")
    assert things.made == 1


def test_a_request_that_is_not_done_yet_is_not_begun_again(editor: Caller, things: Counting) -> None:
    seen: list[Answer] = []
    things.during = lambda: seen.append(make(editor)) if not seen else None
    assert make(editor).status == 201
    assert [(answer.status, answer.slug) for answer in seen] == [(409, "in-progress")]


@pytest.mark.parametrize("status", [409, 422, 500, 503])
def test_what_was_refused_or_failed_may_be_tried_again(editor: Caller, things: Counting, status: int) -> None:
    things.status = status
    assert make(editor).status == status
    things.status = 201
    again = make(editor)
    assert (again.status, again.body) == (201, {"number": 2})
    assert "Idempotency-Replayed" not in again.headers


def test_an_answer_that_no_item_could_hold_is_given_all_the_same(editor: Caller, things: Counting) -> None:
    things.more = {"quotes": '"' * 120_000}  # in JSON twice as long, and in the JSON around it four times
    assert make(editor).status == 201
    assert make(editor).body["number"] == 2  # not kept: carried out again


def test_what_was_done_is_told_even_when_it_cannot_be_kept(editor: Caller, things: Counting) -> None:
    things.during = lambda: aws.client("dynamodb").delete_table(TableName="repeats")
    assert make(editor).status == 201
    things.during = None
    answer = make(editor)
    assert (answer.status, answer.slug, things.made) == (503, "unavailable", 1)


def test_nothing_of_the_request_is_kept(editor: Caller, things: Counting) -> None:
    make(editor, "my-own-key", {"contact": "+49170123"})
    kept = str(aws.client("dynamodb").scan(TableName="repeats")["Items"])
    assert "expires_at" in kept
    assert "49170123" not in kept
    assert "my-own-key" not in kept
