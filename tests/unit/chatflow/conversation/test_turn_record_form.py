"""A turn record is read back as it was, and its stored form repeats nothing."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatflow.conversation.turn_record_form import from_stored, to_stored

_FEW = st.sampled_from(["", "a", "b"])
_VALUES = st.dictionaries(_FEW, st.none() | st.integers() | _FEW, max_size=2)
_MESSAGES = st.fixed_dictionaries({"id": _FEW, "channel": _FEW, "account": _FEW, "kind": _FEW}, optional={"text": _FEW})
_EVENTS = st.fixed_dictionaries(
    {"id": _FEW, "kind": _FEW}, optional={"channel": _FEW, "account": _FEW, "message": _MESSAGES, "at": st.integers()}
)
_VISITS = st.fixed_dictionaries(
    {"visit": st.integers(), "flow": _FEW, "node": _FEW, "exit": _FEW, "waits": st.booleans()},
    optional={"effects": st.lists(_VALUES, max_size=1)},
)
_NOTES = st.fixed_dictionaries(
    {"session": _FEW, "turn": st.integers(), "event": _EVENTS}, optional={"stale": st.just(True)}
)
_TURNS = st.fixed_dictionaries(
    {
        "session": _FEW,
        "event": _EVENTS,
        "flow": _FEW,
        "visits": st.lists(_VISITS, max_size=3),
        "variables": _VALUES,
        "before": _VALUES,
        "state": _FEW,
        "node": _FEW,
    },
    optional={"refused": _FEW},
)


@given(_TURNS | _NOTES)
def test_a_record_is_read_back_as_it_was_also_where_an_earlier_release_stored_all_of_it(record: dict[str, Any]) -> None:
    before = json.dumps(record)
    assert from_stored(json.loads(json.dumps(to_stored(record)))) == record
    assert from_stored(record) == record
    assert json.dumps(record) == before


@given(_TURNS)
def test_a_stored_record_repeats_nothing_and_has_nothing_empty(record: dict[str, Any]) -> None:
    stored = to_stored(record)
    event = stored["event"]
    assert not {"id", "channel", "account"} & {
        name for name, value in event.get("message", {}).items() if event.get(name) == value
    }
    assert all(stored.get(name, True) for name in ("visits", "variables", "before"))
    for visit in stored.get("visits", ()):
        assert visit.get("flow") != record["flow"]
        assert visit.get("exit") != ""
        assert visit.get("waits") is not False


def test_what_the_row_and_an_erasure_need_is_in_every_stored_record() -> None:
    note = {"session": "", "turn": 0, "at": 1, "event": {"id": "e", "kind": "timeout", "deadline": 5}}
    assert to_stored(note) == note
    turn = {
        **note,
        "deadline": 7,
        "flow": "",
        "version": 0,
        "visits": [],
        "variables": {},
        "before": {},
        "state": "ended",
    }
    assert to_stored(turn) == {**note, "deadline": 7, "flow": "", "version": 0, "state": "ended"}
