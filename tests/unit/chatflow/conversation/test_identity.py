"""Who may take over what: aliases, changes of addresses, and the golden session of before."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.adapters.dynamodb.places import other_place, own_place
from chatflow.conversation.identity import (
    NOT_THE_SAME_PERSON,
    Known,
    Place,
    expiring,
    keys_to_erase,
    linked,
    merged,
    refusal,
)
from chatflow.conversation.session import Pause, Session

NOW = 1_760_000_000
ANN, BEN, NEW, NUMBER = "c_ann", "c_ben", "c_new", "c_number"

# A session as it was stored before a person had several addresses.
GOLDEN: dict[str, Any] = {
    "conversation": NUMBER,
    "channel": "whatsapp",
    "account": "106",
    "contact": "16505550100",
    "name": "Ann",
    "turn": 3,
    "session": "s_1",
    "state": "waiting",
    "flow": "claims",
    "version": 2,
    "slice": "ask",
    "at": "ask",
    "waiting": {"expects": ["text"], "memo": {"attempt": 1}, "deadline": NOW + 600, "own": False},
    "variables": {"plate": "B 1"},
    "visits": 2,
    "timeout": 600,
    "on_timeout": "",
    "retention_days": 30,
    "started_at": NOW,
    "heard_at": NOW,
    "pending": [],
    "held": [],
    "sensitive": [],
}


def session(key: str, **more: Any) -> Session:
    return Session(key, "whatsapp", "106", "1650", **{"turn": 1, "session": "s_1", "since": NOW - 100, **more})


def place(key: str, **more: Any) -> Place:
    return Place(1, session(key, **more))


def alias(of: str, **more: Any) -> Place:
    return Place(0, moved_to=of, **{"claimed_at": NOW - 50, "expires_at": NOW + 10**8, **more})


def change(to: str = NEW, *, old: tuple[str, ...] = (), at: int = NOW) -> dict[str, Any]:
    return {"kind": "move", "id": "wamid.1", "conversation": ANN, "to": to, "old": list(old), "at": at, "change": True}


def message(*aliases: str, at: int = NOW) -> dict[str, Any]:
    return {"kind": "message", "id": "wamid.1", "conversation": ANN, "aliases": list(aliases), "message": {"at": at}}


def test_a_session_of_before_is_read_and_written_as_it_was() -> None:
    read = Session.from_json(GOLDEN)
    assert (read.since, read.formerly, read.aliases) == (0, (), {})
    written = read.to_json()
    assert all(GOLDEN[name] == value for name, value in written.items() if not isinstance(value, list | dict))
    assert Session.from_json(written) == read


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Place], str]] = {
    "a new id that nobody has": (change(), {}, ""),
    "an id that another customer has": (change(BEN), {BEN: place(BEN)}, NOT_THE_SAME_PERSON),
    "an id of another customer by an alias": (change(NUMBER), {NUMBER: alias(BEN)}, NOT_THE_SAME_PERSON),
    "another customer's number as the old one": (
        change(old=(NUMBER,)), {NUMBER: alias(BEN)}, NOT_THE_SAME_PERSON,
    ),
    "another customer's session as the old one": (
        change(old=(NUMBER,)), {NUMBER: place(NUMBER)}, NOT_THE_SAME_PERSON,
    ),
    "their own number as the old one": (change(old=(NUMBER,)), {NUMBER: alias(ANN)}, ""),
    "an old number that was never seen": (change(old=(NUMBER,)), {}, ""),
    "a message that overtook the change": (change(), {NEW: place(NEW, since=NOW + 1)}, ""),
    "a conversation from before the change": (change(), {NEW: place(NEW, since=NOW - 1)}, NOT_THE_SAME_PERSON),
    "a conversation of unknown age": (change(), {NEW: place(NEW, since=0)}, NOT_THE_SAME_PERSON),
    "back to an id that they had": (change(), {NEW: alias(ANN)}, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_of_addresses_names(case: str) -> None:
    event, others, expected = CHANGES[case]
    assert refusal(event, Known(ANN, place(ANN), others)) == expected


def test_of_two_aliases_for_one_number_the_newest_holds_and_remembers_the_other() -> None:
    known = Known(ANN, place(ANN), {NUMBER: alias(BEN)})
    saved, links = linked(message(NUMBER), known, session(ANN), NOW)
    (taken,) = links.aliases
    assert (taken.place.moved_to, taken.place.earlier) == (ANN, (BEN,))
    assert NUMBER in saved.aliases


def test_an_older_message_does_not_take_a_number_back() -> None:
    known = Known(ANN, place(ANN), {NUMBER: alias(BEN)})
    saved, links = linked(message(NUMBER, at=NOW - 51), known, session(ANN), NOW)
    assert links.aliases == ()
    assert saved.aliases == {}


def test_a_session_on_its_way_to_somebody_else_is_left_where_it_is() -> None:
    moving = alias(BEN, session=session(NUMBER))
    assert linked(message(NUMBER), Known(ANN, place(ANN), {NUMBER: moving}), session(ANN), NOW)[1].aliases == ()


def test_a_known_alias_is_not_written_again() -> None:
    known = Known(ANN, place(ANN), {NUMBER: alias(ANN)})
    saved, links = linked(message(NUMBER), known, session(ANN), NOW)
    assert links.aliases == ()
    assert saved.aliases == {NUMBER: NOW + 10**8}
    assert expiring(saved, message(), NOW) == []


def test_an_alias_outlives_what_is_stored_under_it() -> None:
    saved, links = linked(message(NUMBER), Known(ANN), session(ANN, retention_days=365), NOW)
    assert links.aliases[0].place.expires_at == saved.aliases[NUMBER] == NOW + 2 * 365 * 86_400
    later = NOW + 366 * 86_400
    assert expiring(saved, message(), later) == [NUMBER]
    _, again = linked(message(NUMBER), Known(ANN, place(ANN), {NUMBER: links.aliases[0].place}), saved, later)
    assert again.aliases[0].place.expires_at == later + 2 * 365 * 86_400


def test_of_two_sessions_that_become_one_nothing_that_was_accepted_is_lost() -> None:
    early, pending, kept = ({"kind": "message", "id": each} for each in ("early", "pending", "kept"))
    pause = Pause(NOW, NOW + 60, "waiting", pending=(pending,), kept=(kept,))
    stays = session(ANN, state="paused", paused=Pause(NOW, NOW + 60, "waiting"))
    both = merged(stays, session(NUMBER, state="paused", paused=pause, early=(early,)), ANN, NUMBER)
    assert both.paused is not None
    assert {each["id"] for each in (*both.paused.pending, *both.paused.kept, *both.early)} == {
        "early",
        "pending",
        "kept",
    }

    running = session(ANN, state="waiting")
    assert merged(running, session(NUMBER, state="waiting", early=(early,)), ANN, NUMBER).pending == (early,)
    assert merged(session(ANN), session(NUMBER, early=(early,)), ANN, NUMBER).early == (early,)


def test_a_message_dated_in_the_future_claims_an_address_no_longer_than_one_of_now() -> None:
    _, links = linked(message(NUMBER, at=NOW * 1000), Known(ANN, place(ANN)), session(ANN), NOW)
    (claimed,) = links.aliases
    assert claimed.place.claimed_at == NOW


def test_an_erasure_reaches_the_keys_that_an_unreadable_session_names() -> None:
    row = {
        "conversation": {"S": ANN},
        "item": {"S": "session"},
        "turn": {"N": "3"},
        "document": {"S": '{"turn": "three", "formerly": ["c_old"], "aliases": {"c_number": 1}}'},
    }
    found, unreadable = own_place(row)
    assert unreadable is not None
    erase = {"kind": "erase", "conversation": ANN, "at": NOW}
    assert set(keys_to_erase(erase, Known(ANN, found))) == {"c_number", "c_old"}


def test_an_alias_that_cannot_be_read_still_says_where_its_session_moved_to() -> None:
    row = {"conversation": {"S": NUMBER}, "item": {"S": "session"}, "turn": {"N": "3"}, "moved_to": {"S": ANN}}
    assert other_place({**row, "document": {"S": "broken"}}).moved_to == ANN
