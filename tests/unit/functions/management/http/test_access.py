"""Access to every operation: without a token, without a role and with each role. New operations are included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from management.api import ManagementApi
from management.http.auth import ROLES, groups
from management.http.openapi import document
from tests.fakes.api_client import ApiClient, InMemoryAudit
from tests.fakes.management_dependencies import some_dependencies

OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in document(ManagementApi(some_dependencies()).include_all())["paths"].items()
    for method, operation in methods.items()
]
NAMES = [operation["operationId"] for _, _, operation in OPERATIONS]
every_operation = pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)


@pytest.fixture(autouse=True)
def no_resource(api: ManagementApi, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever passes the checks is answered 299: no resource runs."""
    monkeypatch.setattr(api.resolver, "resolve", lambda *_: {"statusCode": 299, "headers": {}, "body": "{}"})
    yield


def send(client: ApiClient, method: str, path: str) -> Any:
    return client(method, path.replace("{", "").replace("}", ""))


@every_operation
def test_nothing_is_done_without_a_token(api: ManagementApi, method: str, path: str, operation: Any) -> None:
    response = send(ApiClient(api, claims={}), method, path)
    assert (response.status, response.slug) == (401, "unauthorized")


@every_operation
def test_an_id_token_is_refused(api: ManagementApi, method: str, path: str, operation: Any) -> None:
    claims = {"cognito:username": "ada", "token_use": "id", "cognito:groups": "[admin]", "username": "ada"}
    assert send(ApiClient(api, claims=claims), method, path).status == 401


@every_operation
@pytest.mark.parametrize("role", ["", *ROLES, "Admin", "administrators"])
def test_an_operation_requires_its_role(api: ManagementApi, method: str, path: str, operation: Any, role: str) -> None:
    enough = role in ROLES and ROLES.index(role) >= ROLES.index(operation["x-role"])
    response = send(ApiClient(api, f"[{role}]"), method, path)
    assert response.status == (299 if enough else 403)
    if not enough:
        assert response.slug == "forbidden"


@every_operation
def test_changes_and_readings_of_customers_data_leave_a_row_and_nothing_else_does(
    method: str, path: str, operation: Any, admin: ApiClient, audit: InMemoryAudit
) -> None:
    send(replace(admin, name="grace"), method, path)
    rows = [(row.who, row.operation, row.outcome, row.status) for row in audit.rows.values()]
    leaves_one = operation.get("x-changes", False) or operation.get("x-shows-customers", False)
    assert rows == ([("grace", operation["operationId"], "done", 299)] if leaves_one else [])


def test_what_a_customer_sent_is_shown_by_these_operations() -> None:
    shown = {each["operationId"] for _method, _path, each in OPERATIONS if each.get("x-shows-customers")}
    assert shown == {"find_conversation", "get_conversation", "list_turns"}


def test_viewers_may_read_and_not_change() -> None:
    for method, path, operation in OPERATIONS:
        role = operation["x-role"]
        if method == "GET":
            assert role == ("admin" if path in ("/audit", "/secrets") else "viewer"), path
        elif operation["x-changes"]:
            assert role in ("editor", "admin"), path


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        (["admin", "editor"], {"admin", "editor"}),
        ("[admin editor]", {"admin", "editor"}),
        ("[admin]", {"admin"}),
        ('["admin", "editor"]', {"admin", "editor"}),
        ("admin,editor", {"admin", "editor"}),
        ("admin", {"admin"}),
        ("[]", set()),
        ("", set()),
        (None, set()),
        ("[not,admin]", {"not,admin"}),
        ("[xadmin]", {"xadmin"}),
    ],
)
def test_groups_are_parsed_in_each_form(claim: object, found: set[str]) -> None:
    assert groups(claim) == found


def test_unknown_groups_give_no_role(api: ManagementApi) -> None:
    assert send(ApiClient(api, "[admins, admin!]"), "GET", "/me").status == 403
