"""Dead letters through the API: listed with their reasons, redriven with their fence, refused when stale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from management.dependencies import Dependencies
from tests.fakes.operating import CONTACT, KEY, NOW, Deployment, deployed, wrote


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with deployed(monkeypatch) as made:
        yield made


@pytest.fixture
def dependencies(dependencies: Dependencies, deployment: Deployment) -> Dependencies:
    return deployment.dependencies(dependencies)


FAILED = wrote("answer", id="wamid.2")
LETTER = {
    "kind": "message",
    "reason": "the turn's execution ended FAILED: KeyError",
    "at": NOW + 3,
    "session": "s_" + "a" * 24,
    "turn": 1,
    "node": "ask",
    "flow": "claims",
}


def dead(deployment: Deployment, *, reason: bool = True) -> None:
    deployment.save(wrote("one"), turn=1)
    if reason:
        deployment.sessions.save_failure(KEY, "wamid.2", LETTER, NOW + 86_400)
    deployment.die(FAILED)


def the_letter(viewer: Any) -> dict[str, Any]:
    (letter,) = viewer("GET", "/dead-letters").body["items"]
    found: dict[str, Any] = letter
    return found


def test_a_letter_is_listed_with_its_reason_and_without_its_contact(viewer: Any, deployment: Deployment) -> None:
    dead(deployment)
    answer = viewer("GET", "/dead-letters")

    (letter,) = answer.body["items"]
    shown = {name: letter[name] for name in ("queue", "conversation", "kind", "at", "reason", "turn", "node", "state")}
    assert shown == {
        "queue": "events",
        "conversation": KEY,
        "kind": "message",
        "at": "2026-11-22T18:00:03Z",
        "reason": LETTER["reason"],
        "turn": 1,
        "node": "ask",
        "state": "dead",
    }
    assert answer.body["hidden"] == 0
    for private in (CONTACT, "wamid", "Ann", "answer"):
        assert private not in answer.text


def test_a_redriven_letter_carries_the_fence_of_when_it_failed(
    viewer: Any, editor: Any, deployment: Deployment
) -> None:
    dead(deployment)
    letter = the_letter(viewer)

    answer = editor("POST", f"/dead-letters/{letter['id']}/redrive")

    assert answer.status == 202
    assert answer.body == {"conversation": KEY, "event": letter["event"]}
    assert deployment.queued() == [{**FAILED, "fence": {"session": LETTER["session"], "turn": 1}}]
    assert viewer("GET", "/dead-letters").body["items"] == []


def test_a_letter_whose_session_moved_on_is_stale_and_stays(viewer: Any, editor: Any, deployment: Deployment) -> None:
    dead(deployment)
    deployment.save(wrote("three", id="wamid.3"), turn=2, at=NOW + 9)
    letter = the_letter(viewer)
    assert letter["state"] == "stale"

    assert editor("POST", f"/dead-letters/{letter['id']}/redrive").slug == "stale-letter"
    assert deployment.queued() == []
    assert the_letter(viewer)["id"] == letter["id"]

    assert editor("DELETE", f"/dead-letters/{letter['id']}").status == 204
    assert viewer("GET", "/dead-letters").body["items"] == []


def test_without_a_reason_a_letter_is_fenced_by_what_stands_now_if_nothing_moved_since(
    viewer: Any, editor: Any, deployment: Deployment
) -> None:
    deployment.save(wrote("one"), turn=1, at=1_000)  # long before the letter was set aside
    deployment.die(FAILED)
    letter = the_letter(viewer)
    assert (letter["reason"], letter["session"], letter["state"]) == (None, None, "dead")
    assert editor("POST", f"/dead-letters/{letter['id']}/redrive").status == 202
    assert deployment.queued()[0]["fence"] == {"session": "s_" + "a" * 24, "turn": 1}


def test_without_a_reason_a_letter_is_stale_if_its_session_was_saved_since(
    viewer: Any, editor: Any, deployment: Deployment
) -> None:
    deployment.die(FAILED)
    deployment.save(wrote("one"), turn=1, at=4_000_000_000)
    letter = the_letter(viewer)
    assert letter["state"] == "stale"
    assert editor("POST", f"/dead-letters/{letter['id']}/redrive").slug == "stale-letter"


def test_an_event_that_had_its_turn_after_all_says_so(viewer: Any, deployment: Deployment) -> None:
    deployment.save(FAILED, turn=1)
    deployment.die(FAILED)
    assert the_letter(viewer)["state"] == "taken"


def test_what_is_no_event_can_be_thrown_away_and_not_redriven(viewer: Any, editor: Any, deployment: Deployment) -> None:
    deployment.die("nonsense")
    letter = the_letter(viewer)
    assert (letter["state"], letter["conversation"]) == ("unreadable", None)
    assert editor("POST", f"/dead-letters/{letter['id']}/redrive").slug == "stale-letter"
    assert editor("DELETE", f"/dead-letters/{letter['id']}").status == 204


def test_word_of_a_delivery_moves_no_session_and_is_never_stale(
    viewer: Any, editor: Any, deployment: Deployment
) -> None:
    event = {"id": "status#wamid.9", "kind": "status", "conversation": KEY, "message_id": "wamid.9"}
    deployment.die(event)
    deployment.save(wrote("one"), turn=1, at=4_000_000_000)
    letter = the_letter(viewer)
    assert editor("POST", f"/dead-letters/{letter['id']}/redrive").status == 202
    assert deployment.queued() == [event]


def test_letters_are_listed_page_by_page(viewer: Any, deployment: Deployment) -> None:
    for number in range(5):
        deployment.die(wrote(id=f"wamid.{number}"))
    first = viewer("GET", "/dead-letters", query={"limit": 3}).body
    second = viewer("GET", "/dead-letters", query={"limit": 3, "cursor": first["next"]}).body
    assert len({letter["id"] for letter in first["items"] + second["items"]}) == 5
    assert second["next"] is None


@pytest.mark.parametrize("letter", ["e-nothing", "s-nothing"])
def test_a_letter_that_is_not_there_is_not_found(editor: Any, deployment: Any, letter: str) -> None:
    assert editor("POST", f"/dead-letters/{letter}/redrive").slug == "not-found"
    assert editor("DELETE", f"/dead-letters/{letter}").slug == "not-found"
    assert editor("DELETE", "/dead-letters/nonsense").status == 422
