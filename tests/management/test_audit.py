"""Rows of changes: kept in DynamoDB as moto plays it, listed by the API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chatflow.adapters import aws
from management.audit.store import Audit, Row
from management.dependencies import Dependencies
from tests.fakes.aws_account import an_account
from tests.management.conftest import Answer, Caller

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC).timestamp()
DAY = 86400


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Audit]:
    with an_account(monkeypatch):
        aws.client("dynamodb").create_table(
            TableName="audit",
            KeySchema=[{"AttributeName": "month", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("month", "at")],
            BillingMode="PAY_PER_REQUEST",
        )
        yield Audit("audit")


@pytest.fixture
def dependencies(dependencies: Dependencies, table: Audit) -> Dependencies:
    return replace(dependencies, audit=table, clock=lambda: NOW)


def keep(audit: Audit, *days_ago: float, who: str = "ada") -> None:
    for ago in days_ago:
        audit.write(Row.begun(NOW - ago * DAY, f"{who}-{ago}", who, "publish_flow", {"flow": "a"}))


def requests(answer: Answer) -> list[str]:
    return [row["request"] for row in answer.body["items"]]


def test_a_row_tells_who_changed_what_and_what_came_of_it(admin: Caller, table: Audit) -> None:
    row = Row.begun(NOW - 60, "r-1", "ada", "publish_flow", {"flow": "a"})
    table.write(row)
    table.complete(row, "done", 201, {"version": 3})
    keep(table, 2)
    done, began = admin("GET", "/audit").body["items"]
    assert done == {
        "at": "2026-11-22T17:59:00.000000Z",
        "who": "ada",
        "operation": "publish_flow",
        "target": {"flow": "a"},
        "outcome": "done",
        "status": 201,
        "facts": {"version": 3},
        "request": "r-1",
    }
    assert (began["outcome"], began["status"]) == ("began", None)


def test_pages_follow_one_another_over_months_and_miss_nothing(admin: Caller, table: Audit) -> None:
    days = [0.1, 1, 2, 21.9, 25, 30, 30.9]
    keep(table, *days)
    found: list[str] = []
    cursor = None
    for _ in range(10):
        answer = admin("GET", "/audit", query={"limit": 2, **({"cursor": cursor} if cursor else {})})
        found += requests(answer)
        cursor = answer.body["next"]
        if cursor is None:
            break
    assert found == [f"ada-{ago}" for ago in days]


def test_it_looks_back_a_month_or_as_far_as_asked(admin: Caller, table: Audit) -> None:
    keep(table, 1, 40, 100)
    assert requests(admin("GET", "/audit")) == ["ada-1"]
    assert requests(admin("GET", "/audit", query={"since": "2026-08-01T00:00:00+02:00"})) == [
        "ada-1",
        "ada-40",
        "ada-100",
    ]
    assert requests(admin("GET", "/audit", query={"since": "2026-11-22T00:00:00Z"})) == []


def test_one_users_changes_are_found_among_many(admin: Caller, table: Audit) -> None:
    keep(table, *[0.01 * number for number in range(1, 130)])
    keep(table, 2, 3, who="grace")
    found: list[str] = []
    query = {"who": "grace", "limit": 1}
    for _ in range(4):
        answer = admin("GET", "/audit", query=query)
        found += requests(answer)
        if answer.body["next"] is None:
            break
        query = {**query, "cursor": answer.body["next"]}
    assert found == ["grace-2", "grace-3"]


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "no cursor"},
        {"cursor": "eyJtb250aCI6ICIyMDI2LTEzIiwgImF0IjogIjIwMjYtMTMifQ"},
        {"since": "yesterday"},
        {"since": "2026-11-22"},
        {"since": "1795370400"},
        {"since": "2026-11-22T18:00:00"},
        {"since": "2026-13-22T18:00:00Z"},
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "many"},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(admin: Caller, table: Audit, query: dict[str, str]) -> None:
    answer = admin("GET", "/audit", query=query)
    assert (answer.status, answer.slug) == (422, "invalid-request")
    assert answer.body["errors"][0]["field"] == f"query.{next(iter(query))}"


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_times_far_away_are_no_trouble(admin: Caller, table: Audit, since: str) -> None:
    assert admin("GET", "/audit", query={"since": since}).status == 200
