"""Copies of the live routes and flows in the memory of this process, so that no turn reads keys that all turns share.

A copy is renewed when it is FRESH_SECONDS old, by an eventually consistent read, which is rarely more than a second
behind: every process sees a publish within 5 seconds. A copy is only ever replaced by a later version, unless a
consistent read says otherwise. What a conversation has seen is asked for by its version (`at_least`); a copy that is
older is renewed at once, consistently. So no conversation goes back, whichever process takes its next turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

FRESH_SECONDS: Final = 4
_MOST = 1000  # copies


@dataclass(frozen=True)
class LiveCopy:
    """The live version of something: its number, 0 where none was stored, and its content."""

    version: int
    content: dict[str, Any]


class LiveCopies:
    """The copies of one process, by name. `clock` is in seconds, and goes on while the process is suspended."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self._copies: dict[str, tuple[LiveCopy, float]] = {}

    def fresh(self, name: str) -> LiveCopy | None:
        """The copy, unless it must be renewed."""
        copy, read_at = self._copies.get(name, (None, 0.0))
        return copy if 0 <= self.clock() - read_at < FRESH_SECONDS else None

    def newest(self, name: str) -> LiveCopy | None:
        """The copy, however old it is."""
        return self._copies.get(name, (None, 0.0))[0]

    def forget(self) -> None:
        """Read everything anew, consistently: what is live may have been repaired just now."""
        self._copies.clear()

    def __contains__(self, name: str) -> bool:
        return name in self._copies

    def renew(self, name: str, read: Callable[[bool], LiveCopy | None], at_least: int = 0) -> LiveCopy | None:
        """Read something anew; None when nothing is live. `read` is told whether the read must be consistent."""
        before, read_at = self._copies.get(name, (None, 0.0)), self.clock()
        if before[0] is not None and before[0].version >= at_least:
            copy = read(False)
            if copy is not None and copy.version >= before[0].version:
                return self.keep(name, copy, read_at)
            if copy is not None:  # the replica is behind what was read before: it is asked again by the next turn
                return before[0]
        # What is not live for a replica may have gone live just now.
        copy = read(True)
        if copy is None:
            self._copies.pop(name, None)
            return None
        return self.keep(name, copy, read_at)

    def keep(self, name: str, copy: LiveCopy, read_at: float) -> LiveCopy:
        """Take a copy that was read at this time."""
        self._copies.pop(name, None)
        self._copies[name] = copy, read_at
        if len(self._copies) > _MOST:
            del self._copies[next(iter(self._copies))]
        return copy
