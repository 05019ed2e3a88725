"""The OpenAPI document: committed as generated from the code, valid and complete."""

from __future__ import annotations

import re
from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

from management.api import ManagementApi
from management.http.openapi import all_routes, document, text
from management.http.problems import PROBLEM_TYPES
from tests.fakes.management_dependencies import some_dependencies

RESOLVER = ManagementApi(some_dependencies()).include_all()
COMMITTED = Path(__file__).resolve().parents[5] / "docs" / "openapi.json"
OPERATIONS = [operation for methods in document(RESOLVER)["paths"].values() for operation in methods.values()]
NAMES = [operation["operationId"] for operation in OPERATIONS]


def test_the_committed_document_is_up_to_date() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == text(RESOLVER), "run `make openapi`, and commit docs/openapi.json"


def test_it_is_valid() -> None:
    assert document(RESOLVER)["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document(RESOLVER)).iter_errors()) == []


def test_every_operation_has_a_unique_id() -> None:
    assert len(NAMES) == len(set(NAMES)) == len(all_routes(RESOLVER))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in NAMES)


def test_every_operation_has_a_summary_and_a_role() -> None:
    for name, operation in zip(NAMES, OPERATIONS, strict=True):
        assert operation["summary"][0].isupper(), name
        assert not operation["summary"].endswith("."), name
        assert operation["x-role"] in ("viewer", "editor", "admin"), name


def test_every_operation_documents_its_success_and_the_common_problems() -> None:
    for name, operation in zip(NAMES, OPERATIONS, strict=True):
        statuses = operation["responses"].keys()
        assert len([status for status in statuses if status.startswith("2")]) == 1, name
        assert {"401", "403", "429", "500", "503"} <= statuses, name
        if operation.get("parameters") or "requestBody" in operation:
            assert "422" in statuses, name


def test_every_error_is_a_problem_document() -> None:
    for name, operation in zip(NAMES, OPERATIONS, strict=True):
        for status, response in operation["responses"].items():
            if status >= "400":
                schema = response["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, f"{name} {status}"


def test_no_schema_is_the_frameworks_own() -> None:
    assert not re.search(r"HTTPValidationError|ResponseValidationError|Powertools", text(RESOLVER))


def test_every_kind_of_problem_is_named_in_the_schema() -> None:
    types = document(RESOLVER)["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert types == [f"urn:chatflow:problem:{slug}" for slug in PROBLEM_TYPES]
