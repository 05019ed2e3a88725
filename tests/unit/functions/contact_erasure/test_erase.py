"""The order of an erasure, and what it does when it is asked again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contact_erasure.erase import Dependencies, erase


@dataclass
class FakeEraser:
    """Gives what is there, look by look."""

    word: str
    there: list[int]
    journal: list[str] = field(default_factory=list)

    def erase(self, conversation: str, in_time: Any) -> dict[str, int]:
        self.journal.append(self.word)
        return {self.word: self.there.pop(0) if self.there else 0}


@dataclass
class FakeConversationEraser(FakeEraser):
    row: dict[str, Any] | None = None

    def erase(self, conversation: str, in_time: Any, *, place: bool = True) -> dict[str, int]:
        return super().erase(conversation, in_time)

    def targets(self, keys: Any) -> dict[str, str]:
        return {}

    def last_erasure(self, conversation: str) -> dict[str, Any] | None:
        return self.row

    def save_erasure(self, conversation: str, at: int, done: bool, removed: dict[str, int], keys: Any = ()) -> None:
        self.journal.append(f"remember {done}")
        self.row = {"at": at, "done": done, "removed": removed}


def erasers(files: list[int], turns: list[int], row: dict[str, Any] | None = None) -> tuple[Dependencies, list[str]]:
    journal: list[str] = []
    return Dependencies(
        (FakeEraser("files", files, journal),), FakeConversationEraser("turns", turns, journal, row)
    ), journal


def always() -> bool:
    return True


def test_it_looks_again_until_it_finds_nothing() -> None:
    there, journal = erasers([2, 1], [5])
    assert erase("c_ann", 100, there, always) == (True, {"files": 3, "turns": 5})
    assert journal == ["remember False", *["files", "turns"] * 3, "remember True"]


def test_what_is_older_is_ignored_from_the_first_moment_on() -> None:
    there, journal = erasers([], [])
    erase("c_ann", 100, there, always)
    assert journal[0] == "remember False"


def test_a_go_that_runs_out_of_time_is_not_done_and_the_next_counts_on() -> None:
    there, _ = erasers([1000, 7], [])
    left = iter([True, False, False])
    assert erase("c_ann", 100, there, lambda: next(left)) == (False, {"files": 1000})
    assert erase("c_ann", 100, there, always) == (True, {"files": 1007, "turns": 0})


def test_an_erasure_that_comes_twice_leaves_alone_what_came_since() -> None:
    there, journal = erasers([4], [4], {"at": 100, "done": True, "removed": {"turns": 1}})
    assert erase("c_ann", 100, there, always) == (True, {"turns": 1})
    assert journal == []


def test_a_later_erasure_begins_anew() -> None:
    there, _ = erasers([4], [], {"at": 100, "done": True, "removed": {"turns": 1}})
    assert erase("c_ann", 101, there, always) == (True, {"files": 4, "turns": 0})


@dataclass
class FakeKeys:
    """Rows, files and places of several keys; the place of a key is "" for a conversation of its own."""

    rows: dict[str, int]
    places: dict[str, str] = field(default_factory=dict)
    saved: dict[str, dict[str, Any]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def erase(self, conversation: str, in_time: Any, *, place: bool = True) -> dict[str, int]:
        self.order.append(conversation)
        if place:
            self.places.pop(conversation, None)
        return {"turns": self.rows.pop(conversation, 0)}

    def targets(self, keys: Any) -> dict[str, str]:
        return {key: self.places[key] for key in keys if key in self.places}

    def last_erasure(self, conversation: str) -> dict[str, Any] | None:
        return self.saved.get(conversation)

    def save_erasure(self, conversation: str, at: int, done: bool, removed: dict[str, int], keys: Any = ()) -> None:
        self.saved[conversation] = {"at": at, "done": done, "removed": removed, "keys": list(keys)}


def test_an_erasure_covers_every_key_of_the_person_and_its_own_rows_go_last() -> None:
    keys = FakeKeys({"c_user": 2, "c_number": 3, "c_name": 0}, {"c_number": "c_user", "c_name": "c_user"})
    assert erase("c_user", 100, Dependencies((), keys), always, ["c_number", "c_name"]) == (True, {"turns": 5})
    assert keys.order[:3] == ["c_number", "c_name", "c_user"]
    assert keys.saved.keys() == {"c_user", "c_number", "c_name"}
    assert keys.places == {}


def test_a_key_that_belongs_to_somebody_else_now_keeps_what_is_theirs() -> None:
    places = {"c_moved_on": "c_ben", "c_taken": ""}
    keys = FakeKeys({"c_user": 1, "c_moved_on": 3, "c_taken": 9}, dict(places))
    assert erase("c_user", 100, Dependencies((), keys), always, list(places)) == (True, {"turns": 4})
    assert keys.places == places
    assert keys.rows == {"c_taken": 9}
    assert keys.saved.keys() == {"c_user"}


def test_an_invocation_that_breaks_off_leaves_the_other_keys_to_the_next() -> None:
    keys = FakeKeys({"c_user": 2, "c_number": 3}, {"c_number": "c_user"})
    left = iter([False])
    assert erase("c_user", 100, Dependencies((), keys), lambda: next(left, False), ["c_number"])[0] is False
    assert erase("c_user", 100, Dependencies((), keys), always, []) == (True, {"turns": 5})
