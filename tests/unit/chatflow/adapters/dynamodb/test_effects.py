"""Effects are performed once or reported as in doubt, on DynamoDB as moto plays it."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.adapters.dynamodb.effects import Effects
from chatflow.errors import ChannelRefused, ChannelUnavailable, InDoubt, NotPublished, Refused
from tests.fakes.visit import a_visit


@pytest.fixture
def effects(table: Any) -> Effects:
    return Effects(table("effects", "effect"), a_visit({}))


class FakeEffect:
    """An effect that counts how often it is performed."""

    def __init__(self, *answers: dict[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.times = 0

    def __call__(self, doubts: int = 0) -> dict[str, Any]:
        self.times += 1
        self.doubts = doubts
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_an_effect_happens_once_however_often_its_visit_is_repeated(effects: Effects) -> None:
    effect = FakeEffect({"messages": ["wamid.out"]})
    first = effects.send("say", effect)
    second = effects.send("say", effect)
    assert first == {"messages": ["wamid.out"]}
    assert second == {"messages": ["wamid.out"], "repeated": True}
    assert effect.times == 1


def test_two_effects_of_a_visit_are_two(effects: Effects) -> None:
    effect = FakeEffect({"a": 1}, {"b": 2})
    effects.send("ask", effect)
    effects.send("say", effect)
    assert effect.times == 2


def test_a_send_in_doubt_is_repeated_once_and_then_no_more(effects: Effects) -> None:
    effect = FakeEffect(RuntimeError("the worker died"), RuntimeError("and again"), {"never": True})
    for _ in range(2):
        with pytest.raises(RuntimeError):
            effects.send("say", effect)
    assert effects.send("say", effect) == {"in_doubt": True}
    assert effect.times == 2


def test_the_repetition_of_a_send_knows_that_it_is_one(effects: Effects) -> None:
    effect = FakeEffect(RuntimeError("the worker died"), {"owed": "in_doubt"})
    with pytest.raises(RuntimeError):
        effects.send("say", effect)
    assert effect.doubts == 0
    assert effects.send("say", effect) == {"owed": "in_doubt"}
    assert effect.doubts == 1
    assert effects.send("say", effect) == {"owed": "in_doubt", "repeated": True}


def test_a_send_that_failed_after_a_doubt_keeps_the_doubt(effects: Effects) -> None:
    effect = FakeEffect(RuntimeError("the worker died"), NotPublished("no such file"))
    with pytest.raises(RuntimeError):
        effects.send("say", effect)
    with pytest.raises(NotPublished):
        effects.send("say", effect)
    assert effects.send("say", effect) == {"in_doubt": True}


def test_a_call_in_doubt_twice_says_so_each_time(effects: Effects) -> None:
    effect = FakeEffect(InDoubt("no answer"), InDoubt("no answer"))
    for _ in range(2):
        with pytest.raises(InDoubt):
            effects.call("call", effect)


def test_what_another_event_did_in_the_same_turn_is_not_what_this_one_asks_for(table: Any) -> None:
    """The first was set aside after five failures, so its turn was never saved: the second takes the same one."""
    name = table("effects", "effect")
    first, second = (Effects(name, a_visit({}, event={"id": id, "kind": "message"})) for id in ("wamid.1", "wamid.2"))
    assert first.call("call", FakeEffect({"claim": 1})) == {"claim": 1}
    assert second.call("call", FakeEffect({"claim": 2})) == {"claim": 2}
    assert "wamid" not in second.key("call")


def test_a_call_in_doubt_is_repeated_with_the_same_key(effects: Effects) -> None:
    effect = FakeEffect(RuntimeError("the worker died"), RuntimeError("and again"), {"status": 201})
    key = effects.key("call")
    for _ in range(2):
        with pytest.raises(RuntimeError):
            effects.call("call", effect)
    assert effects.call("call", effect) == {"status": 201}
    assert effects.key("call") == key


def test_a_refusal_is_remembered_and_raised_again_without_asking_again(effects: Effects) -> None:
    effect = FakeEffect(ChannelRefused(131047, "window closed", "window_closed"))
    for _ in range(2):
        with pytest.raises(ChannelRefused) as refused:
            effects.send("say", effect)
        assert (refused.value.code, refused.value.cause) == (131047, "window_closed")
    assert effect.times == 1


@pytest.mark.parametrize("error", [ChannelUnavailable("down"), NotPublished("no such file"), Refused("S3 said no")])
def test_what_was_certainly_not_done_may_be_done_later(effects: Effects, error: Exception) -> None:
    effect = FakeEffect(error, error, error, {"messages": ["wamid.out"]})
    for _ in range(3):
        with pytest.raises(type(error)):
            effects.send("say", effect)
    assert effects.send("say", effect) == {"messages": ["wamid.out"]}
