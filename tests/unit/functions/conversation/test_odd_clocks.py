"""Times that channels report are not to be relied on: they decide nothing that our own clock can decide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.turns import ENDS, NOW, FakeConversation, waits, wrote

CLOCKS = [0, 1, NOW - 600, NOW + 600, NOW * 1000, 2**40]


@pytest.mark.parametrize("at", CLOCKS)
def test_a_message_of_any_time_is_taken_and_its_wait_ends_by_our_own_clock(at: int) -> None:
    conversation = FakeConversation([waits(), ENDS])
    event = wrote()
    event["message"]["at"] = at
    assert conversation.process(event) == "waiting"
    assert conversation.scheduled[0][0] == NOW + 600
    assert conversation.sessions.session is not None
    assert conversation.sessions.session.last_message_at <= NOW


@given(times=st.lists(st.integers(0, 2**53), min_size=2, max_size=6))
def test_messages_are_taken_in_the_order_in_which_they_were_accepted_whatever_their_times(times: list[int]) -> None:
    conversation = FakeConversation([waits()] * len(times))
    for number, at in enumerate(times):
        event = wrote(f"{number}", id=f"wamid.{number}")
        event["message"]["at"] = at
        conversation.process(event)
    assert [run["event"]["message"]["text"] for run in conversation.runs] == [f"{n}" for n in range(len(times))]
