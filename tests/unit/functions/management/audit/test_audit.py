"""Audit rows, stored in DynamoDB as moto plays it, and listed by the API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from management.audit.store import AuditRow, AuditTable
from management.dependencies import Dependencies
from tests.fakes.api_client import ApiClient, ApiResponse
from tests.fakes.aws_account import an_account, create_table
from tests.fakes.management_dependencies import with_fakes

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC).timestamp()
DAY = 86400


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[AuditTable]:
    with an_account(monkeypatch):
        create_table("audit", "month", "at")
        yield AuditTable("audit")


@pytest.fixture
def dependencies(dependencies: Dependencies, table: AuditTable) -> Dependencies:
    return with_fakes(dependencies, audit=table, clock=lambda: NOW)


def keep(audit: AuditTable, *days_ago: float, who: str = "ada") -> None:
    for ago in days_ago:
        audit.write(AuditRow.begun(NOW - ago * DAY, f"{who}-{ago}", who, "publish_flow", {"flow": "a"}))


def requests(response: ApiResponse) -> list[str]:
    return [row["request"] for row in response.body["items"]]


def test_a_row_has_the_user_the_change_and_its_outcome(admin: ApiClient, table: AuditTable) -> None:
    row = AuditRow.begun(NOW - 60, "r-1", "ada", "publish_flow", {"flow": "a"})
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


def test_a_reading_is_one_row_that_is_done(admin: ApiClient, table: AuditTable) -> None:
    row = AuditRow.begun(NOW - 60, "r-1", "ada", "list_turns", {"conversation": "c_1"})
    table.write(replace(row, outcome="done", status=200, facts={"session": "s_1"}))
    (listed,) = admin("GET", "/audit").body["items"]
    assert (listed["outcome"], listed["status"], listed["facts"]) == ("done", 200, {"session": "s_1"})


def test_pages_follow_one_another_over_months_and_miss_nothing(admin: ApiClient, table: AuditTable) -> None:
    days = [0.1, 1, 2, 21.9, 25, 30, 30.9]
    keep(table, *days)
    found: list[str] = []
    cursor = None
    for _ in range(10):
        response = admin("GET", "/audit", query={"limit": 2, **({"cursor": cursor} if cursor else {})})
        found += requests(response)
        cursor = response.body["next"]
        if cursor is None:
            break
    assert found == [f"ada-{ago}" for ago in days]


def test_changes_of_a_month_are_listed_or_of_the_requested_period(admin: ApiClient, table: AuditTable) -> None:
    keep(table, 1, 40, 100)
    assert requests(admin("GET", "/audit")) == ["ada-1"]
    assert requests(admin("GET", "/audit", query={"since": "2026-08-01T00:00:00+02:00"})) == [
        "ada-1",
        "ada-40",
        "ada-100",
    ]
    assert requests(admin("GET", "/audit", query={"since": "2026-11-22T00:00:00Z"})) == []


def test_one_users_changes_are_found_among_many(admin: ApiClient, table: AuditTable) -> None:
    keep(table, *[0.01 * number for number in range(1, 130)])
    keep(table, 2, 3, who="grace")
    found: list[str] = []
    query = {"who": "grace", "limit": 1}
    for _ in range(4):
        response = admin("GET", "/audit", query=query)
        found += requests(response)
        if response.body["next"] is None:
            break
        query = {**query, "cursor": response.body["next"]}
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
def test_invalid_parameters_are_refused(admin: ApiClient, table: AuditTable, query: dict[str, str]) -> None:
    response = admin("GET", "/audit", query=query)
    assert (response.status, response.slug) == (422, "invalid-request")
    assert response.body["errors"][0]["field"] == f"query.{next(iter(query))}"


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_times_in_the_distant_past_or_future_are_accepted(admin: ApiClient, table: AuditTable, since: str) -> None:
    assert admin("GET", "/audit", query={"since": since}).status == 200
