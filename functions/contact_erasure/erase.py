"""Where something about a contact stands, and the order in which it is erased."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

_LOOKS = 10  # rounds of one go; the last one finds nothing

InTime = Callable[[], bool]


class Place(Protocol):
    def erase(self, conversation: str, in_time: InTime) -> dict[str, int]: ...


class OwnPlace(Place, Protocol):
    """Where the conversation itself stands, and what is remembered of an erasure."""

    def remembered(self, conversation: str) -> dict[str, Any] | None: ...
    def remember(self, conversation: str, at: int, done: bool, removed: dict[str, int]) -> None: ...


@dataclass(frozen=True)
class Places:
    """The conversation's own rows go last: what is there tells that there is something."""

    elsewhere: Sequence[Place]
    own: OwnPlace


def erase(conversation: str, at: int, places: Places, in_time: InTime) -> tuple[bool, dict[str, int]]:
    """Whether all of before `at` is gone, and how much of each was removed; a later go counts on from there.

    Looks again until it finds nothing: an index tells of a row a moment after it was written. Asked twice for the same
    erasure, it leaves alone what came since.
    """
    before = places.own.remembered(conversation)
    if before and before["done"] and before["at"] >= at:
        return True, before["removed"]
    removed: Counter[str] = Counter(before["removed"] if before and not before["done"] else {})
    done = False
    # From its first moment on, what is older is ignored, even if this should break off.
    places.own.remember(conversation, at, done, dict(removed))
    for _ in range(_LOOKS):
        found: Counter[str] = Counter()
        for place in (*places.elsewhere, places.own):
            if not in_time():
                break
            found.update(place.erase(conversation, in_time))
        else:
            done = not found.total()
        removed.update(found)
        if done or not in_time():
            break
    places.own.remember(conversation, at, done, dict(removed))
    return done, dict(removed)
