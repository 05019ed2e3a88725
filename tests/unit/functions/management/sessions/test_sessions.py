"""Sessions through the API: listed, and started within the rules of the channel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chatflow.conversation.events import conversation_key
from chatflow.conversation.identity import Alias, Place
from chatflow.conversation.session import Pause
from management.dependencies import Dependencies
from tests.fakes.conversation_tables import CONTACT, KEY, NOW, ConversationTables, conversation_tables, message_event

WHOSE = {"channel": "whatsapp", "account": "106", "contact": CONTACT}


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConversationTables]:
    with conversation_tables(monkeypatch) as tables:
        yield tables


@pytest.fixture
def dependencies(dependencies: Dependencies, tables: ConversationTables) -> Dependencies:
    return tables.dependencies(dependencies)


def start(**more: Any) -> dict[str, Any]:
    return {**WHOSE, "flow": "survey", **more}


def test_a_flow_is_started_with_a_contact(editor: Any, tables: ConversationTables) -> None:
    tables.publish("survey")
    tables.save(message_event(), turn=1, state="ended", waiting=None)

    response = editor("POST", "/sessions", start(variables={"claim": "A 7"}))

    assert response.status == 202
    (event,) = tables.sent
    assert response.body == {"conversation": KEY, "event": event["id"]}
    summary = {name: event[name] for name in ("kind", "contact", "name", "flow", "variables", "replace")}
    assert summary == {
        "kind": "start",
        "contact": CONTACT,
        "name": "Ann",
        "flow": "survey",
        "variables": {"claim": "A 7"},
        "replace": False,
    }


def test_no_flow_is_started_outside_the_channels_window(editor: Any, tables: ConversationTables) -> None:
    tables.publish("survey")
    assert editor("POST", "/sessions", start()).slug == "outside-window"
    tables.save(message_event(), turn=1, state="ended", waiting=None, last_message_at=NOW - 86_400)
    response = editor("POST", "/sessions", start())
    assert (response.status, response.slug) == (409, "outside-window")
    assert "2026-11-21T" in response.body["detail"]
    assert tables.sent == []


def test_a_running_session_is_replaced_only_on_request(editor: Any, tables: ConversationTables) -> None:
    tables.publish("survey")
    tables.save(message_event(), turn=1)
    assert editor("POST", "/sessions", start()).slug == "session-running"
    assert editor("POST", "/sessions", start(replace=True)).status == 202
    assert tables.sent[0]["replace"]


def test_a_start_during_a_pause_names_the_person_and_what_to_do(editor: Any, tables: ConversationTables) -> None:
    tables.publish("survey")
    tables.save(message_event(), turn=1, state="paused", paused=Pause(NOW, NOW + 86_400, "waiting", 500))
    response = editor("POST", "/sessions", start())
    assert response.slug == "session-running"
    assert "resume the session" in response.body["detail"]
    assert editor("POST", "/sessions", start(replace=True)).status == 202


def test_paused_sessions_are_listed(viewer: Any, tables: ConversationTables) -> None:
    tables.save(message_event(), turn=1, state="paused", paused=Pause(NOW, NOW + 86_400, "waiting", 500))
    for query, found in (({}, 1), ({"state": "paused"}, 1), ({"state": "waiting"}, 0)):
        assert len(viewer("GET", "/sessions", query=query).body["items"]) == found, query


def test_only_a_live_flow_is_started(editor: Any, tables: ConversationTables) -> None:
    tables.save(message_event(), turn=1, state="ended", waiting=None)
    assert editor("POST", "/sessions", start()).slug == "not-live"


@pytest.mark.parametrize(
    "wrong",
    [
        {"contact": ""},
        {"contact": "\x00"},
        {"account": "../x"},
        {"flow": "No Flow"},
        {"variables": {"Not A Name": 1}},
        {"surprise": 1},
        {"contact": "1" * 129},
    ],
)
def test_an_invalid_start_is_refused(editor: Any, tables: Any, wrong: Any) -> None:
    assert editor("POST", "/sessions", start(**wrong)).slug == "invalid-request"


def test_more_variables_than_a_session_holds_are_refused(editor: Any, tables: ConversationTables) -> None:
    assert editor("POST", "/sessions", start(variables={"text": "x" * 70_000})).slug == "too-large"


def test_sessions_are_listed_by_state_flow_and_time(viewer: Any, tables: ConversationTables) -> None:
    tables.save(message_event(), turn=1)
    (item,) = viewer("GET", "/sessions").body["items"]
    assert item == {
        "conversation": KEY,
        "session": "s_" + "a" * 24,
        "state": "waiting",
        "flow": "claims",
        "version": 3,
        "at": "ask",
        "turn": 1,
        "started_at": "2026-11-22T18:00:00Z",
        "reason": None,
        "updated_at": "2026-11-22T18:00:00Z",
    }
    for query, found in (
        ({"state": "ended"}, 0),
        ({"state": "waiting", "flow": "claims"}, 1),
        ({"flow": "survey"}, 0),
        ({"since": "2026-11-22T18:00:00Z"}, 1),
        ({"since": "2026-11-22T18:00:01Z"}, 0),
        ({"until": "2026-11-22T18:00:00Z"}, 1),
        ({"until": "2026-11-22T17:59:59Z"}, 0),
    ):
        assert len(viewer("GET", "/sessions", query=query).body["items"]) == found, query


def test_an_invalid_cursor_is_refused(viewer: Any, tables: Any) -> None:
    assert viewer("GET", "/sessions", query={"cursor": "nonsense"}).slug == "invalid-request"


def test_start_by_number_finds_the_conversation_however_the_number_is_written(
    editor: Any, tables: ConversationTables
) -> None:
    """The case `start-by-number`."""
    tables.publish("survey")
    address = "49157123456"
    conversation = conversation_key("secret", "whatsapp", "106", address)
    tables.save(message_event(), turn=1, state="ended", waiting=None, conversation=conversation, contact=address)
    response = editor("POST", "/sessions", start(contact="+49 (157) 123-456"))
    assert (response.status, response.body["conversation"]) == (202, conversation)
    assert tables.sent[0]["contact"] == address


@pytest.mark.parametrize("written", ["+55 47 98765-4321", "554787654321", "DE.77", "@Mara.L"])
def test_a_flow_is_started_by_any_address_and_written_to_where_whatsapp_knows_the_person(
    editor: Any, tables: ConversationTables, written: str
) -> None:
    tables.publish("survey")
    user, *others = (
        conversation_key("secret", "whatsapp", "106", each)
        for each in ("DE.77", "554787654321", "5547987654321", "@mara.l")
    )
    session = tables.save(
        message_event(), turn=1, state="ended", waiting=None, conversation=user, contact="554787654321"
    )
    for each in others:
        tables.sessions.save_alias(Alias(each, Place(0, moved_to=session.conversation), None))
    response = editor("POST", "/sessions", start(contact=written))
    assert (response.status, response.body["conversation"]) == (202, user)
    assert tables.sent[0]["contact"] == "554787654321"


@pytest.mark.parametrize("contact", ["0151 1234567", "call me", "12345"])
def test_a_contact_that_is_no_address_is_refused_with_words(
    editor: Any, tables: ConversationTables, contact: str
) -> None:
    response = editor("POST", "/sessions", start(contact=contact))
    assert (response.status, response.slug) == (422, "invalid-request")
    assert "phone number" in str(response.body)
    assert contact not in str(response.body)


@pytest.mark.parametrize(("contact", "status", "sent"), [("@sheena_n", 422, 0), ("5012345678", 202, 1)])
def test_only_an_address_that_the_channel_writes_to_is_started_with_unheard(
    editor: Any, tables: ConversationTables, contact: str, status: int, sent: int
) -> None:
    tables.publish("survey")
    response = editor("POST", "/sessions", start(channel="telegram", account="42", contact=contact))
    assert (response.status, len(tables.sent)) == (status, sent)
    assert contact not in str(response.body)
    if status == 422:
        assert (response.slug, "body.contact" in str(response.body)) == ("invalid-request", True)


def test_a_username_starts_a_flow_with_the_person_who_has_written_under_it(
    editor: Any, tables: ConversationTables
) -> None:
    tables.publish("survey")
    user, name = (conversation_key("secret", "telegram", "42", each) for each in ("5012345678", "@sheena_n"))
    tables.save(message_event(), turn=1, state="ended", waiting=None, conversation=user, contact="5012345678")
    tables.sessions.save_alias(Alias(name, Place(0, moved_to=user), None))
    response = editor("POST", "/sessions", start(channel="telegram", account="42", contact="@Sheena_N"))
    assert (response.status, tables.sent[0]["contact"]) == (202, "5012345678")
