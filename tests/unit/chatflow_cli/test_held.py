"""`chatflow held`: what is held, the hosts, and what an operator does about them."""

from __future__ import annotations

import pytest

from tests.fakes.management.contents import NOW, Contents
from tests.fakes.management.deployment import Deployment
from tests.unit.chatflow_cli.conftest import Chatflow
from tests.unit.chatflow_cli.test_sessions import SESSION

KEY = "c_" + "1" * 32
HOST = "api.example.com:443"
CALL = {"host": HOST, "reason": "open", "since": NOW, "tries": 7, "next": NOW, "until": NOW, "told": True}
WHERE = {"session": "s_1", "flow": "photo", "version": 2, "node": "upload"}

pytestmark = pytest.mark.usefixtures("logged_in")


def held(conversation: str, host: str = HOST) -> dict[str, object]:
    return {"conversation": conversation, **WHERE, **CALL, "host": host}


def test_what_is_held_is_listed(chatflow: Chatflow, contents: Contents) -> None:
    assert "Nothing is held." in chatflow("held", "list").out
    contents.held = [held("c_1"), held("c_2", "bank.example.com:8443")]
    shown = chatflow("held", "list").out
    assert all(text in shown for text in ("c_1", "c_2", "photo/upload", "open", "7"))
    for host in ("api.example.com", HOST):
        found = chatflow("held", "list", "--host", host, "--json").json["items"]
        assert [each["conversation"] for each in found] == ["c_1"]


@pytest.mark.parametrize(("action", "words"), [("retry", "will be tried again"), ("give-up", "will be given up")])
def test_one_held_call_is_tried_or_given_up(
    chatflow: Chatflow, deployment: Deployment, contents: Contents, action: str, words: str
) -> None:
    contents.held = [held(KEY)]
    assert words in chatflow("held", action, KEY).out
    assert deployment.calls[-1].json == {"conversation": KEY}
    assert "idempotency-key" in deployment.calls[-1].headers
    assert chatflow("held", action, KEY, "--json").json["event"] == "e-1"
    assert chatflow("held", action, "c_" + "9" * 32).code == 5


@pytest.mark.parametrize("action", ["retry", "give-up"])
def test_all_calls_of_a_host_are_acted_on_page_by_page_after_a_confirmation(
    chatflow: Chatflow, deployment: Deployment, contents: Contents, action: str
) -> None:
    contents.held = [held(f"c_{number}") for number in range(5)]
    assert chatflow("held", action, "--host", HOST).code == 2  # nobody is there to be asked
    assert deployment.calls_to("POST", f"/held/{action}") == []
    assert chatflow("held", action, "--host", HOST, "--yes").out.startswith(f"5 held calls to {HOST} will be ")
    assert len(deployment.calls_to("POST", f"/held/{action}")) == 3
    assert chatflow("held", action, "--host", HOST, "--yes", "--json").json == {"host": HOST, "sent": 5}


def test_an_action_names_a_conversation_or_a_host(chatflow: Chatflow) -> None:
    assert chatflow("held", "retry").code == 2
    assert chatflow("held", "give-up", "c_1", "--host", HOST, "--yes").code == 2


def test_hosts_are_listed_with_breaker_and_slots(chatflow: Chatflow, contents: Contents) -> None:
    host = {"host": HOST, "cells": 7, "in_use": 3, "slots": 25, "held": 12, "integrations": ["upload", "tell"]}
    contents.hosts = [
        {**host, "breaker": "open", "until": NOW, "open_cells": 7},
        {**host, "host": "b:443", "breaker": "half_open", "until": None, "open_cells": 0},
        {**host, "host": "c:443", "breaker": "open", "until": NOW, "open_cells": 2},
    ]
    shown = chatflow("held", "hosts").out
    assert all(text in shown for text in (HOST, "half-open", "open (2 of 7)", "3 of 25", "12"))


def test_the_transcript_tells_each_try_and_the_session_what_is_held(chatflow: Chatflow, contents: Contents) -> None:
    contents.sessions = [{**SESSION, "held": CALL}]
    call = {"effect": "call", "method": "POST", "url": "https://api.example.com/files", "reason": "open"}
    tried = {"since": 1795370400, "tries": 2, "next": 1795370415, "until": 1795374000}
    visit = {"node": "upload", "exit": "", "waits": True, "effects": [{**call, "held": tried}]}
    where = {
        "session": "s_1",
        "turn": 1,
        "at": NOW,
        "flow": "photo",
        "version": 2,
        "node": "upload",
        "state": "waiting",
    }
    empty = {"changes": {}, "media": [], "stale": False, "refused": None, "failure": None}
    contents.turns = [{"id": "e_1", **where, "event": {"kind": "timeout"}, "visits": [visit], **empty}]
    shown = " ".join(chatflow("sessions", "show", "c_1").out.split())
    assert f"call to {HOST} held since" in shown
    assert "7 attempts, next" in shown
    assert "the last reason: open" in shown
    assert "2 attempts, next" in shown
