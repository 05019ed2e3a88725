"""Every operation of the API, whoever asks: no token, no role, each role. What others add is tested with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chatflow.settings import ManagementSettings
from management.dependencies import Dependencies
from management.http.api import ManagementApi
from management.http.auth import ROLES, groups
from management.http.openapi import document
from tests.management.conftest import AuditInMemory, Caller

OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in document(ManagementApi(Dependencies.from_settings(ManagementSettings())).resolver)[
        "paths"
    ].items()
    for method, operation in methods.items()
]
NAMES = [operation["operationId"] for _, _, operation in OPERATIONS]
every_operation = pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)


@pytest.fixture(autouse=True)
def no_resource(api: ManagementApi, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever passes the checks is answered 299: no resource runs."""
    monkeypatch.setattr(api.resolver, "resolve", lambda *_: {"statusCode": 299, "headers": {}, "body": "{}"})
    yield


def asked(caller: Caller, method: str, path: str) -> Any:
    return caller(method, path.replace("{", "").replace("}", ""))


@every_operation
def test_nothing_is_done_without_a_token(api: ManagementApi, method: str, path: str, operation: Any) -> None:
    answer = asked(Caller(api, token={}), method, path)
    assert (answer.status, answer.slug) == (401, "unauthorized")


@every_operation
def test_an_id_token_is_no_access_token(api: ManagementApi, method: str, path: str, operation: Any) -> None:
    claims = {"cognito:username": "ada", "token_use": "id", "cognito:groups": "[admin]", "username": "ada"}
    assert asked(Caller(api, token=claims), method, path).status == 401


@every_operation
@pytest.mark.parametrize("role", ["", *ROLES, "Admin", "administrators"])
def test_an_operation_takes_its_role(api: ManagementApi, method: str, path: str, operation: Any, role: str) -> None:
    enough = role in ROLES and ROLES.index(role) >= ROLES.index(operation["x-role"])
    answer = asked(Caller(api, f"[{role}]"), method, path)
    assert answer.status == (299 if enough else 403)
    if not enough:
        assert answer.slug == "forbidden"


@every_operation
def test_a_change_leaves_a_row_and_nothing_else_does(
    method: str, path: str, operation: Any, admin: Caller, dependencies: Dependencies
) -> None:
    asked(replace(admin, name="grace"), method, path)
    audit = dependencies.audit
    assert isinstance(audit, AuditInMemory)
    rows = [(row.who, row.operation, row.outcome, row.status) for row in audit.kept.values()]
    changes = operation.get("x-changes", False)
    assert rows == ([("grace", operation["operationId"], "done", 299)] if changes else [])


def test_what_only_reads_is_open_to_viewers_and_what_changes_is_not() -> None:
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
def test_groups_are_read_in_each_shape(claim: object, found: set[str]) -> None:
    assert groups(claim) == found


def test_a_role_of_no_meaning_gives_none(api: ManagementApi) -> None:
    assert asked(Caller(api, "[admins, admin!]"), "GET", "/me").status == 403
