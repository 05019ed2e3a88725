"""Where sessions stand in the index."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.conversation.events import conversation_key
from chatflow.conversation.listing import (
    SHARDS,
    STAYS_SECONDS,
    IndexKeys,
    index_keys,
    partitions,
    place,
    shard,
    time_of,
)

NOW = 1_760_000_000
STATES = ("waiting", "continuing", "paused", "ended", "unreadable")


def test_the_conversations_of_a_deployment_are_spread_evenly() -> None:
    counts = Counter(shard(conversation_key("secret", "whatsapp", "106", str(number))) for number in range(8000))
    assert set(counts) == set(SHARDS)
    assert max(counts.values()) < 1.2 * 8000 / len(SHARDS)


@given(st.text(), st.sampled_from(STATES))
def test_each_conversation_stands_in_a_partition_that_lists_of_its_state_read(conversation: str, state: str) -> None:
    assert index_keys(conversation, state, NOW).partition in partitions(state)
    assert not [each for other in STATES if other != state for each in partitions(other) if each in partitions(state)]


@given(st.lists(st.tuples(st.sampled_from(STATES), st.integers(-5, 7200)), min_size=1, max_size=20))
def test_a_place_never_moves_back_stays_while_nothing_changes_and_is_less_than_an_hour_old(
    saves: list[tuple[str, int]],
) -> None:
    """Clocks of workers differ: the time of a save may be some seconds before that of the last one."""
    now, keys = NOW, None
    for state, seconds in saves:
        now += seconds
        before, keys = keys, index_keys("c_ann", state, now, keys)
        assert time_of(keys.place) > now - STAYS_SECONDS
        if before:
            assert keys.place >= before.place
            same = before.partition == keys.partition and now - time_of(before.place) < STAYS_SECONDS
            assert (keys == before) or not same


@pytest.mark.parametrize("damaged", ["", "x", "9999999999#c_ann", "²²²²²²²²²²#c_ann", "-000000001#c_ann"])
def test_a_damaged_place_is_replaced(damaged: str) -> None:
    keys = index_keys("c_ann", "waiting", NOW, IndexKeys(f"waiting#{shard('c_ann')}", damaged))
    assert keys.place == place(NOW, "c_ann")


def test_a_session_of_an_earlier_version_moves_into_its_shard() -> None:
    keys = index_keys("c_ann", "waiting", NOW + 5, IndexKeys("waiting", place(NOW, "c_ann")))
    assert keys == IndexKeys(f"waiting#{shard('c_ann')}", place(NOW + 5, "c_ann"))
