"""What of the live flows does not fit a channel, before anyone writes there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatflow.channels.message_limits import MessageLimits
from management.dependencies import Dependencies
from tests.fakes.api_client import ApiClient
from tests.fakes.publishing_tables import Published
from tests.fakes.stub_channel import stub_channel
from tests.unit.functions.management.flows.flow_requests import publish

MENU = """\
chatflow: 1
flow: chat
start: ask
nodes:
  ask: {type: menu, prompt: Which one, options: [{id: a, title: A title}], then: hi}
  hi: {type: text, say: Hello to you, then: {flow: other}}
"""
LIMITS = MessageLimits(text=10, question=100, buttons=2, button_title=5, button_id=64, unit="characters")


@pytest.fixture
def dependencies(dependencies: Dependencies, live: Published) -> Dependencies:
    return live.dependencies(dependencies)


@pytest.fixture(autouse=True)
def _pigeon(tmp_path: Path) -> Iterator[None]:
    with stub_channel(tmp_path / "channels", "pigeon", LIMITS):
        yield


def test_live_flows_that_do_not_fit_are_listed_and_stay_live(editor: ApiClient, viewer: ApiClient) -> None:
    assert publish(editor, MENU).status == 201
    routes = editor("GET", "/routes").headers["ETag"]
    found = viewer("GET", "/channels/pigeon/flow-problems").body
    [problem] = found["problems"]
    assert (problem["flow"], problem["node"], problem["field"]) == ("chat", "ask", "options[0].title")
    assert problem["message"].startswith(
        "On Pigeon, the title of an option has at most 5 characters, and this one has 7"
    )
    assert found["warnings"] == [
        "chat.yaml:6: hi > say: On Pigeon, a text has at most 10 characters, and this one has 12: it is sent as "
        "2 messages."
    ]
    assert editor("GET", "/routes").headers["ETag"] == routes
    assert viewer("GET", "/flows/chat").body["version"] == 1


def test_a_channel_that_they_were_validated_for_has_no_problems(editor: ApiClient, viewer: ApiClient) -> None:
    assert publish(editor, MENU).status == 201
    assert viewer("GET", "/channels/whatsapp/flow-problems").body == {
        "problems": [],
        "warnings": [],
        "warnings_found": [],
    }


def test_a_channel_that_is_not_there_is_not_found(viewer: ApiClient) -> None:
    response = viewer("GET", "/channels/telex/flow-problems")
    assert (response.status, response.slug) == (404, "not-found")
    assert "pigeon" in response.text


def test_routes_from_a_channel_that_a_live_flow_does_not_fit_are_refused_with_the_flow(editor: ApiClient) -> None:
    assert publish(editor, MENU).status == 201
    text = "chatflow: 1\nroutes: [{flow: chat, channels: [pigeon, whatsapp]}, {flow: other}]\n"
    etag = editor("GET", "/routes").headers["ETag"]
    response = editor("PUT", "/routes", text, content_type="application/yaml", if_match=etag)
    assert (response.status, response.slug) == (422, "invalid-flow")
    assert [(each["flow"], each["node"]) for each in response.body["problems"]] == [("chat", "ask")]
    assert editor("GET", "/routes").headers["ETag"] == etag
