"""Sessions, effects, deliveries and published flows, on DynamoDB as moto plays it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatflow.adapters.dynamodb import deliveries
from chatflow.adapters.dynamodb.effects import IN_DOUBT, Effects
from chatflow.adapters.dynamodb.flows import PublishedFlows, _slice
from chatflow.adapters.dynamodb.sessions import Sessions
from chatflow.conversation.session import Session, Waiting
from chatflow.errors import ChannelRefused, ChannelUnavailable, InDoubt, NotPublished, Refused, TurnFailed
from chatflow.messages import Delivery
from tests.fakes.visit import a_visit

RECORD: dict[str, Any] = {"session": "s_1", "turn": 1, "event": {"kind": "message"}}
NOW = 1_760_000_000


@pytest.fixture
def sessions(table: Any) -> Sessions:
    return Sessions(table("sessions", "conversation", "item"), table("flows", "name", "item"))


def a_session(turn: int = 1) -> Session:
    waiting = Waiting(("media",), {"attempt": 2}, NOW + 600, own=False)
    return Session(
        conversation="c_ann",
        channel="whatsapp",
        account="106",
        contact="1650",
        turn=turn,
        session="s_1",
        state="waiting",
        waiting=waiting,
        variables={"one": ["only"], "claim": {"amount": 12.5}},
        pending=({"id": "wamid.2"},),
    )


def test_a_session_comes_back_as_it_was_saved(sessions: Sessions) -> None:
    sessions.save(a_session(), "wamid.1", RECORD, NOW)
    assert sessions.load("c_ann", "wamid.9").session == a_session()


def test_an_unknown_conversation_has_no_session_and_no_routes(sessions: Sessions) -> None:
    loaded = sessions.load("c_new", "wamid.1")
    assert (loaded.session, loaded.routes, loaded.repeated) == (None, {}, False)


def test_the_routes_come_with_the_session(sessions: Sessions, aws_account: Any) -> None:
    document = {"S": json.dumps({"no_match": "Say claim."})}
    item = {"name": {"S": "routes"}, "item": {"S": "live"}, "document": document}
    aws_account("dynamodb").put_item(TableName="flows", Item=item)
    assert sessions.load("c_ann", "wamid.1").routes == {"no_match": "Say claim."}


def test_an_event_that_had_its_turn_is_known_again(sessions: Sessions) -> None:
    sessions.save(a_session(), "wamid.1", RECORD, NOW)
    assert sessions.load("c_ann", "wamid.1").repeated
    assert not sessions.load("c_ann", "wamid.2").repeated


def test_a_turn_that_another_overtook_is_not_saved_and_leaves_no_record(sessions: Sessions) -> None:
    sessions.save(a_session(1), "wamid.1", RECORD, NOW)
    with pytest.raises(TurnFailed):
        sessions.save(a_session(1), "wamid.2", RECORD, NOW)
    with pytest.raises(TurnFailed):
        sessions.save(a_session(3), "wamid.3", RECORD, NOW)
    assert not sessions.load("c_ann", "wamid.2").repeated
    assert not sessions.load("c_ann", "wamid.3").repeated
    sessions.save(a_session(2), "wamid.2", RECORD, NOW)


def test_the_same_event_cannot_be_saved_by_two_turns(sessions: Sessions) -> None:
    sessions.save(a_session(1), "wamid.1", RECORD, NOW)
    with pytest.raises(TurnFailed):
        sessions.save(a_session(2), "wamid.1", RECORD, NOW)


def test_what_makes_a_redelivery_harmless_is_kept_for_at_least_eight_days(sessions: Sessions, aws_account: Any) -> None:
    short = Session(**{**a_session().__dict__, "retention_days": 1})
    sessions.save(short, "wamid.1", RECORD, NOW)
    items = aws_account("dynamodb").scan(TableName="sessions")["Items"]
    assert {int(item["expires_at"]["N"]) for item in items} == {NOW + 8 * 86_400}


def test_a_note_moves_no_session_and_may_come_twice(sessions: Sessions) -> None:
    sessions.save(a_session(), "wamid.1", RECORD, NOW)
    sessions.note("c_ann", "status#1", RECORD, NOW)
    sessions.note("c_ann", "status#1", RECORD, NOW)
    loaded = sessions.load("c_ann", "status#1")
    assert loaded.repeated
    assert loaded.session == a_session()


@pytest.fixture
def effects(table: Any) -> Effects:
    return Effects(table("effects", "effect"), a_visit({}))


class Deed:
    """Something done to the world, counted."""

    def __init__(self, *answers: dict[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.times = 0

    def __call__(self) -> dict[str, Any]:
        self.times += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_an_effect_happens_once_however_often_its_visit_is_repeated(effects: Effects) -> None:
    deed = Deed({"messages": ["wamid.out"]})
    first = effects.once("say", deed, "once")
    second = effects.once("say", deed, "once")
    assert first == {"messages": ["wamid.out"]}
    assert second == {"messages": ["wamid.out"], "repeated": True}
    assert deed.times == 1


def test_two_effects_of_a_visit_are_two(effects: Effects) -> None:
    deed = Deed({"a": 1}, {"b": 2})
    effects.once("ask", deed, "once")
    effects.once("say", deed, "once")
    assert deed.times == 2


def test_a_send_in_doubt_is_repeated_once_and_then_no_more(effects: Effects) -> None:
    deed = Deed(RuntimeError("the worker died"), RuntimeError("and again"), {"never": True})
    for _ in range(2):
        with pytest.raises(RuntimeError):
            effects.once("say", deed, "once")
    assert effects.once("say", deed, "once") == IN_DOUBT
    assert deed.times == 2


def test_a_send_that_is_in_doubt_twice_does_not_fail_its_turn_again(effects: Effects) -> None:
    deed = Deed(InDoubt("no answer"), InDoubt("no answer"), {"never": True})
    with pytest.raises(InDoubt):
        effects.once("say", deed, "once")
    assert effects.once("say", deed, "once") == IN_DOUBT
    assert effects.once("say", deed, "once") == IN_DOUBT
    assert deed.times == 2


def test_a_call_in_doubt_twice_says_so_each_time(effects: Effects) -> None:
    deed = Deed(InDoubt("no answer"), InDoubt("no answer"))
    for _ in range(2):
        with pytest.raises(InDoubt):
            effects.once("call", deed, "always")


def test_what_another_event_did_in_the_same_turn_is_not_what_this_one_asks_for(table: Any) -> None:
    """The first was set aside after five failures, so its turn was never saved: the second takes the same one."""
    name = table("effects", "effect")
    first, second = (Effects(name, a_visit({}, event={"id": id, "kind": "message"})) for id in ("wamid.1", "wamid.2"))
    assert first.once("call", Deed({"claim": 1}), "always") == {"claim": 1}
    assert second.once("call", Deed({"claim": 2}), "always") == {"claim": 2}
    assert "wamid" not in second.key("call")


def test_a_call_in_doubt_is_repeated_with_the_same_key(effects: Effects) -> None:
    deed = Deed(RuntimeError("the worker died"), RuntimeError("and again"), {"status": 201})
    key = effects.key("call")
    for _ in range(2):
        with pytest.raises(RuntimeError):
            effects.once("call", deed, "always")
    assert effects.once("call", deed, "always") == {"status": 201}
    assert effects.key("call") == key


def test_a_refusal_is_remembered_and_raised_again_without_asking_again(effects: Effects) -> None:
    deed = Deed(ChannelRefused(131047, "window closed"))
    for _ in range(2):
        with pytest.raises(ChannelRefused) as refused:
            effects.once("say", deed, "once")
        assert refused.value.code == 131047
    assert deed.times == 1


@pytest.mark.parametrize("error", [ChannelUnavailable("down"), NotPublished("no such file"), Refused("S3 said no")])
def test_what_was_certainly_not_done_may_be_done_later(effects: Effects, error: Exception) -> None:
    deed = Deed(error, error, error, {"messages": ["wamid.out"]})
    for _ in range(3):
        with pytest.raises(type(error)):
            effects.once("say", deed, "once")
    assert effects.once("say", deed, "once") == {"messages": ["wamid.out"]}


@pytest.mark.parametrize(
    ("reported", "kept"),
    [
        (["sent", "delivered", "read"], "read"),
        (["read", "delivered", "sent"], "read"),
        (["delivered", "delivered"], "delivered"),
        (["sent", "failed"], "failed"),
    ],
)
def test_a_delivery_status_never_moves_backwards(table: Any, aws_account: Any, reported: list[Any], kept: str) -> None:
    name = table("deliveries", "message")
    for status in reported:
        deliveries.record(name, Delivery("wamid.out", "whatsapp", "106", "1650", status, NOW), "c_ann")
    (item,) = aws_account("dynamodb").scan(TableName=name)["Items"]
    assert item["status"]["S"] == kept
    assert "1650" not in str(item)


def test_a_flow_that_is_not_published_says_what_to_do(table: Any) -> None:
    flows = PublishedFlows(table("flows", "name", "item"))
    with pytest.raises(NotPublished, match="claims is not published; publish it"):
        flows.live("claims")


def test_a_slice_is_read_once(table: Any, aws_account: Any) -> None:
    _slice.cache_clear()
    flows = PublishedFlows(table("flows", "name", "item"))
    item = {"name": {"S": "claims"}, "item": {"S": "v000002#ask"}, "slice": {"S": '{"nodes": {}}'}}
    aws_account("dynamodb").put_item(TableName="flows", Item=item)
    assert flows.slice("claims", 2, "ask") == {"nodes": {}}
    aws_account("dynamodb").delete_table(TableName="flows")
    assert flows.slice("claims", 2, "ask") == {"nodes": {}}


def test_why_an_event_failed_for_good_is_kept_beside_its_session_and_its_last_reason_counts(
    sessions: Sessions, aws_account: Any
) -> None:
    letter = {"kind": "message", "session": "s_1", "turn": 3, "flow": "claims", "node": "ask", "at": NOW}
    for reason in ("first", "second"):
        sessions.set_aside("c_ann", "wamid.1", {**letter, "reason": reason}, NOW + 86_400)

    (item,) = aws_account("dynamodb").scan(TableName="sessions")["Items"]
    assert (item["item"]["S"], item["state"]["S"], item["reason"]["S"]) == ("letter#wamid.1", "dead", "second")
    assert item["listed_at"]["S"] == f"{NOW}#c_ann"
    assert not sessions.load("c_ann", "wamid.1").repeated
