"""`chatflow dead-letters`: listed, sent again, discarded."""

from __future__ import annotations

import pytest

from tests.fakes.management.contents import NOW, Contents
from tests.fakes.management.deployment import Deployment
from tests.unit.chatflow_cli.conftest import Chatflow

_STATES = ("dead", "stale", "dead")  # the newest first

pytestmark = pytest.mark.usefixtures("logged_in")


def test_dead_letters_are_seen_sent_again_and_thrown_away(
    chatflow: Chatflow, deployment: Deployment, contents: Contents
) -> None:
    letter = {
        "id": "e-1",
        "queue": "events",
        "conversation": "c_1",
        "event": "e_1",
        "kind": "message",
        "at": NOW,
        "reason": "TimedOut",
        "session": "s_1",
        "turn": 3,
        "node": "ask_photo",
        "state": "dead",
    }
    contents.letters = [letter, {**letter, "id": "e-2"}, {**letter, "id": "e-3", "state": "stale"}]
    assert "TimedOut" in chatflow("dead-letters", "list").out
    assert chatflow("dead-letters", "redrive").code == 2
    assert chatflow("dead-letters", "redrive", "e-1", "--all").code == 2
    assert chatflow("dead-letters", "redrive", "e-1").out == "1 letter sent again.\n"
    assert chatflow("dead-letters", "redrive", "e-3").code == 5
    assert chatflow("dead-letters", "discard", "e-3", "--yes").code == 0
    assert chatflow("dead-letters", "redrive", "--all").out == "1 letter sent again.\n"
    assert "No dead letter." in chatflow("dead-letters", "list").out

    contents.letters = [{**letter, "id": f"e-{number}", "state": state} for number, state in enumerate(_STATES)]
    redriven = chatflow("dead-letters", "redrive", "--all")
    assert (redriven.code, redriven.out) == (0, "2 letters sent again.\n")
    assert "e-1 was not sent" in redriven.err
