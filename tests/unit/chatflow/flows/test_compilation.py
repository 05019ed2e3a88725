"""Slices: whatever way a conversation takes, its slice holds the very node that the whole flow holds."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatflow.flows.compilation import compact, cut, size

NAMES = [f"n{number}" for number in range(12)]
targets = st.one_of(st.sampled_from([*NAMES, "end"]), st.just({"flow": "other"}))
nodes = st.fixed_dictionaries(
    {"waits": st.booleans(), "exits": st.dictionaries(st.sampled_from(["a", "b", "c"]), targets, min_size=1)}
)
flows = st.fixed_dictionaries(dict.fromkeys(NAMES, nodes))
walks = st.lists(st.integers(0, 2), max_size=60)


@given(flow=flows, on_timeout=st.none() | st.sampled_from(NAMES), walk=walks, times_out=st.booleans())
def test_walking_the_slices_is_walking_the_flow(
    flow: dict[str, Any], on_timeout: str | None, walk: list[int], times_out: bool
) -> None:
    slices = cut(flow, "n0", on_timeout)
    here = on_timeout if times_out and on_timeout else "n0"
    present = slices[here]
    for choice in walk:
        assert present["nodes"][here] == flow[here]
        exits = flow[here]["exits"]
        target = exits[sorted(exits)[choice % len(exits)]]
        if flow[here]["waits"]:
            present = slices[here]  # the turn ended here, and the next one begins with this node's own slice
        if target == "end" or isinstance(target, dict):
            return
        here = target


@given(flow=flows, on_timeout=st.none() | st.sampled_from(NAMES))
def test_a_slice_holds_nothing_beyond_the_next_waits(flow: dict[str, Any], on_timeout: str | None) -> None:
    for first, part in cut(flow, "n0", on_timeout).items():
        for name in part["nodes"]:
            assert name in _before_the_next_wait(flow, first)


def test_a_slice_begins_at_the_start_at_every_wait_and_at_the_timeout() -> None:
    flow = {
        "hello": {"waits": False, "exits": {"sent": "ask"}},
        "ask": {"waits": True, "exits": {"received": "end"}},
        "bye": {"waits": False, "exits": {"sent": "end"}},
    }
    assert list(cut(flow, "hello", "bye")) == ["hello", "bye", "ask"]


def test_size_counts_bytes_not_letters() -> None:
    assert size({"a": "é"}) == len(b'{"a":"\xc3\xa9"}')


def test_the_same_content_has_one_compact_form() -> None:
    assert compact({"b": 1, "a": [1, 2]}) == compact({"a": [1, 2], "b": 1}) == '{"a":[1,2],"b":1}'


def _before_the_next_wait(flow: dict[str, Any], first: str) -> set[str]:
    """Written the other way round than the code: every path from the node, each cut at its first wait."""
    found: set[str] = set()
    paths = [[first]]
    while paths:
        path = paths.pop()
        found.add(path[-1])
        if len(path) > 1 and flow[path[-1]]["waits"]:
            continue
        ahead = [each for each in flow[path[-1]]["exits"].values() if isinstance(each, str) and each in flow]
        paths += [[*path, each] for each in ahead if each not in found]
    return found
