"""Layouts of flows through the API: positions of nodes beside the flow, never part of it."""

from __future__ import annotations

from typing import Any

import pytest

from management.dependencies import Dependencies
from tests.fakes.api_client import ApiClient, ApiResponse, InMemoryAudit
from tests.fakes.publishing_tables import Published
from tests.unit.functions.management.flows.flow_requests import CHAT, publish, save_draft

PLACES = {"hello": {"x": 0, "y": -12.5}, "leaflet": {"x": 320, "y": 100_000}}


@pytest.fixture
def dependencies(dependencies: Dependencies, live: Published) -> Dependencies:
    return live.dependencies(dependencies)


def put(caller: ApiClient, nodes: Any = None, *, flow: str = "chat", **headers: Any) -> ApiResponse:
    return caller("PUT", f"/flows/{flow}/layout", {"nodes": PLACES if nodes is None else nodes}, **headers)


def test_a_layout_is_read_as_it_was_stored(editor: ApiClient, viewer: ApiClient) -> None:
    save_draft(editor)
    assert viewer("GET", "/flows/chat/layout").status == 404
    stored = put(editor, if_none_match="*")
    assert (stored.status, stored.body, stored.headers["ETag"]) == (200, {"nodes": PLACES}, '"r1"')
    shown = viewer("GET", "/flows/chat/layout")
    assert (shown.status, shown.body, shown.headers["ETag"]) == (200, {"nodes": PLACES}, '"r1"')


def test_the_second_of_two_editors_gets_a_conflict(editor: ApiClient) -> None:
    save_draft(editor)
    etag = put(editor, if_none_match="*").headers["ETag"]
    moved = put(editor, {"hello": {"x": 1, "y": 2}}, if_match=etag)
    assert moved.headers["ETag"] == '"r2"'
    refused = put(editor, if_match=etag)
    assert (refused.status, refused.slug, refused.body["etag"]) == (412, "edit-conflict", '"r2"')
    assert put(editor, if_none_match="*").slug == "edit-conflict"
    assert put(editor).slug == "precondition-required"
    assert editor("GET", "/flows/chat/layout").body == {"nodes": {"hello": {"x": 1, "y": 2}}}


def test_what_is_no_node_of_the_draft_or_the_live_version_is_left_out(editor: ApiClient) -> None:
    assert publish(editor).status == 201
    save_draft(editor, CHAT.replace("leaflet: {type", "flyer: {type").replace("then: leaflet", "then: flyer"))
    place = {"x": 1, "y": 1}
    stored = put(editor, dict.fromkeys(("hello", "leaflet", "flyer", "end", "gone"), place), if_none_match="*")
    assert stored.body == {"nodes": dict.fromkeys(("hello", "leaflet", "flyer"), place)}


def test_a_flow_without_a_draft_has_a_layout_too_and_one_that_is_not_there_has_none(editor: ApiClient) -> None:
    assert put(editor, {}, flow="other", if_none_match="*").status == 200
    assert put(editor, {}, flow="nothing", if_none_match="*").slug == "not-found"
    assert editor("GET", "/flows/nothing/layout").slug == "not-found"


@pytest.mark.parametrize(
    "nodes",
    [
        {"hello": {"x": 100_001, "y": 0}},
        {"hello": {"x": 0}},
        {"hello": {"x": "1", "y": 0}},
        {"hello": {"x": True, "y": 0}},
        {"hello": {"x": None, "y": 0}},
        {"hello": {"x": 0, "y": 0, "z": 0}},
        {"hello": [0, 0]},
        {"": {"x": 0, "y": 0}},
        {f"n{number}": {"x": 0, "y": 0} for number in range(201)},
        [],
    ],
)
def test_an_invalid_layout_is_refused(editor: ApiClient, nodes: Any) -> None:
    save_draft(editor)
    assert put(editor, nodes, if_none_match="*").slug == "invalid-request"
    assert editor("GET", "/flows/chat/layout").status == 404


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_not_finite_is_refused(editor: ApiClient, number: str) -> None:
    save_draft(editor)
    body = f'{{"nodes": {{"hello": {{"x": {number}, "y": 0}}}}}}'
    assert editor("PUT", "/flows/chat/layout", body, if_none_match="*").slug == "invalid-request"


def test_a_layout_changes_nothing_of_the_flow_and_leaves_no_audit_row(editor: ApiClient, audit: InMemoryAudit) -> None:
    assert publish(editor).status == 201
    rows, before = len(audit.rows), editor("GET", "/flows/chat")
    listed = editor("GET", "/flows").body
    put(editor, if_none_match="*")
    after = editor("GET", "/flows/chat")
    assert (after.body, after.headers["ETag"]) == (before.body, before.headers["ETag"])
    assert editor("GET", "/flows").body == listed
    assert len(audit.rows) == rows


def test_a_layout_is_deleted_with_its_flow(editor: ApiClient, live: Published) -> None:
    publish(editor)
    put(editor, if_none_match="*")
    assert editor("DELETE", "/flows/chat", if_match=editor("GET", "/flows/chat").headers["ETag"]).status == 204
    assert "layout" not in live.items("chat")


def test_a_layout_is_deleted_with_the_only_draft_and_stays_with_a_live_version(
    editor: ApiClient, live: Published
) -> None:
    draft = save_draft(editor)
    assert put(editor, if_none_match="*").status == 200
    assert editor("DELETE", "/flows/chat/draft", if_match=draft).status == 204
    assert "layout" not in live.items("chat")
    publish(editor)
    put(editor, if_none_match="*")
    assert editor("DELETE", "/flows/chat/draft", if_match=save_draft(editor)).status == 204
    assert "layout" in live.items("chat")
