"""The order in which a contact's data is erased from every table, bucket and queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

_ROUNDS = 10  # of one invocation; the last one finds nothing

InTime = Callable[[], bool]  # false when the time of the invocation runs out


class Eraser(Protocol):
    """Erases a conversation from one table, bucket or queue; returns how many things of each kind it deleted."""

    def erase(self, conversation: str, in_time: InTime) -> dict[str, int]: ...


class QueueEraser(Protocol):
    """Erases several conversations from queues in one pass; `more` are the keys after the first."""

    def erase(self, conversation: str, in_time: InTime, *more: str) -> dict[str, int]: ...


class ConversationEraser(Protocol):
    """Erases a key's own rows, and stores the state of the erasure. Without `place`, the item `session` stays."""

    def erase(self, conversation: str, in_time: InTime, *, place: bool = True) -> dict[str, int]: ...
    def targets(self, keys: Sequence[str]) -> dict[str, str]: ...
    def last_erasure(self, conversation: str) -> dict[str, Any] | None: ...
    def save_erasure(
        self, conversation: str, at: int, done: bool, removed: dict[str, int], keys: Sequence[str] = ()
    ) -> None: ...


@dataclass(frozen=True)
class Dependencies:
    """All erasers. The conversation's own rows go last: while they exist, they show that something is left."""

    others: Sequence[Eraser]
    conversation: ConversationEraser
    queues: QueueEraser | None = None


def erase(
    conversation: str, at: int, dependencies: Dependencies, in_time: InTime, keys: Sequence[str] = ()
) -> tuple[bool, dict[str, int]]:
    """Erase everything from before `at` (seconds since the epoch), under its key and `keys`.

    Returns whether all of it is gone, and how much of each kind was deleted; the next call adds to these counts.
    Repeats until a round finds nothing, since an index shows a row only a moment after it was written. A second call
    for the same erasure leaves alone what came since.
    """
    own = dependencies.conversation
    last = own.last_erasure(conversation)
    if last and last["done"] and last["at"] >= at:
        return True, last["removed"]
    unfinished = last if last and not last["done"] else {}
    removed: Counter[str] = Counter(unfinished.get("removed", {}))
    # An invocation that breaks off may have deleted the session, which knows the person's other keys.
    keys = [each for each in dict.fromkeys((*keys, *unfinished.get("keys", ()))) if each != conversation]
    ours, kept = _whose(conversation, keys, own.targets(keys))
    done = False
    # Saved first: from now on, older events are ignored, even if this invocation breaks off.
    for key in (conversation, *ours):
        own.save_erasure(key, at, done, dict(removed), keys)
    for _ in range(_ROUNDS):
        found: Counter[str] = Counter()
        for erase_one in _order(conversation, ours, kept, dependencies, in_time):
            if not in_time():
                break
            found.update(erase_one())
        else:
            done = not found.total()
        removed.update(found)
        if done or not in_time():
            break
    for key in (conversation, *ours):
        own.save_erasure(key, at, done, dict(removed), keys)
    return done, dict(removed)


def _whose(conversation: str, keys: Sequence[str], targets: dict[str, str]) -> tuple[list[str], list[str]]:
    """The keys that are the person's, and those whose address went to somebody else since.

    Of the latter, the place is somebody else's alias, and what lies beside it is from the time before. A key with a
    conversation of its own ("") is not touched.
    """
    person = {conversation, *keys}
    ours = [key for key in keys if targets.get(key, conversation) in person]
    return ours, [key for key in keys if key not in ours and targets[key]]


def _order(
    conversation: str, ours: Sequence[str], kept: Sequence[str], dependencies: Dependencies, in_time: InTime
) -> Iterator[Callable[[], dict[str, int]]]:
    """Every deletion of one round. The conversation's own rows go last, those of its aliases before them."""
    own = dependencies.conversation
    if dependencies.queues:
        yield partial(dependencies.queues.erase, conversation, in_time, *ours, *kept)
    for key in (*ours, *kept, conversation):
        for eraser in dependencies.others:
            yield partial(eraser.erase, key, in_time)
    for key in kept:
        yield partial(own.erase, key, in_time, place=False)
    for key in (*ours, conversation):
        yield partial(own.erase, key, in_time)
