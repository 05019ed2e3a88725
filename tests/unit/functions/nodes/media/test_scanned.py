"""The inbound Media node where a malware scanner looks at files: it waits for the verdict, and goes by it."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.channels.whatsapp.profile import PROFILE as WHATSAPP
from chatflow.conversation.events import Event, Verdict, scan_event
from chatflow.errors import MediaRejected
from chatflow.media.reference import MediaReference
from nodes.media.rule import visit
from tests.fakes.visit import FakePorts, a_visit, media, timeout

ASK: dict[str, Any] = {
    "direction": "inbound",
    "prompt": "One photo, please.",
    "accept": ["image"],
    "save_as": "photo",
    "attempts": 3,
    "reprompt": "",
    "already_sent": "If you sent it already, that is fine.",
    "timeout": 0,
    "unsafe_exit": False,
}
PHOTO = MediaReference("media/c_ann/s_1/3-abc-77", "ab" * 32, 1234, "image/jpeg", "image", "photo.jpg", "left door")
MEMO = {"attempt": 2, "key": PHOTO.key, "file": PHOTO.to_json()}


def fake_ports(**more: Any) -> FakePorts:
    return FakePorts(profile=WHATSAPP, scanning=120, **more)


def verdict(verdict: Verdict) -> Event:
    return scan_event("c_ann", "s_1", PHOTO.key, verdict)


def test_a_file_that_was_taken_waits_for_its_verdict_and_nothing_is_said() -> None:
    event = media()
    event = {**event, "message": {**event["message"], "text": "left door"}}
    ports = fake_ports(taken=PHOTO)
    outcome = visit(a_visit(ASK, event=event, wait_state={"attempt": 2}), ports)

    assert outcome.wait is not None
    assert (outcome.wait.expects, outcome.wait.seconds) == (("scan",), 120)
    assert outcome.wait.wait_state == MEMO
    assert outcome.set == {}
    assert ports.texts == []


def test_a_clean_file_is_received_with_its_caption() -> None:
    outcome = visit(a_visit(ASK, event=verdict("clean"), wait_state=MEMO), fake_ports())
    assert outcome.exit == "received"
    assert outcome.set == {"photo": PHOTO.to_json()}
    assert outcome.effects[0]["verdict"] == "clean"


def test_an_unsafe_file_is_told_kindly_and_asked_for_again() -> None:
    ports = fake_ports()
    outcome = visit(a_visit(ASK, event=verdict("unsafe"), wait_state=MEMO), ports)
    [said] = ports.texts
    assert "harmful" in said
    assert "Please send a photo" in said
    assert outcome.wait is not None
    assert (outcome.wait.expects, outcome.wait.wait_state) == (("media",), {"attempt": 3})
    assert outcome.effects[0] == {"effect": "take", "rejected": "unsafe"}
    assert outcome.set == {}


def test_after_the_last_attempt_an_unsafe_file_gives_up() -> None:
    assert (
        visit(a_visit(ASK, event=verdict("unsafe"), wait_state={**MEMO, "attempt": 3}), fake_ports()).exit == "gave_up"
    )


def test_an_author_who_names_the_exit_is_taken_there_at_once_and_told_why() -> None:
    ports = fake_ports()
    outcome = visit(a_visit({**ASK, "unsafe_exit": True}, event=verdict("unsafe"), wait_state=MEMO), ports)
    assert outcome.exit == "unsafe"
    assert outcome.set == {"ask_failure": {"reason": "malware"}}
    assert ports.texts == []


@pytest.mark.parametrize("event", [verdict("failed"), timeout()])
@pytest.mark.parametrize("named", [True, False])
def test_what_nobody_looked_at_is_not_trusted(event: Event, named: bool) -> None:
    outcome = visit(a_visit({**ASK, "unsafe_exit": named}, event=event, wait_state=MEMO), fake_ports())
    assert outcome.exit == "unsafe"
    assert outcome.set == {"ask_failure": {"reason": "not_scanned"}}


def test_a_version_of_before_the_exit_goes_where_it_gave_up() -> None:
    before = {name: value for name, value in ASK.items() if name != "unsafe_exit"}
    assert visit(a_visit(before, event=timeout(), wait_state=MEMO), fake_ports()).exit == "gave_up"
    assert visit(a_visit(before, event=verdict("unsafe"), wait_state=MEMO), fake_ports()).wait is not None


def test_the_node_after_a_verdict_says_that_the_next_file_may_be_here_already() -> None:
    ports = fake_ports()
    visit(a_visit(ASK, phase="enter", event=verdict("clean")), ports)
    assert ports.texts == ["One photo, please.\nIf you sent it already, that is fine."]


def test_a_file_that_a_scanner_found_unsafe_before_it_was_judged_is_asked_for_again() -> None:
    ports = fake_ports(taken=MediaRejected("unsafe", "Something harmful."))
    outcome = visit(a_visit(ASK, event=media()), ports)
    assert outcome.wait is not None
    assert outcome.wait.expects == ("media",)
