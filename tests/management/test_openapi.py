"""The OpenAPI document: made of the code, committed as it is made, valid, and whole."""

from __future__ import annotations

import re
from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

from management.api import routes
from management.openapi import document, text
from management.problems import KINDS

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
OPERATIONS = [operation for methods in document()["paths"].values() for operation in methods.values()]
NAMES = [operation["operationId"] for operation in OPERATIONS]


def test_the_committed_document_is_the_one_of_the_code() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == text(), "run `make openapi`, and commit docs/openapi.json"


def test_it_is_valid() -> None:
    assert document()["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []


def test_every_operation_has_a_name_of_its_own() -> None:
    assert len(NAMES) == len(set(NAMES)) == len(routes())
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in NAMES)


def test_an_operation_says_what_it_does_and_who_may() -> None:
    for name, operation in zip(NAMES, OPERATIONS, strict=True):
        assert operation["summary"][0].isupper(), name
        assert not operation["summary"].endswith("."), name
        assert operation["x-role"] in ("viewer", "editor", "admin"), name


def test_an_operation_answers_success_and_what_any_may_be_refused_with() -> None:
    for name, operation in zip(NAMES, OPERATIONS, strict=True):
        statuses = operation["responses"].keys()
        assert len([status for status in statuses if status.startswith("2")]) == 1, name
        assert {"401", "403", "429", "500", "503"} <= statuses, name
        if operation.get("parameters") or "requestBody" in operation:
            assert "422" in statuses, name


def test_what_goes_wrong_is_a_problem_document() -> None:
    for name, operation in zip(NAMES, OPERATIONS, strict=True):
        for status, response in operation["responses"].items():
            if status >= "400":
                schema = response["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, f"{name} {status}"


def test_no_schema_is_the_frameworks_own() -> None:
    assert not re.search(r"HTTPValidationError|ResponseValidationError|Powertools", text())


def test_every_kind_of_problem_is_named_in_the_schema() -> None:
    types = document()["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert types == [f"urn:chatflow:problem:{slug}" for slug in KINDS]
