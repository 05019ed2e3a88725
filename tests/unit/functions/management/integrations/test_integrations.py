"""Integrations through the API: published with every flow that calls them, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.adapters import aws
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.errors import Overtaken
from management.dependencies import Dependencies
from tests.fakes.api_client import ApiClient, ApiResponse
from tests.fakes.publishing_tables import Published
from tests.unit.functions.management.flows.flow_requests import publish

YAML = "application/yaml"
TELL = """\
integration: tell   # what an agent reads
method: POST
url: "https://claims.example.com/v2/notes"
headers: {Authorization: "Bearer [[secret:claims-token]]"}
request: {content_type: application/json, body: {note: "[[note]]"}}
response: {base_element: "$.note"}
"""
TELLING = """\
chatflow: 1
flow: telling
start: say
nodes:
  say: {type: api_integration, integration: tell, parameters: {note: hello}, exits: {success: end, failure: end}}
"""


@pytest.fixture
def dependencies(dependencies: Dependencies, live: Published) -> Dependencies:
    return live.dependencies(dependencies)


@pytest.fixture
def telling(editor: ApiClient, live: Published) -> Published:
    """A live flow that calls the integration `tell`."""
    assert publish(editor, TELLING, "telling").status == 201
    return live


def put(caller: ApiClient, text: str = TELL, name: str = "tell", **headers: str) -> ApiResponse:
    query = {"note": "second API"}
    return caller("PUT", f"/integrations/{name}", text, query=query, content_type=YAML, **headers)


def url_in(flow: str, version: int, node: str) -> str:
    return str(PublishedFlows("flows").slice(flow, version, node)["nodes"][node]["config"]["integration"]["url"])


def test_a_flow_that_calls_an_integration_is_published_again_with_it(editor: ApiClient, telling: Published) -> None:
    response = put(editor, if_match='"r1"')
    assert (response.status, response.body["version"], response.body["flows"]) == (200, 2, ["telling"])
    assert url_in("telling", 2, "say") == "https://claims.example.com/v2/notes"
    assert url_in("telling", 1, "say") == "https://claims.example.com/notes"
    versions = editor("GET", "/flows/telling/versions").body["items"]
    assert (versions[0]["note"], versions[0]["by"]) == ("with integration tell: second API", "ada")
    assert editor("GET", "/integrations/tell", accept=YAML).text == TELL
    assert editor("GET", "/integrations/tell").headers["ETag"] == '"r2"'


def test_an_integration_that_would_break_a_flow_is_not_published(editor: ApiClient, telling: Published) -> None:
    response = put(editor, TELL.replace("[[note]]", "[[note]] [[urgency]]"), if_match='"r1"')
    assert (response.status, response.slug) == (422, "invalid-flow")
    problem = response.body["problems"][0]
    assert (problem["file"], problem["node"], problem["field"]) == ("telling.yaml", "say", "parameters.urgency")
    assert editor("GET", "/flows/telling").body["version"] == 1
    assert editor("GET", "/integrations/tell").headers["ETag"] == '"r1"'


def an_integration(name: str, host: str, at_most: int = 7) -> str:
    written = f"integration: {name}\nmethod: POST\nurl: https://{host}/x\nat_most: {at_most}\n"
    return f"{written}request: {{content_type: application/json, body: {{}}}}\n"


def of_an_earlier_release(integration: str) -> None:
    """Make the live version one that does not say which host it calls."""
    aws.client("dynamodb").update_item(
        TableName="flows",
        Key={"name": {"S": f"integration/{integration}"}, "item": {"S": "live"}},
        UpdateExpression="SET uses = :uses",
        ExpressionAttributeValues={":uses": {"S": '{"secrets":[]}'}},
    )


def test_with_an_integration_only_its_flows_and_those_of_its_host_are_read(
    editor: ApiClient, telling: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        other = TELLING.replace("telling", f"f{number}").replace("tell, parameters: {note: hello}", "decide")
        assert publish(editor, other, f"f{number}").status == 201
        text = an_integration(f"i{number}", f"{number % 2}.example.com")
        assert put(editor, text, f"i{number}", if_none_match="*").status == 200
    of_an_earlier_release("i0")
    reads: list[list[str]] = []
    dynamodb = aws.client("dynamodb")
    call = dynamodb._make_api_call

    def record(operation: str, given: dict[str, Any]) -> Any:
        if operation == "BatchGetItem" and "flows" in given["RequestItems"]:
            keys = given["RequestItems"]["flows"]["Keys"]
            reads.append([f"{each['name']['S']} {each['item']['S'].partition('#')[0]}" for each in keys])
        return call(operation, given)

    monkeypatch.setattr(dynamodb, "_make_api_call", record)
    assert put(editor, an_integration("i1", "1.example.com"), "i1", if_match='"r1"').status == 200
    texts = {each for read in reads for each in read if each.endswith(" source")}
    assert texts == {"routes source", "integration/i0 source", "integration/i3 source"}
    assert len([read for read in reads if len(read) > 2 and read[0].endswith(" live")]) == 1  # the list of what is live

    reads.clear()
    assert put(editor, if_match='"r1"').body["flows"] == ["telling"]
    texts = {each for read in reads for each in read if each.endswith(" source")}
    assert not {"f0 source", "integration/i1 source"} & texts
    assert "telling source" in texts


def test_integrations_of_one_host_must_agree_also_with_those_of_an_earlier_release(
    editor: ApiClient, live: Published
) -> None:
    assert put(editor, an_integration("i0", "one.example.com"), "i0", if_none_match="*").status == 200
    for _ in range(2):
        refused = put(editor, an_integration("i1", "one.example.com", 8), "i1", if_none_match="*")
        assert (refused.status, refused.body["problems"][0]["field"]) == (422, "at_most")
        of_an_earlier_release("i0")
    assert put(editor, an_integration("i1", "two.example.com", 8), "i1", if_none_match="*").status == 200


def test_all_versions_are_published_or_none(
    editor: ApiClient, telling: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    def move(*_given: Any) -> None:
        raise Overtaken("someone else")

    monkeypatch.setattr(telling.version_store, "switch", move)
    assert put(editor, if_match='"r1"').slug == "edit-conflict"
    assert "v000002" not in telling.items("integration/tell")
    assert "v000002" not in telling.items("telling")


def test_a_new_integration_is_created(editor: ApiClient, live: Published) -> None:
    response = put(editor, TELL.replace("integration: tell", "integration: shout"), "shout", if_none_match="*")
    assert (response.status, response.body["version"], response.body["flows"]) == (200, 1, [])
    assert put(editor, TELL, if_none_match="*").slug == "edit-conflict"
    assert put(editor, TELL).slug == "precondition-required"


@pytest.mark.parametrize(
    "text",
    [
        TELL.replace("integration: tell", "integration: other"),
        TELL.replace("https://claims.example.com", "https://[[note]]"),
        TELL.replace("https://", "http://"),
        TELL.replace("POST", "BREW"),
        TELL.replace("Authorization", "Content-Length"),
        "integration: tell\n",
    ],
)
def test_an_integration_with_problems_is_refused(editor: ApiClient, live: Published, text: str) -> None:
    response = put(editor, text, if_match='"r1"')
    assert (response.status, response.slug) == (422, "invalid-flow")
    assert response.body["problems"][0]["file"] == "integrations/tell.yaml"


def test_integrations_are_listed_with_their_calls_and_users(viewer: ApiClient, telling: Published) -> None:
    first = viewer("GET", "/integrations", query={"limit": 2}).body
    assert [each["name"] for each in first["items"]] == ["decide", "download"]
    rest = viewer("GET", "/integrations", query={"limit": 2, "cursor": first["next"]}).body
    tell = rest["items"][0]
    assert (tell["name"], tell["method"], tell["url"], tell["used_by"]) == (
        "tell",
        "POST",
        "https://claims.example.com/notes",
        ["telling"],
    )
    assert (tell["master"], rest["next"]) == ("deploy", None)


def test_the_usage_of_an_integration_lists_flows_and_nodes(viewer: ApiClient, telling: Published) -> None:
    given = {each["name"]: each["parameters"] for each in viewer("GET", "/integrations").body["items"]}
    assert given["tell"] == [{"name": "note", "file": False}]
    assert given["upload"] == [{"name": "file", "file": True}, {"name": "plate", "file": False}]
    assert viewer("GET", "/integrations/tell/usage").body == {"used_by": [{"flow": "telling", "nodes": ["say"]}]}
    assert viewer("GET", "/integrations/decide/usage").body == {"used_by": []}
    assert viewer("GET", "/integrations/none/usage").status == 404


def test_an_integration_that_flows_call_is_not_deleted(editor: ApiClient, telling: Published) -> None:
    response = editor("DELETE", "/integrations/tell", if_match='"r1"')
    assert (response.status, response.slug) == (409, "integration-in-use")
    assert response.body["used_by"] == [{"flow": "telling", "nodes": ["say"]}]
    assert editor("GET", "/integrations/tell").status == 200


def test_an_unused_integration_is_deleted(editor: ApiClient, live: Published) -> None:
    assert editor("DELETE", "/integrations/tell").slug == "precondition-required"
    assert editor("DELETE", "/integrations/tell", if_match='"r7"').slug == "edit-conflict"
    assert editor("DELETE", "/integrations/tell", if_match='"r1"').status == 204
    assert editor("GET", "/integrations/tell").status == 404
    assert editor("DELETE", "/integrations/tell", if_match='"r1"').status == 404
    assert "expires_at" in live.items("integration/tell")["v000001"]


def test_an_earlier_version_comes_back_with_its_flows(editor: ApiClient, telling: Published) -> None:
    put(editor, if_match='"r1"')
    response = editor("POST", "/integrations/tell/rollback", {"version": 1})
    assert (response.status, response.body["version"], response.body["flows"]) == (201, 3, ["telling"])
    assert url_in("telling", 3, "say") == "https://claims.example.com/notes"
    assert [each["version"] for each in editor("GET", "/integrations/tell/versions").body["items"]] == [3, 2, 1]
    assert editor("POST", "/integrations/tell/rollback", {"version": 8}).status == 404
    assert editor("POST", "/integrations/none/rollback", {"version": 1}).status == 404


def test_a_viewer_changes_nothing(viewer: ApiClient, live: Published) -> None:
    assert put(viewer, if_match='"r1"').slug == "forbidden"
    assert viewer("DELETE", "/integrations/tell", if_match='"r1"').slug == "forbidden"
    assert viewer("POST", "/integrations/tell/rollback", {"version": 1}).slug == "forbidden"
    assert viewer("POST", "/integrations/tell/try", {}).slug == "forbidden"
