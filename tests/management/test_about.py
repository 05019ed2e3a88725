"""Who is signed in; also the example of how a resource is called in a test."""

from __future__ import annotations

from tests.management.conftest import Caller


def test_a_user_is_told_their_name_and_roles(editor: Caller) -> None:
    answer = editor("GET", "/me")
    assert (answer.status, answer.body) == (200, {"name": "ada", "roles": ["editor"]})
    assert answer.headers["Content-Type"] == "application/json"


def test_the_api_describes_itself(viewer: Caller) -> None:
    document = viewer("GET", "/openapi.json").body
    assert document["openapi"].startswith("3.1")
    assert "/me" in document["paths"]


def test_what_is_not_there_is_a_problem(viewer: Caller) -> None:
    answer = viewer("GET", "/nothing")
    assert (answer.status, answer.slug) == (404, "not-found")
    assert answer.body["instance"] == "urn:chatflow:request:request-1"
