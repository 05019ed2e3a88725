"""The OpenAPI document: made of the code, committed as it is made, valid, and whole."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from chatflow.settings import ManagementSettings
from management.dependencies import Dependencies
from management.http.api import ManagementApi
from management.http.openapi import all_routes, document, text
from management.http.problems import PROBLEM_TYPES

RESOLVER = ManagementApi(Dependencies.from_settings(ManagementSettings())).resolver
COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
OPERATIONS = [operation for methods in document(RESOLVER)["paths"].values() for operation in methods.values()]
NAMES = [operation["operationId"] for operation in OPERATIONS]
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)


def test_the_committed_document_is_the_one_of_the_code() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == text(RESOLVER), "run `make openapi`, and commit docs/openapi.json"


def test_it_is_valid() -> None:
    assert document(RESOLVER)["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document(RESOLVER)).iter_errors()) == []


def test_every_operation_has_a_name_of_its_own() -> None:
    assert len(NAMES) == len(set(NAMES)) == len(all_routes(RESOLVER))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in NAMES)


@every_operation
def test_an_operation_says_what_it_does_and_who_may(operation: dict[str, Any]) -> None:
    assert operation["summary"][0].isupper()
    assert not operation["summary"].endswith(".")
    assert operation["x-role"] in ("viewer", "editor", "admin")


@every_operation
def test_an_operation_answers_success_and_what_any_may_be_refused_with(operation: dict[str, Any]) -> None:
    statuses = operation["responses"].keys()
    assert len([status for status in statuses if status.startswith("2")]) == 1
    assert {"401", "403", "429", "500", "503"} <= statuses
    if operation.get("parameters") or "requestBody" in operation:
        assert "422" in statuses


@every_operation
def test_what_goes_wrong_is_a_problem_document(operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        if status >= "400":
            schema = response["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}


def test_no_schema_is_the_frameworks_own() -> None:
    assert not re.search(r"HTTPValidationError|ResponseValidationError|Powertools", text(RESOLVER))


def test_every_kind_of_problem_is_named_in_the_schema() -> None:
    types = document(RESOLVER)["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert types == [f"urn:chatflow:problem:{slug}" for slug in PROBLEM_TYPES]
