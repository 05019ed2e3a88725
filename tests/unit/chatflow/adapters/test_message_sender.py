"""What becomes of one attempt to send; tests/unit/functions/conversation/test_owed.py plays whole conversations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatflow.adapters.message_sender import MessageSender
from chatflow.conversation.owed import MAX_OWED_BYTES
from chatflow.errors import (
    ChannelInDoubt,
    ChannelRefused,
    ChannelUnavailable,
    MediaRejected,
    NotConnected,
    NotPublished,
    Paced,
    TooManyOwed,
)
from tests.fakes.owing_world import FakeRecords
from tests.fakes.visit import a_visit

TEXT = {"text": "Hello"}
FILE = {"file": {}, "caption": ""}


class Channel:
    """Raises what it is given, attempt by attempt, then sends a piece each. `down` fails the harmless call."""

    def __init__(self, *troubles: Exception, down: Exception | None = None, statuses: tuple[str, ...] = ()) -> None:
        self.troubles = list(troubles)
        self.down = down
        self.statuses = dict.fromkeys(statuses, "wamid.found")
        self.attempts = 0

    def transmit(self, _content: dict[str, Any], _tag: str, sent: list[str]) -> None:
        if sent:
            return
        self.attempts += 1
        if self.troubles:
            raise self.troubles.pop(0)
        sent.append("wamid.1")

    def check(self) -> None:
        if self.down:
            raise self.down

    def sender(self, **visit: Any) -> MessageSender:
        made = a_visit({}, **visit)
        find: Callable[[str], str] = lambda tag: self.statuses.get(tag, "")  # noqa: E731
        return MessageSender(made, FakeRecords(made, {}), self.transmit, find, self.check)


def owed(content: dict[str, Any] = TEXT, **more: Any) -> dict[str, Any]:
    return {"id": "k", "effect": "say", "content": content, "sent": [], "doubts": 0, "tries": 1, **more}


def test_a_message_is_sent() -> None:
    assert Channel().sender().send("say", TEXT) == {"effect": "say", "messages": ["wamid.1"]}


def test_the_pause_that_the_channel_asks_for_is_passed_on() -> None:
    for trouble, reason, doubts in (
        (ChannelUnavailable("limit", 60.0), "channel_unavailable", 0),
        (ChannelInDoubt("HTTP 503", 60.0), "in_doubt", 1),
    ):
        sender = Channel(trouble).sender()
        assert sender.send("say", TEXT) == {"effect": "say", "owed": reason}
        (entry,) = sender.owed
        assert (entry["after"], entry["doubts"], entry["content"]) == (60.0, doubts, TEXT)


def test_nothing_is_tried_while_something_older_is_owed() -> None:
    channel = Channel()
    assert channel.sender(owes=1000).send("say", TEXT) == {"effect": "say", "owed": "behind_another"}
    assert channel.attempts == 0


def test_too_much_is_refused_at_once() -> None:
    with pytest.raises(TooManyOwed):
        Channel().sender(owes=MAX_OWED_BYTES).send("say", TEXT)


def test_a_status_saves_the_repetition() -> None:
    channel = Channel(statuses=("k",))
    assert channel.sender().deliver(owed(doubts=1)) == {"effect": "say", "messages": ["wamid.found"]}
    assert channel.attempts == 0


def test_a_message_that_was_repeated_says_so() -> None:
    """Only where no status showed that the first attempt was the one that arrived."""
    assert Channel().sender().deliver(owed(doubts=1)) == {"effect": "say", "messages": ["wamid.1"], "sent_again": True}
    assert Channel().sender().deliver(owed()) == {"effect": "say", "messages": ["wamid.1"]}


def test_the_only_repetition_is_not_spent_while_the_channel_is_down() -> None:
    channel = Channel(down=ChannelUnavailable("down"))
    sender = channel.sender()
    assert sender.deliver(owed(doubts=1)) == {"effect": "say", "owed": "in_doubt"}
    assert (channel.attempts, sender.owed[0]["doubts"]) == (0, 1)


def test_a_channel_that_refuses_the_harmless_call_is_not_down() -> None:
    channel = Channel(down=ChannelRefused(10, "no permission"))
    assert channel.sender().deliver(owed(doubts=1))["messages"] == ["wamid.1"]


def test_what_is_in_doubt_twice_is_not_sent_again() -> None:
    channel = Channel(ChannelInDoubt("HTTP 503"))
    assert channel.sender().deliver(owed(doubts=1)) == {"effect": "say", "messages": [], "in_doubt": True}
    assert channel.attempts == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ChannelRefused(131047, "closed"), {"reason": "refused", "code": 131047, "cause": "unknown"}),
        (MediaRejected("too_large", ""), {"reason": "too_large"}),
        (NotPublished("no such file"), {"reason": "not_published"}),
    ],
)
def test_what_can_never_be_sent_ends_with_the_reason(error: Exception, reason: dict[str, Any]) -> None:
    sender = Channel(error).sender()
    assert sender.deliver(owed(FILE)) == {"effect": "say", "failed": str(error), **reason}
    assert sender.owed == []


@pytest.mark.parametrize("content", [TEXT, FILE])
def test_missing_credentials_are_not_the_fault_of_the_message(content: dict[str, Any]) -> None:
    with pytest.raises(NotConnected):
        Channel(NotConnected("no token")).sender().deliver(owed(content))


class FullAccount(FakeRecords):
    """Records of an account whose next slot is at 1.8 billion seconds and a half."""

    def send(self, key: str, act: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
        raise Paced("full", 1_800_000_000_500)


def test_a_message_that_must_wait_for_its_account_is_owed_with_its_slot_and_is_no_attempt() -> None:
    made = a_visit({})
    channel = Channel()
    sender = MessageSender(made, FullAccount(made, {}), channel.transmit, lambda _: "", channel.check)
    assert sender.send("say", TEXT) == {"effect": "say", "owed": "paced"}
    assert sender.send("more", TEXT) == {"effect": "more", "owed": "behind_another"}
    assert sender.deliver(owed(doubts=1, sent=["wamid.1"])) == {"effect": "say", "owed": "paced"}
    first, _, again = sender.owed
    assert (first["due"], first["doubts"], first["sent"]) == (1_800_000_001, 0, [])
    assert (again["due"], again["doubts"], again["sent"]) == (1_800_000_001, 1, ["wamid.1"])
    assert channel.attempts == 0


@pytest.mark.parametrize(("doubts", "reason"), [(0, "channel_unavailable"), (1, "in_doubt")])
def test_a_message_that_its_account_has_no_slot_for_is_owed_and_never_lost(doubts: int, reason: str) -> None:
    made, channel = a_visit({}), Channel()
    records = FakeRecords(made, {}, [ChannelUnavailable("no slot", 150.0), ChannelUnavailable("no slot", 150.0)])
    sender = MessageSender(made, records, channel.transmit, lambda _: "", channel.check)
    assert sender.send("say", TEXT) == {"effect": "say", "owed": "channel_unavailable"}
    assert sender.deliver(owed(doubts=doubts, sent=["wamid.1"])) == {"effect": "say", "owed": reason}
    first, again = sender.owed
    assert (first["after"], first["doubts"], first["sent"]) == (150.0, 0, [])
    assert (again["after"], again["doubts"], again["sent"]) == (150.0, doubts, ["wamid.1"])
    assert channel.attempts == 0
