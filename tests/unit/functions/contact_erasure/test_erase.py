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
