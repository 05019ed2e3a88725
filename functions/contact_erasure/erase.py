"""The order in which a contact's data is erased from every table, bucket and queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

_ROUNDS = 10  # of one invocation; the last one finds nothing

InTime = Callable[[], bool]  # false when the time of the invocation runs out


class Eraser(Protocol):
    """Erases a conversation from one table, bucket or queue; returns how many things of each kind it deleted."""

    def erase(self, conversation: str, in_time: InTime) -> dict[str, int]: ...


class ConversationEraser(Eraser, Protocol):
    """Erases the conversation's own rows, and stores the state of the erasure."""

    def last_erasure(self, conversation: str) -> dict[str, Any] | None: ...
    def save_erasure(self, conversation: str, at: int, done: bool, removed: dict[str, int]) -> None: ...


@dataclass(frozen=True)
class Dependencies:
    """All erasers. The conversation's own rows go last: while they exist, they show that something is left."""

    others: Sequence[Eraser]
    conversation: ConversationEraser


def erase(conversation: str, at: int, dependencies: Dependencies, in_time: InTime) -> tuple[bool, dict[str, int]]:
    """Erase everything from before `at` (seconds since the epoch).

    Returns whether all of it is gone, and how much of each kind was deleted; the next call adds to these counts.
    Repeats until a round finds nothing, since an index shows a row only a moment after it was written. A second call
    for the same erasure leaves alone what came since.
    """
    own = dependencies.conversation
    last = own.last_erasure(conversation)
    if last and last["done"] and last["at"] >= at:
        return True, last["removed"]
    removed: Counter[str] = Counter(last["removed"] if last and not last["done"] else {})
    done = False
    # Saved first: from now on, older events are ignored, even if this invocation breaks off.
    own.save_erasure(conversation, at, done, dict(removed))
    for _ in range(_ROUNDS):
        found: Counter[str] = Counter()
        for eraser in (*dependencies.others, own):
            if not in_time():
                break
            found.update(eraser.erase(conversation, in_time))
        else:
            done = not found.total()
        removed.update(found)
        if done or not in_time():
            break
    own.save_erasure(conversation, at, done, dict(removed))
    return done, dict(removed)
