"""`chatflow sessions`: conversations are listed, found, started and changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.management.contents import NOW, Contents
from tests.fakes.management.deployment import Deployment
from tests.unit.chatflow_cli.conftest import Chatflow

pytestmark = pytest.mark.usefixtures("logged_in")

SESSION: dict[str, Any] = {
    "conversation": "c_1",
    "session": "s_1",
    "state": "waiting",
    "flow": "photo",
    "version": 2,
    "at": "ask_photo",
    "turn": 3,
    "started_at": NOW,
    "updated_at": NOW,
}


def test_sessions_are_listed_by_state(chatflow: Chatflow, deployment: Deployment, contents: Contents) -> None:
    assert "No session." in chatflow("sessions", "list").out
    contents.sessions = [SESSION, {**SESSION, "conversation": "c_2", "state": "ended"}]
    _, row = chatflow("sessions", "list", "--state", "waiting").out.splitlines()
    assert row.split()[:6] == ["c_1", "waiting", "photo", "(2)", "ask_photo", "3"]
    chatflow("sessions", "list", "--since", "2026-11-22T18:00:00+01:00", "--flow", "photo")
    assert deployment.calls[-1].params == {"flow": "photo", "since": "2026-11-22T17:00:00Z", "limit": "25"}
    assert chatflow("sessions", "list", "--since", "yesterday").code == 2


def test_the_conversation_of_a_contact_is_found_without_the_address_in_a_url(
    chatflow: Chatflow, deployment: Deployment
) -> None:
    assert chatflow("sessions", "find", "--contact", "4915", "--account", "1").out == "c_4\n"
    assert chatflow("sessions", "find", "--contact", "-", "--account", "1", typed="49151\n").out == "c_5\n"
    assert all("4915" not in call.path and "4915" not in str(call.params) for call in deployment.calls)


def test_a_flow_is_started_for_a_customer(chatflow: Chatflow, deployment: Deployment, contents: Contents) -> None:
    words = ["sessions", "start", "photo", "--contact", "4915", "--account", "1", "-v", "plate=0123", "-v", "ids=[1,2]"]
    assert chatflow(*words).out == "photo starts: c_new\n"
    assert deployment.calls[-1].json["variables"] == {"plate": "0123", "ids": [1, 2]}
    contents.sessions = [SESSION]
    result = chatflow(*words)
    assert result.code == 5
    assert "--replace" in result.err
    assert chatflow(*words, "--replace").code == 0


def test_a_resume_applies_the_messages_of_the_pause_on_request(
    chatflow: Chatflow, deployment: Deployment, contents: Contents
) -> None:
    contents.sessions = [{**SESSION, "state": "paused"}]
    assert "will go on" in chatflow("sessions", "resume", "c_1").out
    assert deployment.calls[-1].params == {}
    chatflow("sessions", "resume", "c_1", "--apply-messages")
    assert deployment.calls[-1].params == {"messages": "apply"}


def test_a_paused_session_is_shown_with_the_person_s_words_and_what_came_since(
    chatflow: Chatflow, contents: Contents
) -> None:
    until = "2026-11-23T18:00:00Z"
    paused = {"since": NOW, "until": until, "remaining": 500, "kept": 2}
    contents.sessions = [{**SESSION, "state": "paused", "paused": paused, "flow": "", "at": ""}]
    event = {"kind": "echo", "message": {"kind": "text", "text": "Hello, this is Olga."}}
    where = {"session": "s_1", "turn": 1, "at": NOW, "flow": "", "version": 0, "node": "", "state": "paused"}
    empty = {"visits": [], "changes": {}, "media": [], "stale": False, "refused": None, "failure": None}
    contents.turns = [{"id": "e_1", **where, "event": event, **empty}]
    shown = chatflow("sessions", "show", "c_1").out
    assert "2 messages since" in shown
    assert "echo  “Hello, this is Olga.”" in shown
    assert "version" not in shown


def test_what_the_channel_has_not_taken_is_shown(chatflow: Chatflow, contents: Contents) -> None:
    owed = {"flow": "photo", "node": "ask_photo", "reason": "channel_unavailable", "since": NOW, "tries": 4}
    contents.sessions = [{**SESSION, "owed": [owed, {**owed, "reason": "behind_another", "tries": 0}]}]
    contents.turns = []
    shown = chatflow("sessions", "show", "c_1").out
    assert "2; the first of node ask_photo, since" in shown
    assert "4 attempts: channel_unavailable" in shown


def test_the_last_sessions_are_shown_with_the_newest_and_all_of_them_on_request(
    chatflow: Chatflow, contents: Contents
) -> None:
    contents.sessions = [{**SESSION, "session": f"s_{number}"} for number in range(40, 0, -1)]
    shown = chatflow("sessions", "show", "c_1").out
    assert "Earlier sessions, shown with --session: 24" in shown
    assert ("s_39" in shown, "s_15" in shown) == (True, False)
    assert "Older ones: chatflow sessions past c_1" in shown
    listed = chatflow("sessions", "past", "c_1").out
    assert ("s_40" in listed, "s_1 " in listed) == (True, True)
    assert len(chatflow("sessions", "past", "c_1", "--limit", "30", "--json").json["items"]) == 30
    contents.sessions = contents.sessions[:3]
    assert "sessions past" not in chatflow("sessions", "show", "c_1").out


@pytest.mark.parametrize("action", ["stop", "retry", "give-up", "pause", "resume"])
def test_an_operator_steps_in(chatflow: Chatflow, deployment: Deployment, contents: Contents, action: str) -> None:
    contents.sessions = [SESSION]
    sure = ["--yes"] if action == "stop" else []
    assert chatflow("sessions", action, "c_1", *sure).code == 0
    assert deployment.calls[-1].path == f"/conversations/c_1/{action}"
    contents.sessions = []
    assert chatflow("sessions", action, "c_1", *sure).code == 5
