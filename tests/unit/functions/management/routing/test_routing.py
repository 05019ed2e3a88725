"""Routes through the API: live as soon as they are put, checked among all that is live."""

from __future__ import annotations

import pytest

from management.dependencies import Dependencies
from tests.fakes.api_client import ApiClient, ApiResponse
from tests.fakes.publishing_tables import Published

YAML = "application/yaml"
NEW = "chatflow: 1\nroutes:\n  - {keywords: [hi], flow: other}   # says hello\n  - {flow: other}\n"


@pytest.fixture
def dependencies(dependencies: Dependencies, live: Published) -> Dependencies:
    return live.dependencies(dependencies)


def put(caller: ApiClient, text: str = NEW, **headers: str) -> ApiResponse:
    return caller("PUT", "/routes", text, query={"note": "hi too"}, content_type=YAML, **headers)


def test_routes_are_live_as_soon_as_they_are_put(editor: ApiClient, live: Published) -> None:
    etag = editor("GET", "/routes").headers["ETag"]
    response = put(editor, if_match=etag)
    assert (response.status, response.body["version"], response.body["note"]) == (200, 2, "hi too")
    assert response.headers["ETag"] == '"r2"'
    read = editor("GET", "/routes", accept=YAML)
    assert (read.text, read.headers["ETag"]) == (NEW, '"r2"')
    assert editor("GET", "/routes").body["routes"][0] == {"keywords": ["hi"], "flow": "other"}


def test_the_second_of_two_editors_gets_a_conflict(editor: ApiClient, live: Published) -> None:
    put(editor, if_match='"r1"')
    assert put(editor, if_match='"r1"').slug == "edit-conflict"
    assert put(editor, if_none_match="*").slug == "edit-conflict"
    assert put(editor).slug == "precondition-required"


def test_routes_to_an_unknown_flow_are_refused(editor: ApiClient, live: Published) -> None:
    response = put(editor, NEW.replace("hi], flow: other", "hi], flow: gone"), if_match='"r1"')
    assert (response.status, response.slug) == (422, "invalid-flow")
    assert response.body["problems"][0]["field"] == "routes[0].flow"
    assert editor("GET", "/routes").headers["ETag"] == '"r1"'


def test_earlier_routes_come_back_as_a_new_version(editor: ApiClient, live: Published) -> None:
    first = editor("GET", "/routes", accept=YAML).text
    put(editor, if_match='"r1"')
    response = editor("POST", "/routes/rollback", {"version": 1})
    assert (response.status, response.body["version"]) == (201, 3)
    assert editor("GET", "/routes", accept=YAML).text == first
    listed = editor("GET", "/routes/versions").body["items"]
    assert [(each["version"], each["live"], each["master"]) for each in listed] == [
        (3, True, "api"),
        (2, False, "api"),
        (1, False, "deploy"),
    ]
    assert editor("POST", "/routes/rollback", {"version": 1}, if_match='"r2"').slug == "edit-conflict"
    assert editor("POST", "/routes/rollback", {"version": 9}).status == 404


def test_a_viewer_reads_and_changes_nothing(viewer: ApiClient, live: Published) -> None:
    assert viewer("GET", "/routes").status == 200
    assert put(viewer, if_match='"r1"').slug == "forbidden"
    assert viewer("POST", "/routes/rollback", {"version": 1}).slug == "forbidden"
