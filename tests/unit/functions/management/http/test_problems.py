"""Problem documents."""

from __future__ import annotations

from management.http.problems import Problem, invalid_fields


def test_a_problem_document_has_its_additional_members() -> None:
    problem = Problem("flow-in-use", "sessions run on it", running=3)
    assert problem.document("r-1") == {
        "type": "urn:chatflow:problem:flow-in-use",
        "title": "Sessions run on this flow",
        "status": 409,
        "detail": "sessions run on it",
        "instance": "urn:chatflow:request:r-1",
        "running": 3,
    }


def test_every_wrong_field_is_named() -> None:
    found = invalid_fields(
        [{"field": "body.name", "message": "too long"}, {"field": "body.size", "message": "too big"}]
    )
    assert found.detail == "body.name: too long (and 1 more)"
    assert len(found.members["errors"]) == 2
