"""PublishedFlows through the API: drafted, checked among all that is live, published, taken back, deleted."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.publishing.model import Entry, VersionChange
from management.dependencies import Dependencies
from tests.fakes.publishing_tables import NOW, Published
from tests.management.conftest import Answer, Caller

CHAT = """\
# What we say first.
chatflow: 1
flow: chat
title: A chat
start: hello
nodes:
  hello: {type: text, say: Hello, then: leaflet}   # the leaflet follows
  leaflet: {type: media, direction: outbound, source: {asset: leaflet.pdf}, then: {flow: other}}
"""
YAML = "application/yaml"


@pytest.fixture
def dependencies(dependencies: Dependencies, live: Published) -> Dependencies:
    return live.dependencies(dependencies)


def put(
    caller: Caller, text: str = CHAT, *, flow: str = "chat", query: dict[str, Any] | None = None, **headers: str
) -> Answer:
    return caller("PUT", f"/flows/{flow}/draft", text, query=query, content_type=YAML, **headers)


def drafted(caller: Caller, text: str = CHAT, flow: str = "chat") -> str:
    """Make this the draft, whatever stood there; gives its ETag."""
    present = caller("GET", f"/flows/{flow}/draft")
    fence = {"if_match": present.headers["ETag"]} if present.status == 200 else {"if_none_match": "*"}
    answer = put(caller, text, flow=flow, **fence)
    assert answer.status == 200, answer.text
    return answer.headers["ETag"]


def publish(caller: Caller, text: str = CHAT, flow: str = "chat", note: str = "") -> Answer:
    etag = drafted(caller, text, flow)
    return caller("POST", f"/flows/{flow}/publish", {"note": note}, if_match=etag)


def test_a_draft_keeps_every_letter_also_comments(editor: Caller, live: Published) -> None:
    assert put(editor, if_none_match="*").body == {"revision": 1, "updated_at": "2026-11-22T18:00:00Z", "by": "ada"}
    answer = editor("GET", "/flows/chat/draft", accept=YAML)
    assert answer.status == 200, answer.text
    assert (answer.text, answer.headers["Content-Type"], answer.headers["ETag"]) == (CHAT, YAML, '"r1"')


def test_a_draft_is_the_same_document_as_json(editor: Caller, live: Published) -> None:
    document = yaml.safe_load(CHAT)
    assert editor("PUT", "/flows/chat/draft", document, if_none_match="*").status == 200
    assert editor("GET", "/flows/chat/draft").body == document
    assert yaml.safe_load(editor("GET", "/flows/chat/draft", accept=YAML).text) == document


def test_a_draft_may_be_wrong_as_a_flow(editor: Caller, live: Published) -> None:
    assert put(editor, "flow: chat\nnodes:\n  a: {type: nonsense}\n  a: twice\n", if_none_match="*").status == 200


def test_of_two_editors_the_second_is_told_and_nothing_is_lost(editor: Caller, live: Published) -> None:
    etag = drafted(editor)
    assert put(editor, CHAT + "# Ann\n", if_match=etag).status == 200
    answer = put(editor, CHAT + "# Ben\n", if_match=etag)
    assert (answer.status, answer.slug, answer.body["etag"]) == (412, "edit-conflict", '"r2"')
    assert editor("GET", "/flows/chat/draft", accept=YAML).text == CHAT + "# Ann\n"


def test_a_draft_is_not_created_twice_and_not_changed_blindly(editor: Caller, live: Published) -> None:
    assert put(editor, if_match='"r1"').slug == "edit-conflict"
    drafted(editor)
    assert put(editor, if_none_match="*").slug == "edit-conflict"
    answer = put(editor)
    assert (answer.status, answer.slug) == (428, "precondition-required")
    assert put(editor, if_match="yesterday's").slug == "invalid-request"


def test_a_draft_begun_anew_has_a_new_revision(editor: Caller, live: Published) -> None:
    etag = drafted(editor)
    assert editor("DELETE", "/flows/chat/draft", if_match=etag).status == 204
    assert editor("GET", "/flows/chat/draft").status == 404
    assert editor("DELETE", "/flows/chat/draft", if_match=etag).status == 404
    assert drafted(editor) != etag
    assert editor("DELETE", "/flows/chat/draft", if_match=etag).slug == "edit-conflict"


def test_an_empty_graph_never_replaces_a_full_one_silently(editor: Caller, live: Published) -> None:
    empty = "chatflow: 1\nflow: chat\nnodes: {}\n"
    etag = drafted(editor)
    answer = put(editor, empty, if_match=etag)
    assert (answer.status, answer.slug) == (409, "empties-flow")
    assert editor("GET", "/flows/chat/draft", accept=YAML).text == CHAT
    assert put(editor, empty, if_match=etag, query={"allow_empty": "true"}).status == 200


def test_an_empty_first_draft_does_not_hide_what_is_live(editor: Caller, live: Published) -> None:
    assert put(editor, "flow: other\n", flow="other", if_none_match="*").slug == "empties-flow"


def test_what_is_no_yaml_is_refused_with_its_line(editor: Caller, live: Published) -> None:
    answer = put(editor, "chatflow: 1\nnodes:\n  a: [broken\nb: c\n", if_none_match="*")
    assert (answer.status, answer.slug) == (422, "invalid-flow")
    assert answer.body["problems"][0]["line"] == 4
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
    ],
)
def test_what_is_no_document_is_refused(editor: Caller, live: Published, body: str, kind: str, slug: str) -> None:
    answer = editor("PUT", "/flows/chat/draft", body, content_type=kind, if_none_match="*")
    assert answer.slug == slug
    assert editor("GET", "/flows/chat/draft").status == 404


@pytest.mark.parametrize("name", ["Chat", "a b", "a" * 65, "9a", "a%2e", "ch\u202eat", "routes", "deployment"])
def test_a_name_that_no_flow_can_have_is_refused(editor: Caller, live: Published, name: str) -> None:
    assert put(editor, flow=name, if_none_match="*").status in (404, 422)


@pytest.mark.parametrize(
    "body", ['{"x": 1e999}', '{"flow": "a", "flow": "b"}', '{"x": NaN}', '{"x": ' + "9" * 5000 + "}"]
)
def test_json_that_would_be_kept_otherwise_than_it_was_sent_is_refused(
    editor: Caller, live: Published, body: str
) -> None:
    answer = editor("PUT", "/flows/chat/draft", body, if_none_match="*")
    assert (answer.status, answer.slug) == (422, "invalid-request")


def test_all_problems_are_told_with_node_field_and_line(viewer: Caller, editor: Caller, live: Published) -> None:
    broken = CHAT.replace("leaflet.pdf", "gone.pdf").replace("flow: other", "flow: nowhere")
    found = viewer("POST", "/flows/chat/validate", {"yaml": broken}).body["problems"]
    assert [(each["node"], each["field"], each["line"]) for each in found] == [
        ("leaflet", "source.asset", 8),
        ("leaflet", "then", 8),
    ]
    drafted(editor, broken)
    assert viewer("POST", "/flows/chat/validate").body["problems"] == found
    assert viewer("POST", "/flows/chat/validate", {"document": yaml.safe_load(CHAT)}).body == {"problems": []}


def test_what_cannot_be_validated_is_told(viewer: Caller, live: Published) -> None:
    assert viewer("POST", "/flows/nothing/validate").status == 404
    assert viewer("POST", "/flows/chat/validate", {"yaml": "a", "document": {}}).slug == "invalid-request"
    assert viewer("POST", "/flows/chat/validate", {"yaml": "a: [b"}).body["problems"][0]["line"] == 1
    assert viewer("POST", "/flows/chat/validate", "[null, null]").slug == "invalid-request"


def test_a_published_flow_is_live_with_who_when_and_why(editor: Caller, live: Published) -> None:
    answer = publish(editor, note="Says hello")
    assert answer.status == 201
    assert answer.body == {
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


def test_a_flow_tells_what_it_is_and_needs(viewer: Caller, editor: Caller, live: Published) -> None:
    publish(editor)
    drafted(editor, CHAT + "# more\n")
    live.running["chat"] = 2
    flow = viewer("GET", "/flows/chat").body
    assert flow["uses"] == {"assets": ["leaflet.pdf"], "integrations": [], "flows": ["other"]}
    assert (flow["version"], flow["changed"], flow["running"], flow["draft"]["revision"]) == (1, True, 2, 2)
    assert viewer("GET", "/flows/none").status == 404


def test_flows_are_listed_page_by_page_drafts_among_them(viewer: Caller, editor: Caller, live: Published) -> None:
    publish(editor)
    for name in ("zebra", "ant"):
        drafted(editor, f"flow: {name}\ntitle: {name}s\n", name)
    seen, cursor = [], None
    while True:
        page = viewer("GET", "/flows", query={"limit": 1, **({"cursor": cursor} if cursor else {})}).body
        seen += [(each["name"], each["version"], each["title"]) for each in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == [("ant", None, "ants"), ("chat", 1, "A chat"), ("other", 1, ""), ("zebra", None, "zebras")]
    assert viewer("GET", "/flows", query={"cursor": "x"}).slug == "invalid-request"


def test_a_draft_is_published_only_as_it_was_seen(editor: Caller, live: Published) -> None:
    etag = drafted(editor)
    drafted(editor, CHAT + "# later\n")
    answer = editor("POST", "/flows/chat/publish", {"note": ""}, if_match=etag)
    assert (answer.status, answer.slug) == (412, "edit-conflict")
    assert editor("POST", "/flows/chat/publish", {"note": ""}).slug == "precondition-required"
    assert editor("GET", "/flows/chat").body["version"] is None


def test_a_broken_draft_is_not_published(editor: Caller, live: Published) -> None:
    answer = publish(editor, CHAT.replace("hello: {", "hullo: {"))
    assert (answer.status, answer.slug) == (422, "invalid-flow")
    assert any(problem["field"] == "start" for problem in answer.body["problems"])
    assert not [item for item in live.items("chat") if item.startswith(("v", "source", "live"))]


def test_a_draft_of_another_name_is_not_published(editor: Caller, live: Published) -> None:
    answer = publish(editor, CHAT.replace("flow: chat", "flow: other"))
    assert answer.slug == "invalid-flow"
    assert live.version_store.live("flow/other").version == 1  # type: ignore[union-attr]


def test_problems_that_others_had_before_stop_nobody(editor: Caller, live: Published) -> None:
    assert publish(editor).status == 201
    live.delete_asset("leaflet.pdf")
    plain = "chatflow: 1\nflow: plain\nstart: a\nnodes:\n  a: {type: text, say: Hi, then: end}\n"
    assert publish(editor, plain, "plain").status == 201


def test_an_asset_that_is_deleted_while_its_flow_is_published(
    editor: Caller, live: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = drafted(editor)
    real = live.version_store.add

    def add(*given: Any, **more: Any) -> int:
        live.delete_asset("leaflet.pdf")
        return real(*given, **more)

    monkeypatch.setattr(live.version_store, "add", add)
    answer = editor("POST", "/flows/chat/publish", {"note": ""}, if_match=etag)
    assert (answer.status, answer.slug) == (422, "invalid-flow")
    assert "leaflet.pdf" in answer.body["detail"]
    assert set(live.items("chat")) == {"draft"}


def test_two_publish_at_once_and_one_of_them_is_told(
    editor: Caller, live: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(editor)
    etag = drafted(editor, CHAT + "# second\n")
    real = live.version_store.switch

    def move(*given: Any, **more: Any) -> None:
        monkeypatch.setattr(live.version_store, "switch", real)
        assert editor("POST", "/flows/chat/rollback", {"version": 1}).status == 201
        real(*given, **more)

    monkeypatch.setattr(live.version_store, "switch", move)
    answer = editor("POST", "/flows/chat/publish", {"note": ""}, if_match=etag)
    assert (answer.status, answer.slug) == (412, "edit-conflict")
    assert [each["version"] for each in editor("GET", "/flows/chat/versions").body["items"]] == [3, 1]


def test_a_rollback_brings_the_old_content_exactly_as_a_new_version(editor: Caller, live: Published) -> None:
    publish(editor)
    publish(editor, CHAT.replace("say: Hello", "say: Hi"))
    answer = editor("POST", "/flows/chat/rollback", {"version": 1, "note": "Hello was better"})
    assert (answer.status, answer.body["version"], answer.body["note"]) == (201, 3, "Hello was better")
    items = live.items("chat")
    assert items["v000003#hello"]["slice"] == items["v000001#hello"]["slice"]
    assert items["live"]["hash"] == items["v000001"]["hash"]
    assert editor("GET", "/flows/chat/versions/3", accept=YAML).text == CHAT
    versions = editor("GET", "/flows/chat/versions", query={"limit": 2}).body
    assert [(each["version"], each["live"]) for each in versions["items"]] == [(3, True), (2, False)]
    rest = editor("GET", "/flows/chat/versions", query={"cursor": versions["next"]}).body
    assert [each["version"] for each in rest["items"]] == [1]


def test_a_rollback_to_what_needs_something_that_is_gone_is_refused(editor: Caller, live: Published) -> None:
    publish(editor)
    publish(editor, CHAT.replace("then: leaflet}", "then: end}").partition("  leaflet:")[0])
    live.delete_asset("leaflet.pdf")
    answer = editor("POST", "/flows/chat/rollback", {"version": 1})
    assert (answer.status, answer.slug) == (422, "invalid-flow")
    assert answer.body["problems"][0]["message"] == 'The asset "leaflet.pdf" is not there any more.'
    assert editor("GET", "/flows/chat").body["version"] == 2


@pytest.mark.parametrize(("version", "status"), [(9, 404), (0, 422), (-1, 422), ("1", 422), (10**9, 422)])
def test_a_rollback_to_what_never_was(editor: Caller, live: Published, version: Any, status: int) -> None:
    publish(editor)
    assert editor("POST", "/flows/chat/rollback", {"version": version}).status == status


def test_a_rollback_may_say_which_state_it_saw(editor: Caller, live: Published) -> None:
    publish(editor)
    etag = editor("GET", "/flows/chat").headers["ETag"]
    drafted(editor, CHAT + "# later\n")
    assert editor("POST", "/flows/chat/rollback", {"version": 1}, if_match=etag).slug == "edit-conflict"


def test_an_unpublished_flow_leaves_a_draft_of_what_was_live(editor: Caller, live: Published) -> None:
    publish(editor)
    etag = editor("GET", "/flows/chat/draft").headers["ETag"]
    editor("DELETE", "/flows/chat/draft", if_match=etag)
    answer = editor("POST", "/flows/chat/unpublish", {"note": "no more"})
    assert answer.status == 200
    assert editor("GET", "/flows/chat/draft", accept=YAML).text == CHAT
    assert editor("GET", "/flows/chat").body["version"] is None
    assert editor("POST", "/flows/chat/unpublish", {}).slug == "not-live"
    assert PublishedFlows("flows").slice("chat", 1, "hello")


def test_an_unpublished_flow_keeps_its_draft(editor: Caller, live: Published) -> None:
    publish(editor)
    drafted(editor, CHAT + "# mine\n")
    editor("POST", "/flows/chat/unpublish", {})
    assert editor("GET", "/flows/chat/draft", accept=YAML).text == CHAT + "# mine\n"


def test_what_others_lead_to_is_not_taken_away_unless_forced(editor: Caller, admin: Caller, live: Published) -> None:
    answer = editor("POST", "/flows/other/unpublish", {})
    assert (answer.status, answer.slug) == (422, "invalid-flow")
    assert answer.body["problems"][0]["file"] == "routes.yaml"
    assert editor("POST", "/flows/other/unpublish", {}, query={"force": "true"}).slug == "forbidden"
    assert admin("POST", "/flows/other/unpublish", {}, query={"force": "true"}).status == 200


def test_a_flow_on_which_sessions_run_is_not_deleted_unless_forced(
    editor: Caller, admin: Caller, live: Published
) -> None:
    publish(editor)
    live.running["chat"] = 3
    etag = editor("GET", "/flows/chat").headers["ETag"]
    answer = editor("DELETE", "/flows/chat", if_match=etag)
    assert (answer.status, answer.slug, answer.body["running"]) == (409, "flow-in-use", 3)
    assert editor("DELETE", "/flows/chat", if_match=etag, query={"force": "true"}).slug == "forbidden"
    assert admin("DELETE", "/flows/chat", if_match=etag, query={"force": "true"}).status == 204


def test_a_deleted_flow_leaves_its_versions_for_thirty_days(editor: Caller, live: Published) -> None:
    publish(editor)
    etag = editor("GET", "/flows/chat").headers["ETag"]
    assert editor("DELETE", "/flows/chat", if_match=etag).status == 204
    assert editor("GET", "/flows/chat").status == 404
    items = live.items("chat")
    assert {item for item in items if "expires_at" in items[item]} == {"v000001", "v000001#hello", "source#v000001"}
    assert items["v000001"]["expires_at"]["N"] == str(NOW + 30 * 86400)
    assert "live" not in items
    assert publish(editor).body["version"] == 2


def test_what_is_published_while_its_flow_is_deleted_does_not_expire(
    editor: Caller, live: Published, monkeypatch: pytest.MonkeyPatch
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


def test_a_flow_whose_draft_is_changed_while_it_is_deleted_stays(
    editor: Caller, live: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(editor)
    etag = editor("GET", "/flows/chat").headers["ETag"]
    real = live.version_store.switch

    def move(*given: Any, **more: Any) -> None:
        drafted(editor, CHAT + "# mine\n")
        real(*given, **more)

    monkeypatch.setattr(live.version_store, "switch", move)
    assert editor("DELETE", "/flows/chat", if_match=etag).slug == "edit-conflict"
    assert editor("GET", "/flows/chat").body["version"] == 1


def test_what_is_not_unpublished_is_left_as_it_is(editor: Caller, live: Published) -> None:
    assert editor("POST", "/flows/other/unpublish", {}).slug == "invalid-flow"
    assert editor("GET", "/flows/other").body["draft"] is None


def test_what_went_live_without_an_answer_is_not_taken_back(
    editor: Caller, live: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = live.version_store.switch

    def move(*given: Any, **more: Any) -> None:
        real(*given, **more)
        raise TimeoutError("the answer was lost on its way")

    monkeypatch.setattr(live.version_store, "switch", move)
    assert publish(editor).status == 500
    assert PublishedFlows("flows").slice("chat", live.published_index.live("flow/chat").version, "hello")  # type: ignore[union-attr]


def test_versions_of_large_documents_are_all_listed(editor: Caller, live: Published) -> None:
    for _ in range(7):
        live.version_store.add(Entry("flow", "large", "h", {}, source="#" * 250_000), "api", NOW)
    first = editor("GET", "/flows/large/versions", query={"limit": 6}).body
    second = editor("GET", "/flows/large/versions", query={"limit": 6, "cursor": first["next"]}).body
    assert [each["version"] for each in [*first["items"], *second["items"]]] == [7, 6, 5, 4, 3, 2, 1]


def test_what_goes_live_again_does_not_expire(editor: Caller, live: Published) -> None:
    publish(editor)
    editor("DELETE", "/flows/chat", if_match=editor("GET", "/flows/chat").headers["ETag"])
    live.version_store.switch([VersionChange("flow/chat", to=1, replaces=0)])
    assert "expires_at" not in live.items("chat")["live"]


def test_a_flow_is_deleted_only_as_it_was_seen(editor: Caller, live: Published) -> None:
    etag = drafted(editor)
    assert editor("DELETE", "/flows/chat").slug == "precondition-required"
    whole = editor("GET", "/flows/chat").headers["ETag"]
    drafted(editor, CHAT + "# later\n")
    assert editor("DELETE", "/flows/chat", if_match=whole).slug == "edit-conflict"
    assert editor("DELETE", "/flows/none", if_match=etag).status == 404


def test_a_viewer_changes_nothing(viewer: Caller, live: Published) -> None:
    assert put(viewer, if_none_match="*").slug == "forbidden"
    for path in ("publish", "rollback", "unpublish"):
        assert viewer("POST", f"/flows/other/{path}", {}).slug == "forbidden"
    assert viewer("DELETE", "/flows/other", if_match='"r1"').slug == "forbidden"


def test_what_a_deploy_published_is_replaced_and_says_so(editor: Caller, live: Published) -> None:
    other = editor("GET", "/flows/other/versions/1", accept=YAML).text
    assert editor("GET", "/flows/other").body["master"] == "deploy"
    assert publish(editor, other.replace("Hello", "Hi"), "other").body["master"] == "api"


def test_what_is_told_is_json_that_anyone_can_read(viewer: Caller, live: Published) -> None:
    assert json.loads(viewer("GET", "/flows/other/versions/1").text)["flow"] == "other"
