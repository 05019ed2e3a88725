"""The signed-in user and the OpenAPI document. Also the simplest example of a test of the API."""

from __future__ import annotations

from tests.fakes.api_client import ApiClient


def test_me_returns_the_users_name_and_roles(editor: ApiClient) -> None:
    response = editor("GET", "/me")
    assert (response.status, response.body) == (200, {"name": "ada", "roles": ["editor"]})
    assert response.headers["Content-Type"] == "application/json"


def test_the_api_describes_itself(viewer: ApiClient) -> None:
    document = viewer("GET", "/openapi.json").body
    assert document["openapi"].startswith("3.1")
    assert "/me" in document["paths"]


def test_an_unknown_path_is_a_problem(viewer: ApiClient) -> None:
    response = viewer("GET", "/nothing")
    assert (response.status, response.slug) == (404, "not-found")
    assert response.body["instance"] == "urn:chatflow:request:request-1"
