"""Flows through the API: published, listed, rolled back, unpublished and deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chatflow.adapters import aws
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.publishing.model import Entry, VersionChange
from management.dependencies import Dependencies
from tests.fakes.api_client import ApiClient
from tests.fakes.publishing_tables import NOW, Published
from tests.unit.functions.management.flows.flow_requests import CHAT, YAML, publish, put_draft, save_draft


@pytest.fixture
def dependencies(dependencies: Dependencies, live: Published) -> Dependencies:
    return live.dependencies(dependencies)


def test_a_published_flow_is_live_with_its_user_time_and_note(editor: ApiClient, live: Published) -> None:
    response = publish(editor, note="Says hello")
    assert response.status == 201
    assert response.body == {
        "version": 1,
        "live": True,
        "published_at": "2026-11-22T18:00:00Z",
        "by": "ada",
        "note": "Says hello",
        "master": "api",
        "title": "A chat",
    }
    flows = PublishedFlows("flows")
    assert flows.live("chat")["start"] == "hello"
    assert set(flows.slice("chat", 1, "hello")["nodes"]) == {"hello", "leaflet"}
    assert editor("GET", "/flows/chat/versions/1", accept=YAML).text == CHAT


def test_a_flow_shows_its_version_and_its_uses(viewer: ApiClient, editor: ApiClient, live: Published) -> None:
    publish(editor)
    save_draft(editor, CHAT + "# more\n")
    live.running["chat"] = 2
    flow = viewer("GET", "/flows/chat").body
    assert flow["uses"] == {"assets": ["leaflet.pdf"], "integrations": [], "flows": ["other"]}
    assert (flow["version"], flow["changed"], flow["running"], flow["draft"]["revision"]) == (1, True, 2, 2)
    assert viewer("GET", "/flows/none").status == 404


def test_flows_are_listed_page_by_page_drafts_among_them(viewer: ApiClient, editor: ApiClient, live: Published) -> None:
    publish(editor)
    for name in ("zebra", "ant"):
        save_draft(editor, f"flow: {name}\ntitle: {name}s\n", name)
    seen, cursor = [], None
    while True:
        page = viewer("GET", "/flows", query={"limit": 1, **({"cursor": cursor} if cursor else {})}).body
        seen += [(each["name"], each["version"], each["title"]) for each in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == [("ant", None, "ants"), ("chat", 1, "A chat"), ("other", 1, ""), ("zebra", None, "zebras")]
    assert viewer("GET", "/flows", query={"cursor": "x"}).slug == "invalid-request"


def test_only_the_current_revision_of_a_draft_is_published(editor: ApiClient, live: Published) -> None:
    etag = save_draft(editor)
    save_draft(editor, CHAT + "# later\n")
    response = editor("POST", "/flows/chat/publish", {"note": ""}, if_match=etag)
    assert (response.status, response.slug) == (412, "edit-conflict")
    assert editor("POST", "/flows/chat/publish", {"note": ""}).slug == "precondition-required"
    assert editor("GET", "/flows/chat").body["version"] is None


def test_a_broken_draft_is_not_published(editor: ApiClient, live: Published) -> None:
    response = publish(editor, CHAT.replace("hello: {", "hullo: {"))
    assert (response.status, response.slug) == (422, "invalid-flow")
    assert any(problem["field"] == "start" for problem in response.body["problems"])
    assert not [item for item in live.items("chat") if item.startswith(("v", "source", "live"))]


def test_a_draft_of_another_name_is_not_published(editor: ApiClient, live: Published) -> None:
    response = publish(editor, CHAT.replace("flow: chat", "flow: other"))
    assert response.slug == "invalid-flow"
    assert live.version_store.live("flow/other").version == 1  # type: ignore[union-attr]


def test_earlier_problems_of_other_flows_do_not_prevent_publishing(editor: ApiClient, live: Published) -> None:
    assert publish(editor).status == 201
    live.delete_asset("leaflet.pdf")
    plain = "chatflow: 1\nflow: plain\nstart: a\nnodes:\n  a: {type: text, say: Hi, then: end}\n"
    assert publish(editor, plain, "plain").status == 201


def test_a_flow_is_not_published_if_its_asset_is_deleted_meanwhile(
    editor: ApiClient, live: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = save_draft(editor)
    real = live.version_store.add

    def add(*given: Any, **more: Any) -> int:
        live.delete_asset("leaflet.pdf")
        return real(*given, **more)

    monkeypatch.setattr(live.version_store, "add", add)
    response = editor("POST", "/flows/chat/publish", {"note": ""}, if_match=etag)
    assert (response.status, response.slug) == (422, "invalid-flow")
    assert "leaflet.pdf" in response.body["detail"]
    assert set(live.items("chat")) == {"draft"}


def test_of_two_who_publish_at_once_one_gets_a_conflict(
    editor: ApiClient, live: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(editor)
    etag = save_draft(editor, CHAT + "# second\n")
    real = live.version_store.switch

    def move(*given: Any, **more: Any) -> None:
        monkeypatch.setattr(live.version_store, "switch", real)
        assert editor("POST", "/flows/chat/rollback", {"version": 1}).status == 201
        real(*given, **more)

    monkeypatch.setattr(live.version_store, "switch", move)
    response = editor("POST", "/flows/chat/publish", {"note": ""}, if_match=etag)
    assert (response.status, response.slug) == (412, "edit-conflict")
    assert [each["version"] for each in editor("GET", "/flows/chat/versions").body["items"]] == [3, 1]


def test_a_rollback_publishes_the_old_content_unchanged_as_a_new_version(editor: ApiClient, live: Published) -> None:
    publish(editor)
    publish(editor, CHAT.replace("say: Hello", "say: Hi"))
    response = editor("POST", "/flows/chat/rollback", {"version": 1, "note": "Hello was better"})
    assert (response.status, response.body["version"], response.body["note"]) == (201, 3, "Hello was better")
    items = live.items("chat")
    assert items["v000003#hello"]["slice"] == items["v000001#hello"]["slice"]
    assert items["live"]["hash"] == items["v000001"]["hash"]
    assert editor("GET", "/flows/chat/versions/3", accept=YAML).text == CHAT
    versions = editor("GET", "/flows/chat/versions", query={"limit": 2}).body
    assert [(each["version"], each["live"]) for each in versions["items"]] == [(3, True), (2, False)]
    rest = editor("GET", "/flows/chat/versions", query={"cursor": versions["next"]}).body
    assert [each["version"] for each in rest["items"]] == [1]


def test_a_rollback_to_a_version_with_a_deleted_asset_is_refused(editor: ApiClient, live: Published) -> None:
    publish(editor)
    publish(editor, CHAT.replace("then: leaflet}", "then: end}").partition("  leaflet:")[0])
    live.delete_asset("leaflet.pdf")
    response = editor("POST", "/flows/chat/rollback", {"version": 1})
    assert (response.status, response.slug) == (422, "invalid-flow")
    assert response.body["problems"][0]["message"] == 'The asset "leaflet.pdf" is not there any more.'
    assert editor("GET", "/flows/chat").body["version"] == 2


@pytest.mark.parametrize(("version", "status"), [(9, 404), (0, 422), (-1, 422), ("1", 422), (10**9, 422)])
def test_a_rollback_to_an_unknown_version_is_refused(
    editor: ApiClient, live: Published, version: Any, status: int
) -> None:
    publish(editor)
    assert editor("POST", "/flows/chat/rollback", {"version": version}).status == status


def test_a_rollback_may_require_a_revision(editor: ApiClient, live: Published) -> None:
    publish(editor)
    etag = editor("GET", "/flows/chat").headers["ETag"]
    save_draft(editor, CHAT + "# later\n")
    assert editor("POST", "/flows/chat/rollback", {"version": 1}, if_match=etag).slug == "edit-conflict"


def test_an_unpublished_flow_leaves_a_draft_of_its_live_version(editor: ApiClient, live: Published) -> None:
    publish(editor)
    etag = editor("GET", "/flows/chat/draft").headers["ETag"]
    editor("DELETE", "/flows/chat/draft", if_match=etag)
    response = editor("POST", "/flows/chat/unpublish", {"note": "no more"})
    assert response.status == 200
    assert editor("GET", "/flows/chat/draft", accept=YAML).text == CHAT
    assert editor("GET", "/flows/chat").body["version"] is None
    assert editor("POST", "/flows/chat/unpublish", {}).slug == "not-live"
    assert PublishedFlows("flows").slice("chat", 1, "hello")


def test_an_unpublished_flow_keeps_its_draft(editor: ApiClient, live: Published) -> None:
    publish(editor)
    save_draft(editor, CHAT + "# mine\n")
    editor("POST", "/flows/chat/unpublish", {})
    assert editor("GET", "/flows/chat/draft", accept=YAML).text == CHAT + "# mine\n"


def test_a_flow_that_others_lead_to_is_unpublished_only_by_force(
    editor: ApiClient, admin: ApiClient, live: Published
) -> None:
    response = editor("POST", "/flows/other/unpublish", {})
    assert (response.status, response.slug) == (422, "invalid-flow")
    assert response.body["problems"][0]["file"] == "routes.yaml"
    assert editor("POST", "/flows/other/unpublish", {}, query={"force": "true"}).slug == "forbidden"
    assert admin("POST", "/flows/other/unpublish", {}, query={"force": "true"}).status == 200


def test_a_flow_with_running_sessions_is_deleted_only_by_force(
    editor: ApiClient, admin: ApiClient, live: Published
) -> None:
    publish(editor)
    live.running["chat"] = 3
    etag = editor("GET", "/flows/chat").headers["ETag"]
    response = editor("DELETE", "/flows/chat", if_match=etag)
    assert (response.status, response.slug, response.body["running"]) == (409, "flow-in-use", 3)
    assert editor("DELETE", "/flows/chat", if_match=etag, query={"force": "true"}).slug == "forbidden"
    assert admin("DELETE", "/flows/chat", if_match=etag, query={"force": "true"}).status == 204


def test_a_deleted_flow_leaves_its_versions_for_thirty_days(editor: ApiClient, live: Published) -> None:
    publish(editor)
    etag = editor("GET", "/flows/chat").headers["ETag"]
    assert editor("DELETE", "/flows/chat", if_match=etag).status == 204
    assert editor("GET", "/flows/chat").status == 404
    items = live.items("chat")
    assert {item for item in items if "expires_at" in items[item]} == {"v000001", "v000001#hello", "source#v000001"}
    assert items["v000001"]["expires_at"]["N"] == str(NOW + 30 * 86400)
    assert "live" not in items
    assert publish(editor).body["version"] == 2


def test_a_version_published_during_a_deletion_does_not_expire(
    editor: ApiClient, live: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(editor)
    etag = editor("GET", "/flows/chat").headers["ETag"]
    real = live.version_store.expire

    def expire(*given: Any, **more: Any) -> None:
        assert publish(editor).status == 201
        real(*given, **more)

    monkeypatch.setattr(live.version_store, "expire", expire)
    assert editor("DELETE", "/flows/chat", if_match=etag).status == 204
    items = live.items("chat")
    assert {item for item in items if "expires_at" in items[item]} == {"v000001", "v000001#hello", "source#v000001"}


def test_a_flow_whose_draft_changes_during_a_deletion_stays(
    editor: ApiClient, live: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(editor)
    etag = editor("GET", "/flows/chat").headers["ETag"]
    real = live.version_store.switch

    def move(*given: Any, **more: Any) -> None:
        save_draft(editor, CHAT + "# mine\n")
        real(*given, **more)

    monkeypatch.setattr(live.version_store, "switch", move)
    assert editor("DELETE", "/flows/chat", if_match=etag).slug == "edit-conflict"
    assert editor("GET", "/flows/chat").body["version"] == 1


def test_a_refused_unpublishing_changes_nothing(editor: ApiClient, live: Published) -> None:
    assert editor("POST", "/flows/other/unpublish", {}).slug == "invalid-flow"
    assert editor("GET", "/flows/other").body["draft"] is None


def test_a_version_that_went_live_without_a_response_is_not_withdrawn(
    editor: ApiClient, live: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = live.version_store.switch

    def move(*given: Any, **more: Any) -> None:
        real(*given, **more)
        raise TimeoutError("the answer was lost on its way")

    monkeypatch.setattr(live.version_store, "switch", move)
    assert publish(editor).status == 500
    assert PublishedFlows("flows").slice("chat", live.published_index.live("flow/chat").version, "hello")  # type: ignore[union-attr]


def test_versions_of_large_documents_are_all_listed(editor: ApiClient, live: Published) -> None:
    for _ in range(7):
        live.version_store.add(Entry("flow", "large", "h", {}, source="#" * 250_000), "api", NOW)
    first = editor("GET", "/flows/large/versions", query={"limit": 6}).body
    second = editor("GET", "/flows/large/versions", query={"limit": 6, "cursor": first["next"]}).body
    assert [each["version"] for each in [*first["items"], *second["items"]]] == [7, 6, 5, 4, 3, 2, 1]


def test_a_version_that_goes_live_again_does_not_expire(editor: ApiClient, live: Published) -> None:
    publish(editor)
    editor("DELETE", "/flows/chat", if_match=editor("GET", "/flows/chat").headers["ETag"])
    live.version_store.switch([VersionChange("flow/chat", to=1, replaces=0)])
    assert "expires_at" not in live.items("chat")["live"]


def test_deleting_a_flow_requires_its_current_revision(editor: ApiClient, live: Published) -> None:
    etag = save_draft(editor)
    assert editor("DELETE", "/flows/chat").slug == "precondition-required"
    whole = editor("GET", "/flows/chat").headers["ETag"]
    save_draft(editor, CHAT + "# later\n")
    assert editor("DELETE", "/flows/chat", if_match=whole).slug == "edit-conflict"
    assert editor("DELETE", "/flows/none", if_match=etag).status == 404


def test_a_viewer_changes_nothing(viewer: ApiClient, live: Published) -> None:
    assert put_draft(viewer, if_none_match="*").slug == "forbidden"
    for path in ("publish", "rollback", "unpublish"):
        assert viewer("POST", f"/flows/other/{path}", {}).slug == "forbidden"
    assert viewer("DELETE", "/flows/other", if_match='"r1"').slug == "forbidden"


def test_a_version_of_a_deploy_is_replaced_and_marked_as_the_apis(editor: ApiClient, live: Published) -> None:
    other = editor("GET", "/flows/other/versions/1", accept=YAML).text
    assert editor("GET", "/flows/other").body["master"] == "deploy"
    assert publish(editor, other.replace("Hello", "Hi"), "other").body["master"] == "api"


def test_a_version_is_served_as_json_by_default(viewer: ApiClient, live: Published) -> None:
    assert json.loads(viewer("GET", "/flows/other/versions/1").text)["flow"] == "other"


@contextmanager
def recorded_calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The operations of DynamoDB that are called in the block."""
    dynamodb, calls = aws.client("dynamodb"), []
    call = dynamodb._make_api_call

    def record(operation: str, given: dict[str, Any]) -> Any:
        calls.append(operation)
        return call(operation, given)

    with monkeypatch.context() as patched:
        patched.setattr(dynamodb, "_make_api_call", record)
        yield calls


def without_interface(live: Published, flow: str) -> None:
    """Make the live version one of an earlier release."""
    aws.client("dynamodb").update_item(
        TableName="flows",
        Key={"name": {"S": flow}, "item": {"S": "live"}},
        UpdateExpression="REMOVE interface",
    )


def test_a_version_of_an_earlier_release_gets_its_interface_when_another_flow_is_validated(
    editor: ApiClient, live: Published
) -> None:
    publish(editor)
    interface = live.items("chat")["live"]["interface"]
    without_interface(live, "chat")
    assert live.published_index.sources()["flow/chat"].interface is None
    save_draft(editor, CHAT.replace("flow: chat", "flow: second"), "second")
    assert editor("POST", "/flows/second/validate").status == 200
    assert live.items("chat")["live"]["interface"] == interface
    assert publish(editor, CHAT.replace("flow: chat", "flow: second"), flow="second").status == 201


def test_an_interface_is_stored_only_for_the_version_that_it_is_of(editor: ApiClient, live: Published) -> None:
    publish(editor)
    without_interface(live, "chat")
    live.version_store.add_interfaces({"chat": (7, {"format": 1}), "other": (1, {"format": 7})})
    assert "interface" not in live.items("chat")["live"]
    assert live.items("other")["live"]["interface"] == {"S": '{"format":7}'}


def test_interfaces_that_were_found_are_stored_in_one_call(
    editor: ApiClient, live: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    flows = [f"f{each}" for each in range(4)]
    for each in flows:
        publish(editor, CHAT.replace("flow: chat", f"flow: {each}"), each)
        without_interface(live, each)
    with recorded_calls(monkeypatch) as calls:
        assert editor("POST", "/flows/f0/validate").status == 200
    assert [each for each in calls if each in ("TransactWriteItems", "UpdateItem")] == ["TransactWriteItems"]
    assert all("interface" in live.items(each)["live"] for each in flows)
    with recorded_calls(monkeypatch) as calls:
        assert editor("POST", "/flows/f0/validate").status == 200
    assert not {"TransactWriteItems", "UpdateItem"} & set(calls)


def test_an_interface_of_another_format_counts_for_nothing(editor: ApiClient, live: Published) -> None:
    publish(editor)
    live.version_store.add_interfaces({"chat": (1, {"format": 0, "anything": []})})
    assert live.published_index.sources()["flow/chat"].interface is None
