"""Conversations through the API: found, begun, read, stopped, retried, given up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chatflow.adapters.dynamodb import deliveries
from chatflow.messages import Delivery
from management.dependencies import Dependencies
from tests.fakes.operating import CONTACT, KEY, NOW, Deployment, deployed, wrote

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
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with deployed(monkeypatch) as made:
        yield made


@pytest.fixture
def dependencies(dependencies: Dependencies, deployment: Deployment) -> Dependencies:
    return deployment.dependencies(dependencies)


def start(**more: Any) -> dict[str, Any]:
    return {**WHOSE, "flow": "survey", **more}


def test_a_conversation_is_found_by_its_contact_however_the_number_is_written(viewer: Any, deployment: Any) -> None:
    for contact in (CONTACT, f"+{CONTACT}", "+1 650 555 1234"):
        answer = viewer("POST", "/conversations/find", {**WHOSE, "contact": contact})
        assert (answer.status, answer.body) == (200, {"conversation": KEY})


def test_an_unknown_channel_is_named(viewer: Any, deployment: Any) -> None:
    for channel in ("pigeon", "../whatsapp"):
        answer = viewer("POST", "/conversations/find", {**WHOSE, "channel": channel})
        assert (answer.status, answer.slug) == (422, "invalid-request")
        assert answer.body["errors"][0]["field"] == "body.channel"


def test_a_flow_is_begun_with_a_contact(editor: Any, deployment: Deployment) -> None:
    deployment.publish("survey")
    deployment.save(wrote(), turn=1, state="ended", waiting=None)

    answer = editor("POST", "/sessions", start(variables={"claim": "A 7"}))

    assert answer.status == 202
    (event,) = deployment.sent
    assert answer.body == {"conversation": KEY, "event": event["id"]}
    told = {name: event[name] for name in ("kind", "contact", "name", "flow", "variables", "replace")}
    assert told == {
        "kind": "start",
        "contact": CONTACT,
        "name": "Ann",
        "flow": "survey",
        "variables": {"claim": "A 7"},
        "replace": False,
    }


def test_outside_the_channels_window_no_flow_is_begun(editor: Any, deployment: Deployment) -> None:
    deployment.publish("survey")
    assert editor("POST", "/sessions", start()).slug == "outside-window"
    deployment.save(wrote(), turn=1, state="ended", waiting=None, last_message_at=NOW - 86_400)
    answer = editor("POST", "/sessions", start())
    assert (answer.status, answer.slug) == (409, "outside-window")
    assert "2026-11-21T" in answer.body["detail"]
    assert deployment.sent == []


def test_a_session_that_runs_is_replaced_only_when_asked(editor: Any, deployment: Deployment) -> None:
    deployment.publish("survey")
    deployment.save(wrote(), turn=1)
    assert editor("POST", "/sessions", start()).slug == "session-running"
    assert editor("POST", "/sessions", start(replace=True)).status == 202
    assert deployment.sent[0]["replace"]


def test_only_a_live_flow_is_begun(editor: Any, deployment: Deployment) -> None:
    deployment.save(wrote(), turn=1, state="ended", waiting=None)
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
def test_what_cannot_be_is_refused_before_anything_is_asked(editor: Any, deployment: Any, wrong: Any) -> None:
    assert editor("POST", "/sessions", start(**wrong)).slug == "invalid-request"


def test_more_variables_than_a_session_holds_are_refused(editor: Any, deployment: Deployment) -> None:
    assert editor("POST", "/sessions", start(variables={"text": "x" * 70_000})).slug == "too-large"


def test_sessions_are_listed_by_state_flow_and_time(viewer: Any, deployment: Deployment) -> None:
    deployment.save(wrote(), turn=1)
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


def test_a_cursor_of_ones_own_making_is_a_bad_request(viewer: Any, deployment: Any) -> None:
    assert viewer("GET", "/sessions", query={"cursor": "nonsense"}).slug == "invalid-request"


def test_a_conversation_tells_where_it_stands_and_never_who_it_is_with(viewer: Any, deployment: Deployment) -> None:
    deployment.save(wrote(), turn=1, variables={"pin": "1234", "plate": "B"}, sensitive=("pin",))
    answer = viewer("GET", f"/conversations/{KEY}")

    assert answer.headers["ETag"] == '"r1"'
    session = answer.body["session"]
    assert (session["state"], session["at"]) == ("waiting", "ask")
    assert session["waiting"] == {"expects": ["text"], "until": "2026-11-22T18:10:00Z"}
    assert session["variables"] == {"pin": "***", "plate": "B"}
    assert [each["session"] for each in answer.body["sessions"]] == ["s_" + "a" * 24]
    assert CONTACT not in answer.text
    assert "Ann" not in answer.text


def test_a_conversation_that_nobody_knows_is_not_found(viewer: Any, editor: Any, deployment: Any) -> None:
    for path in (f"/conversations/{KEY}", f"/conversations/{KEY}/turns"):
        assert viewer("GET", path).slug == "not-found"
    assert editor("POST", f"/conversations/{KEY}/stop").slug == "not-found"
    assert viewer("GET", "/conversations/nonsense").status == 422


def test_the_transcript_tells_what_came_what_was_visited_and_what_changed(viewer: Any, deployment: Deployment) -> None:
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
    deployment.save(wrote("first"), turn=1, visits=[visit], variables={"plate": "A"})
    deployment.save(wrote("second", id="wamid.2"), turn=2, at=NOW + 5, variables={"plate": "B"}, before={"plate": "A"})
    status = Delivery("wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI", "whatsapp", "106", CONTACT, "read", NOW + 2)
    deliveries.record("deliveries", status, KEY)

    answer = viewer("GET", f"/conversations/{KEY}/turns")

    first, second = answer.body["items"]
    assert [turn["event"]["message"]["text"] for turn in (first, second)] == ["first", "second"]
    assert second["changes"] == {"plate": {"before": "A", "after": "B"}}
    (effect,) = first["visits"][0]["effects"]
    (message,) = effect["messages"]
    assert message["status"] == "read"
    assert "wamid" not in answer.text
    assert "MTY1MDU1NTEyMzQ" not in answer.text
    assert CONTACT not in answer.text


def test_a_transcript_is_read_page_by_page_and_each_turn_once(viewer: Any, deployment: Deployment) -> None:
    for turn in range(1, 8):
        deployment.save(wrote(str(turn), id=f"wamid.{turn}"), turn=turn, at=NOW + turn)
    found: list[int] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = viewer("GET", f"/conversations/{KEY}/turns", query=query).body
        found += [turn["turn"] for turn in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert found == list(range(1, 8))


def test_a_page_of_large_turns_is_no_more_than_lambda_can_answer(viewer: Any, deployment: Deployment) -> None:
    for turn in range(1, 31):
        visits = [{"node": "call", "exit": "success", "answer": "ü" * 150_000}]
        deployment.save(wrote(str(turn), id=f"wamid.{turn}"), turn=turn, at=NOW + turn, visits=visits)
    found: list[int] = []
    query: dict[str, Any] = {"limit": 100}
    while True:
        answer = viewer("GET", f"/conversations/{KEY}/turns", query=query)
        assert len(json.dumps(answer.text)) < 6_000_000
        found += [turn["turn"] for turn in answer.body["items"]]
        if answer.body["next"] is None:
            break
        query["cursor"] = answer.body["next"]
    assert found == list(range(1, 31))


def test_the_newest_session_is_shown_unless_another_is_named(viewer: Any, deployment: Deployment) -> None:
    deployment.save(wrote("one"), turn=1)
    deployment.save(wrote("two", id="wamid.2"), turn=2, session="s_" + "b" * 24, at=NOW + 5)
    turns = viewer("GET", f"/conversations/{KEY}/turns").body["items"]
    assert [turn["event"]["message"]["text"] for turn in turns] == ["two"]
    turns = viewer("GET", f"/conversations/{KEY}/turns", query={"session": "s_" + "a" * 24}).body["items"]
    assert [turn["event"]["message"]["text"] for turn in turns] == ["one"]


def test_files_of_a_turn_have_links_and_a_strangers_file_has_none(viewer: Any, deployment: Deployment) -> None:
    asset = {"effect": "give", "key": f"asset/{'cd' * 32}", "sha256": "cd" * 32, "size": 9, "mime": "application/pdf"}
    visit = {"visit": 1, "node": "leaflet", "effects": [{**asset, "kind": "document", "messages": []}]}
    strange = {**PHOTO, "key": "media/c_someone_else/s/1"}
    deployment.save(wrote(), turn=1, variables={"photo": PHOTO, "strange": strange}, visits=[visit])
    deployment.client("s3").put_object(Bucket="library", Key=f"thumbnail/{'cd' * 32}.webp", Body=b"x")

    (turn,) = viewer("GET", f"/conversations/{KEY}/turns").body["items"]

    photo, leaflet = turn["media"]
    assert (photo["filename"], photo["kind"], photo["thumbnail"]) == ("my photo.jpg", "image", None)
    assert "X-Amz-Expires=300" in photo["url"]
    assert "attachment" in photo["url"]
    assert "/library/" in leaflet["url"] or "library." in leaflet["url"]
    assert f"thumbnail/{'cd' * 32}.webp" in leaflet["thumbnail"]


def test_a_failure_stands_where_it_happened_and_beside_the_turn_that_made_good_for_it(
    viewer: Any, deployment: Deployment
) -> None:
    session = deployment.save(wrote("one"), turn=1)
    letter = {
        "kind": "message",
        "reason": "the turn's execution ended FAILED: KeyError",
        "at": NOW + 3,
        "session": session.session,
        "turn": 1,
        "node": "ask",
        "flow": "claims",
    }
    deployment.sessions.save_failure(KEY, "wamid.2", letter, NOW + 86_400)
    _, dead = viewer("GET", f"/conversations/{KEY}/turns").body["items"]
    assert dead["failure"] == {"reason": letter["reason"], "at": "2026-11-22T18:00:03Z", "node": "ask"}
    assert (dead["visits"], dead["state"], dead["event"]) == ([], None, {"kind": "message"})

    deployment.save(wrote("two", id="wamid.2"), turn=2, at=NOW + 9)
    _, redriven = viewer("GET", f"/conversations/{KEY}/turns").body["items"]
    assert redriven["event"]["message"]["text"] == "two"
    assert redriven["failure"]["reason"] == letter["reason"]
    assert redriven["id"] == dead["id"]


def test_what_came_to_nothing_says_so(viewer: Any, deployment: Deployment) -> None:
    session = deployment.save(wrote("one"), turn=1)
    for id, more in (("operator#1", {"stale": True}), ("start#1", {"refused": "session_running"})):
        kind = id.partition("#")[0]
        note = {"session": session.session, "turn": 1, "at": NOW + 1, "event": {"id": id, "kind": kind}, **more}
        deployment.sessions.save_note(KEY, id, note, NOW + 86_400)
    turns = viewer("GET", f"/conversations/{KEY}/turns").body["items"]
    assert {(turn["event"]["kind"], turn["stale"], turn["refused"]) for turn in turns} == {
        ("message", False, None),
        ("operator", True, None),
        ("start", False, "session_running"),
    }


@pytest.mark.parametrize(("path", "action"), [("stop", "stop"), ("retry", "retry"), ("give-up", "give_up")])
def test_an_operators_wish_is_an_event_fenced_by_what_the_operator_saw(
    editor: Any, deployment: Deployment, dependencies: Dependencies, path: str, action: str
) -> None:
    session = deployment.save(wrote(), turn=1)
    assert editor("POST", f"/conversations/{KEY}/{path}", if_match='"r0"').slug == "edit-conflict"

    answer = editor("POST", f"/conversations/{KEY}/{path}", if_match='"r1"')

    assert answer.status == 202
    (event,) = deployment.sent
    assert answer.body == {"conversation": KEY, "event": event["id"]}
    told = {name: event[name] for name in ("kind", "action", "by", "session", "turn")}
    assert told == {"kind": "operator", "action": action, "by": "ada", "session": session.session, "turn": 1}
    rows: Any = dependencies.audit
    assert CONTACT not in json.dumps([vars(row) for row in rows.kept.values()], default=str)


def test_a_session_that_has_ended_cannot_be_stopped(editor: Any, deployment: Deployment) -> None:
    deployment.save(wrote(), turn=1, state="ended", waiting=None)
    for path in ("stop", "retry", "give-up"):
        assert editor("POST", f"/conversations/{KEY}/{path}").slug == "session-not-running"
