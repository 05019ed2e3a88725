"""Conversations through the API: found, read, stopped, retried, given up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.adapters.dynamodb import deliveries
from chatflow.conversation.owed_message import OwedMessage
from chatflow.conversation.session import Pause
from chatflow.errors import Unavailable
from chatflow.messages import Delivery
from management.dependencies import Dependencies
from tests.fakes.api_client import InMemoryAudit
from tests.fakes.conversation_tables import CONTACT, KEY, NOW, ConversationTables, conversation_tables, message_event

WHOSE = {"channel": "whatsapp", "account": "106", "contact": CONTACT}
PHOTO = {
    "key": f"media/{KEY}/s_1/1-abc",
    "sha256": "ab" * 32,
    "size": 1234,
    "mime": "image/jpeg",
    "kind": "image",
    "filename": "my photo.jpg",
    "caption": "",
}


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConversationTables]:
    with conversation_tables(monkeypatch) as tables:
        yield tables


@pytest.fixture
def dependencies(dependencies: Dependencies, tables: ConversationTables) -> Dependencies:
    return tables.dependencies(dependencies)


def test_a_conversation_is_found_by_its_contact_however_the_number_is_written(viewer: Any, tables: Any) -> None:
    for contact in (CONTACT, f"+{CONTACT}", "+1 650 555 1234"):
        response = viewer("POST", "/conversations/find", {**WHOSE, "contact": contact})
        assert (response.status, response.body) == (200, {"conversation": KEY})


def test_an_unknown_channel_is_named(viewer: Any, tables: Any) -> None:
    for channel in ("pigeon", "../whatsapp"):
        response = viewer("POST", "/conversations/find", {**WHOSE, "channel": channel})
        assert (response.status, response.slug) == (422, "invalid-request")
        assert response.body["errors"][0]["field"] == "body.channel"


def test_a_conversation_shows_its_session_and_never_its_contact(viewer: Any, tables: ConversationTables) -> None:
    tables.save(message_event(), turn=1, variables={"pin": "1234", "plate": "B"}, sensitive=("pin",))
    response = viewer("GET", f"/conversations/{KEY}")

    assert response.headers["ETag"] == '"r1"'
    session = response.body["session"]
    assert (session["state"], session["at"]) == ("waiting", "ask")
    assert session["waiting"] == {"expects": ["text"], "until": "2026-11-22T18:10:00Z"}
    assert session["variables"] == {"pin": "***", "plate": "B"}
    assert [each["session"] for each in response.body["sessions"]] == ["s_" + "a" * 24]
    assert CONTACT not in response.text
    assert "Ann" not in response.text


def test_an_unknown_conversation_is_not_found(viewer: Any, editor: Any, tables: Any) -> None:
    for path in (f"/conversations/{KEY}", f"/conversations/{KEY}/turns"):
        assert viewer("GET", path).slug == "not-found"
    assert editor("POST", f"/conversations/{KEY}/stop").slug == "not-found"
    assert viewer("GET", "/conversations/nonsense").status == 422


def test_the_transcript_shows_events_visits_and_changes(viewer: Any, tables: ConversationTables) -> None:
    visit = {
        "visit": 1,
        "flow": "claims",
        "node": "ask",
        "phase": "enter",
        "exit": "",
        "waits": True,
        "milliseconds": 12,
        "effects": [{"effect": "ask", "messages": ["wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI"]}],
    }
    tables.save(message_event("first"), turn=1, visits=[visit], variables={"plate": "A"})
    tables.save(
        message_event("second", id="wamid.2"), turn=2, at=NOW + 5, variables={"plate": "B"}, before={"plate": "A"}
    )
    status = Delivery("wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI", "whatsapp", "106", CONTACT, "read", NOW + 2)
    deliveries.record("deliveries", status, KEY)

    response = viewer("GET", f"/conversations/{KEY}/turns")

    first, second = response.body["items"]
    assert [turn["event"]["message"]["text"] for turn in (first, second)] == ["first", "second"]
    assert second["changes"] == {"plate": {"before": "A", "after": "B"}}
    (effect,) = first["visits"][0]["effects"]
    (message,) = effect["messages"]
    assert message["status"] == "read"
    assert "wamid" not in response.text
    assert "MTY1MDU1NTEyMzQ" not in response.text
    assert CONTACT not in response.text


@pytest.mark.parametrize("field", ["reply_to", "original"])
def test_the_ids_of_messages_that_a_message_is_about_are_shown_as_digests(
    field: str, viewer: Any, tables: ConversationTables
) -> None:
    event = message_event()
    event["message"][field] = "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI"
    tables.save(event, turn=1)
    response = viewer("GET", f"/conversations/{KEY}/turns")
    assert response.body["items"][0]["event"]["message"][field].startswith("e_")
    assert "wamid" not in response.text


def test_a_transcript_is_read_page_by_page_and_each_turn_once(viewer: Any, tables: ConversationTables) -> None:
    for turn in range(1, 8):
        tables.save(message_event(str(turn), id=f"wamid.{turn}"), turn=turn, at=NOW + turn)
    found: list[int] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = viewer("GET", f"/conversations/{KEY}/turns", query=query).body
        found += [turn["turn"] for turn in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert found == list(range(1, 8))


def test_a_page_of_large_turns_fits_into_a_lambda_response(viewer: Any, tables: ConversationTables) -> None:
    for turn in range(1, 31):
        visits = [{"node": "call", "exit": "success", "answer": "ü" * 150_000}]
        tables.save(message_event(str(turn), id=f"wamid.{turn}"), turn=turn, at=NOW + turn, visits=visits)
    found: list[int] = []
    query: dict[str, Any] = {"limit": 100}
    while True:
        response = viewer("GET", f"/conversations/{KEY}/turns", query=query)
        assert len(json.dumps(response.text)) < 6_000_000
        found += [turn["turn"] for turn in response.body["items"]]
        if response.body["next"] is None:
            break
        query["cursor"] = response.body["next"]
    assert found == list(range(1, 31))


def test_the_newest_session_is_shown_unless_another_is_named(viewer: Any, tables: ConversationTables) -> None:
    tables.save(message_event("one"), turn=1)
    tables.save(message_event("two", id="wamid.2"), turn=2, session="s_" + "b" * 24, at=NOW + 5)
    turns = viewer("GET", f"/conversations/{KEY}/turns").body["items"]
    assert [turn["event"]["message"]["text"] for turn in turns] == ["two"]
    turns = viewer("GET", f"/conversations/{KEY}/turns", query={"session": "s_" + "a" * 24}).body["items"]
    assert [turn["event"]["message"]["text"] for turn in turns] == ["one"]


def test_files_of_a_turn_have_links_but_not_those_of_other_conversations(
    viewer: Any, tables: ConversationTables
) -> None:
    asset = {"effect": "give", "key": f"asset/{'cd' * 32}", "sha256": "cd" * 32, "size": 9, "mime": "application/pdf"}
    visit = {"visit": 1, "node": "leaflet", "effects": [{**asset, "kind": "document", "messages": []}]}
    strange = {**PHOTO, "key": "media/c_someone_else/s/1"}
    tables.save(message_event(), turn=1, variables={"photo": PHOTO, "strange": strange}, visits=[visit])
    botocore_client("s3").put_object(Bucket="library", Key=f"thumbnail/{'cd' * 32}.webp", Body=b"x")

    (turn,) = viewer("GET", f"/conversations/{KEY}/turns").body["items"]

    photo, leaflet = turn["media"]
    assert (photo["filename"], photo["kind"], photo["thumbnail"]) == ("my photo.jpg", "image", None)
    assert "X-Amz-Expires=300" in photo["url"]
    assert "attachment" in photo["url"]
    assert "/library/" in leaflet["url"] or "library." in leaflet["url"]
    assert f"thumbnail/{'cd' * 32}.webp" in leaflet["thumbnail"]


def test_the_files_of_a_list_have_links_too(viewer: Any, tables: ConversationTables) -> None:
    other = {**PHOTO, "key": f"{PHOTO['key']}-2", "filename": "other.jpg"}
    strange = {**PHOTO, "key": "media/c_someone_else/s/1"}
    tables.save(message_event(), turn=1, variables={"photos": [PHOTO, other, strange]})
    (turn,) = viewer("GET", f"/conversations/{KEY}/turns").body["items"]
    assert [each["filename"] for each in turn["media"]] == ["my photo.jpg", "other.jpg"]


def test_a_failure_is_shown_in_its_place_and_with_the_turn_of_its_redrive(
    viewer: Any, tables: ConversationTables
) -> None:
    session = tables.save(message_event("one"), turn=1)
    letter = {
        "kind": "message",
        "reason": "the turn's execution ended FAILED: KeyError",
        "at": NOW + 3,
        "session": session.session,
        "turn": 1,
        "node": "ask",
        "flow": "claims",
    }
    tables.sessions.save_failure(KEY, "wamid.2", letter, NOW + 86_400)
    _, dead = viewer("GET", f"/conversations/{KEY}/turns").body["items"]
    assert dead["failure"] == {"reason": letter["reason"], "at": "2026-11-22T18:00:03Z", "node": "ask"}
    assert (dead["visits"], dead["state"], dead["event"]) == ([], None, {"kind": "message"})

    tables.save(message_event("two", id="wamid.2"), turn=2, at=NOW + 9)
    _, redriven = viewer("GET", f"/conversations/{KEY}/turns").body["items"]
    assert redriven["event"]["message"]["text"] == "two"
    assert redriven["failure"]["reason"] == letter["reason"]
    assert redriven["id"] == dead["id"]


def test_events_without_effect_are_marked(viewer: Any, tables: ConversationTables) -> None:
    session = tables.save(message_event("one"), turn=1)
    for id, more in (("operator#1", {"stale": True}), ("start#1", {"refused": "session_running"})):
        kind = id.partition("#")[0]
        note = {"session": session.session, "turn": 1, "at": NOW + 1, "event": {"id": id, "kind": kind}, **more}
        tables.sessions.save_note(KEY, id, note, NOW + 86_400)
    turns = viewer("GET", f"/conversations/{KEY}/turns").body["items"]
    assert {(turn["event"]["kind"], turn["stale"], turn["refused"]) for turn in turns} == {
        ("message", False, None),
        ("operator", True, None),
        ("start", False, "session_running"),
    }


@pytest.mark.parametrize(
    ("path", "action"), [("stop", "stop"), ("retry", "retry"), ("give-up", "give_up"), ("pause", "pause")]
)
def test_an_operators_action_is_an_event_guarded_by_the_revision(
    editor: Any, tables: ConversationTables, audit: InMemoryAudit, path: str, action: str
) -> None:
    session = tables.save(message_event(), turn=1)
    assert editor("POST", f"/conversations/{KEY}/{path}", if_match='"r0"').slug == "edit-conflict"

    response = editor("POST", f"/conversations/{KEY}/{path}", if_match='"r1"')

    assert response.status == 202
    (event,) = tables.sent
    assert response.body == {"conversation": KEY, "event": event["id"]}
    summary = {name: event[name] for name in ("kind", "action", "by", "session", "turn")}
    assert summary == {"kind": "operator", "action": action, "by": "ada", "session": session.session, "turn": 1}
    assert CONTACT not in json.dumps([vars(row) for row in audit.rows.values()], default=str)


def test_a_session_that_has_ended_cannot_be_stopped(editor: Any, tables: ConversationTables) -> None:
    tables.save(message_event(), turn=1, state="ended", waiting=None)
    for path in ("stop", "retry", "give-up", "pause", "resume"):
        assert editor("POST", f"/conversations/{KEY}/{path}").slug == "session-not-running"


def test_what_the_channel_has_not_taken_is_shown_without_its_content(viewer: Any, tables: ConversationTables) -> None:
    content = {"text": "Hello Ann"}
    known = {"node_type": "text", "seconds": 20, "flow": "claims", "session": "s_1", "visit": 2, "effect": "say"}
    message = OwedMessage(
        "k", **known, node="hello", content=content, reason="in_doubt", since=NOW, window=86_400, tries=2
    )
    tables.save(message_event(), turn=1, owed=(message,))
    answer = viewer("GET", f"/conversations/{KEY}")
    assert answer.body["session"]["owed"] == [
        {"flow": "claims", "node": "hello", "reason": "in_doubt", "since": "2026-11-22T18:00:00Z", "tries": 2}
    ]
    assert "Hello Ann" not in str(answer.body)


def paused(**more: Any) -> dict[str, Any]:
    """The fields of a session that a person of the business paused at NOW + 100."""
    kept = (message_event("for you"), {"kind": "scan"})
    return {"state": "paused", "paused": Pause(NOW + 100, NOW + 86_500, "waiting", 500, kept=kept), **more}


def test_a_paused_session_shows_since_when_until_when_and_what_a_resume_can_apply(
    viewer: Any, tables: ConversationTables
) -> None:
    tables.save(message_event(), turn=1, **paused())
    session = viewer("GET", f"/conversations/{KEY}").body["session"]
    assert (session["state"], session["at"], session["waiting"]) == ("paused", "ask", None)
    assert session["paused"] == {
        "since": "2026-11-22T18:01:40Z",
        "until": "2026-11-23T18:01:40Z",
        "remaining": 500,
        "kept": 1,
    }


@pytest.mark.parametrize(
    ("query", "applies"), [({}, False), ({"messages": "skip"}, False), ({"messages": "apply"}, True)]
)
def test_an_operator_resumes_a_paused_session_and_says_what_becomes_of_its_messages(
    editor: Any, tables: ConversationTables, query: dict[str, str], applies: bool
) -> None:
    tables.save(message_event(), turn=1, **paused())
    assert editor("POST", f"/conversations/{KEY}/resume", query=query).status == 202
    (event,) = tables.sent
    assert (event["action"], event["by"], event.get("apply_messages", False)) == ("resume", "ada", applies)


def test_only_a_paused_session_is_resumed(editor: Any, tables: ConversationTables) -> None:
    tables.save(message_event(), turn=1)
    assert editor("POST", f"/conversations/{KEY}/resume").slug == "session-not-paused"
    assert editor("POST", f"/conversations/{KEY}/resume", query={"messages": "all"}).slug == "invalid-request"
    assert tables.sent == []


def test_viewers_neither_pause_nor_resume(viewer: Any, tables: ConversationTables) -> None:
    tables.save(message_event(), turn=1, **paused())
    for action in ("pause", "resume"):
        assert viewer("POST", f"/conversations/{KEY}/{action}").slug == "forbidden"


def test_a_pause_without_a_flow_is_one_of_the_conversation_s_sessions(viewer: Any, tables: ConversationTables) -> None:
    tables.save(message_event("one", id="wamid.1"), turn=1, state="ended", waiting=None)
    pause = paused(waiting=None, flow="", node="", version=0, session="s_" + "b" * 24)
    tables.save(message_event("two", id="wamid.2"), turn=2, at=NOW + 5, **pause)
    shown = viewer("GET", f"/conversations/{KEY}").body
    assert [(each["flow"], each["state"]) for each in shown["sessions"]] == [("", "paused"), ("claims", "ended")]
    (turn,) = viewer("GET", f"/conversations/{KEY}/turns").body["items"]
    assert (turn["state"], turn["flow"], turn["event"]["message"]["text"]) == ("paused", "", "two")


def test_who_read_what_is_recorded_without_its_content(
    viewer: Any, tables: ConversationTables, audit: InMemoryAudit
) -> None:
    tables.save(message_event("a private text"), turn=1, variables={"plate": "B AB 1234"})
    target = {"conversation": KEY}
    readings = [
        (lambda: viewer("POST", "/conversations/find", WHOSE), "find_conversation", {}, target),
        (lambda: viewer("GET", f"/conversations/{KEY}"), "get_conversation", target, {}),
        (lambda: viewer("GET", f"/conversations/{KEY}/turns"), "list_turns", target, {"session": "s_" + "a" * 24}),
    ]
    for read, operation, about, facts in readings:
        audit.rows.clear()
        assert read().status == 200
        (row,) = audit.rows.values()
        assert (row.who, row.operation, row.target, row.facts) == ("ada", operation, about, facts)
        assert (row.outcome, row.status) == ("done", 200)
        assert all(private not in repr(row) for private in (CONTACT, "private", "B AB"))


def test_links_to_files_that_were_given_out_are_recorded(
    viewer: Any, tables: ConversationTables, audit: InMemoryAudit
) -> None:
    tables.save(message_event(), turn=1, variables={"photo": PHOTO})
    assert len(viewer("GET", f"/conversations/{KEY}/turns").body["items"][0]["media"]) == 1
    (row,) = audit.rows.values()
    assert row.facts["files"] == 1
    assert PHOTO["key"] not in repr(row)


def test_a_reading_that_showed_nothing_is_not_recorded(viewer: Any, tables: Any, audit: InMemoryAudit) -> None:
    assert viewer("GET", f"/conversations/{KEY}/turns").status == 404
    assert audit.rows == {}


def test_what_cannot_be_recorded_is_not_shown(
    viewer: Any, tables: ConversationTables, audit: InMemoryAudit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise Unavailable("the table does not answer")

    tables.save(message_event("a private text"), turn=1)
    monkeypatch.setattr(audit, "write", fail)
    response = viewer("GET", f"/conversations/{KEY}/turns")
    assert response.status == 503
    assert "private" not in response.text
