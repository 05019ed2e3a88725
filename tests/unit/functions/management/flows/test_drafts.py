"""Drafts of flows through the API: stored, validated among all that is live, and never overwritten unseen."""

from __future__ import annotations

import pytest
import yaml

from management.dependencies import Dependencies
from tests.fakes.api_client import ApiClient
from tests.fakes.publishing_tables import Published
from tests.unit.functions.management.flows.flow_requests import CHAT, YAML, put_draft, save_draft


@pytest.fixture
def dependencies(dependencies: Dependencies, live: Published) -> Dependencies:
    return live.dependencies(dependencies)


def test_a_draft_is_stored_character_for_character_with_comments(editor: ApiClient, live: Published) -> None:
    assert put_draft(editor, if_none_match="*").body == {
        "revision": 1,
        "updated_at": "2026-11-22T18:00:00Z",
        "by": "ada",
    }
    response = editor("GET", "/flows/chat/draft", accept=YAML)
    assert response.status == 200, response.text
    assert (response.text, response.headers["Content-Type"], response.headers["ETag"]) == (CHAT, YAML, '"r1"')


def test_a_draft_is_the_same_document_as_json(editor: ApiClient, live: Published) -> None:
    document = yaml.safe_load(CHAT)
    assert editor("PUT", "/flows/chat/draft", document, if_none_match="*").status == 200
    assert editor("GET", "/flows/chat/draft").body == document
    assert yaml.safe_load(editor("GET", "/flows/chat/draft", accept=YAML).text) == document


def test_a_draft_may_be_wrong_as_a_flow(editor: ApiClient, live: Published) -> None:
    assert put_draft(editor, "flow: chat\nnodes:\n  a: {type: nonsense}\n  a: twice\n", if_none_match="*").status == 200


def test_the_second_of_two_editors_gets_a_conflict_and_nothing_is_lost(editor: ApiClient, live: Published) -> None:
    etag = save_draft(editor)
    assert put_draft(editor, CHAT + "# Ann\n", if_match=etag).status == 200
    response = put_draft(editor, CHAT + "# Ben\n", if_match=etag)
    assert (response.status, response.slug, response.body["etag"]) == (412, "edit-conflict", '"r2"')
    assert editor("GET", "/flows/chat/draft", accept=YAML).text == CHAT + "# Ann\n"


def test_a_draft_is_not_created_twice_and_not_changed_without_a_revision(editor: ApiClient, live: Published) -> None:
    assert put_draft(editor, if_match='"r1"').slug == "edit-conflict"
    save_draft(editor)
    assert put_draft(editor, if_none_match="*").slug == "edit-conflict"
    response = put_draft(editor)
    assert (response.status, response.slug) == (428, "precondition-required")
    assert put_draft(editor, if_match="yesterday's").slug == "invalid-request"


def test_a_draft_created_again_has_a_new_revision(editor: ApiClient, live: Published) -> None:
    etag = save_draft(editor)
    assert editor("DELETE", "/flows/chat/draft", if_match=etag).status == 204
    assert editor("GET", "/flows/chat/draft").status == 404
    assert editor("DELETE", "/flows/chat/draft", if_match=etag).status == 404
    assert save_draft(editor) != etag
    assert editor("DELETE", "/flows/chat/draft", if_match=etag).slug == "edit-conflict"


def test_an_empty_graph_never_replaces_a_full_one_silently(editor: ApiClient, live: Published) -> None:
    empty = "chatflow: 1\nflow: chat\nnodes: {}\n"
    etag = save_draft(editor)
    response = put_draft(editor, empty, if_match=etag)
    assert (response.status, response.slug) == (409, "empties-flow")
    assert editor("GET", "/flows/chat/draft", accept=YAML).text == CHAT
    assert put_draft(editor, empty, if_match=etag, query={"allow_empty": "true"}).status == 200


def test_an_empty_first_draft_does_not_hide_what_is_live(editor: ApiClient, live: Published) -> None:
    assert put_draft(editor, "flow: other\n", flow="other", if_none_match="*").slug == "empties-flow"


def test_invalid_yaml_is_refused_with_its_line(editor: ApiClient, live: Published) -> None:
    response = put_draft(editor, "chatflow: 1\nnodes:\n  a: [broken\nb: c\n", if_none_match="*")
    assert (response.status, response.slug) == (422, "invalid-flow")
    assert response.body["problems"][0]["line"] == 4
    assert editor("GET", "/flows/chat/draft").status == 404


@pytest.mark.parametrize(
    ("body", "kind", "slug"),
    [
        ("just words", YAML, "invalid-flow"),
        ("- a\n- list\n", YAML, "invalid-flow"),
        ("", YAML, "invalid-flow"),
        ("a: &a [*a]", YAML, "invalid-flow"),
        ("[" * 5000, YAML, "invalid-flow"),
        ("a: \x07", YAML, "invalid-flow"),
        ('{"a": NaN}', "application/json", "invalid-request"),
        ('["a"]', "application/json", "invalid-request"),
        ("{", "application/json", "invalid-request"),
        ('{"a": "\\ud800"}', "application/json", "invalid-request"),
        ('{"a":' * 3000 + "1" + "}" * 3000, "application/json", "invalid-request"),
        ('{"a":' * 60 + "1" + "}" * 60, "application/json", "invalid-flow"),
        ("<flow/>", "application/xml", "unsupported-content"),
        ("flow: chat\ntitle: " + "x" * 300_000, YAML, "too-large"),
        ('{"title": "' + "x" * 1_000_000 + '"}', "application/json", "too-large"),
    ],
)
def test_an_invalid_document_is_refused(editor: ApiClient, live: Published, body: str, kind: str, slug: str) -> None:
    response = editor("PUT", "/flows/chat/draft", body, content_type=kind, if_none_match="*")
    assert response.slug == slug
    assert editor("GET", "/flows/chat/draft").status == 404


@pytest.mark.parametrize("name", ["Chat", "a b", "a" * 65, "9a", "a%2e", "ch\u202eat", "routes", "deployment"])
def test_an_invalid_flow_name_is_refused(editor: ApiClient, live: Published, name: str) -> None:
    assert put_draft(editor, flow=name, if_none_match="*").status in (404, 422)


@pytest.mark.parametrize(
    "body", ['{"x": 1e999}', '{"flow": "a", "flow": "b"}', '{"x": NaN}', '{"x": ' + "9" * 5000 + "}"]
)
def test_json_that_cannot_be_stored_unchanged_is_refused(editor: ApiClient, live: Published, body: str) -> None:
    response = editor("PUT", "/flows/chat/draft", body, if_none_match="*")
    assert (response.status, response.slug) == (422, "invalid-request")


def test_all_problems_are_listed_with_node_field_and_line(
    viewer: ApiClient, editor: ApiClient, live: Published
) -> None:
    broken = CHAT.replace("leaflet.pdf", "gone.pdf").replace("flow: other", "flow: nowhere")
    found = viewer("POST", "/flows/chat/validate", {"yaml": broken}).body["problems"]
    assert [(each["node"], each["field"], each["line"]) for each in found] == [
        ("leaflet", "source.asset", 8),
        ("leaflet", "then", 8),
    ]
    assert [(each["code"], each["subject"]) for each in found] == [("unknown-asset", "gone.pdf"), ("", "")]
    save_draft(editor, broken)
    assert viewer("POST", "/flows/chat/validate").body["problems"] == found
    failed = [{"name": "failure", "type": "object"}, {"name": "hello_failure", "type": "object"}]
    sound = viewer("POST", "/flows/chat/validate", {"document": yaml.safe_load(CHAT)})
    assert sound.body == {
        "problems": [],
        "warnings": [],
        "warnings_found": [],
        "variables": {"hello": [], "leaflet": []},
    }
    resent = CHAT.replace("then: leaflet}", "exits: {sent: leaflet, undelivered: leaflet}}")
    sound = viewer("POST", "/flows/chat/validate", {"yaml": resent})
    assert sound.body == {
        "problems": [],
        "warnings": [],
        "warnings_found": [],
        "variables": {"hello": [], "leaflet": failed},
    }


def test_an_invalid_validation_request_is_refused(viewer: ApiClient, live: Published) -> None:
    assert viewer("POST", "/flows/nothing/validate").status == 404
    assert viewer("POST", "/flows/chat/validate", {"yaml": "a", "document": {}}).slug == "invalid-request"
    unreadable = viewer("POST", "/flows/chat/validate", {"yaml": "a: [b"}).body
    assert (unreadable["problems"][0]["line"], unreadable["variables"]) == (1, {})
    assert viewer("POST", "/flows/chat/validate", "[null, null]").slug == "invalid-request"
