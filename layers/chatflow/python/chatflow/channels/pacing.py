"""Pacing of one account of a channel, cell by cell. Pure; decision record 0036.

A cell is a part of an account's rate. It stores one number, `free_at`: the time of the next free slot, where slots lie
`1 / rate` seconds apart and each takes one message (the generic cell rate algorithm, GCRA). Whoever takes slots moves
`free_at` on. While it lies less than BURST_SECONDS ahead, a message is sent at once; else it gets a slot in the future,
which is the time at which it is due. So messages that wait are spread as the rate allows.

Times are in milliseconds since the epoch. The clocks of workers differ and may jump: a `free_at` that no correct clock
could have written is replaced, but only after nobody has moved it for SETTLE_SECONDS.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

BURST_SECONDS: Final = 1.0  # of the rate, that an idle cell gives at once
BLOCK_SECONDS: Final = 1.0  # in which a process spends what it took; what is left then is lost
# That a message may come after its slot; later, it needs another one. Long, because a message that takes a new slot
# goes behind newer ones: while turns lag, an account with a backlog would send nothing.
LATE_SECONDS: Final = 60.0
MAX_AHEAD_SECONDS: Final = 600.0  # no slot is given out that is further ahead
SETTLE_SECONDS: Final = 5.0
_SKEW_SECONDS: Final = 60.0  # by which correct clocks certainly do not differ
_CELL_RATE: Final = 20.0  # messages a second; with more, the transactions of a cell would meet too often
MAX_CELLS: Final = 32
_BLOCK_PART: Final = 0.25  # of a cell's burst, that one process takes at most

State = Literal["idle", "room", "full", "wrong"]


@dataclass(frozen=True)
class Pace:
    """The rate of an account, in messages a second, and its cells."""

    rate: float

    @property
    def cells(self) -> int:
        fewest = 2 if self.rate >= _CELL_RATE / 2 else 1  # whoever meets another transaction can take another cell
        return max(fewest, min(MAX_CELLS, -int(-self.rate // _CELL_RATE)))

    def cost(self, slots: int) -> int:
        """The milliseconds by which so many slots move `free_at` of a cell on."""
        return max(1, round(slots * 1000 * self.cells / self.rate))

    @property
    def burst(self) -> int:
        """How far ahead `free_at` may lie when a message is sent at once, in milliseconds; one slot at least."""
        return max(round(BURST_SECONDS * 1000), self.cost(1))

    @property
    def max_block(self) -> int:
        """The most slots that a process takes at a time."""
        return max(1, int(_BLOCK_PART * BURST_SECONDS * self.rate / self.cells))

    def state(self, free_at: int, now: int, slots: int) -> State:
        """What a cell with this `free_at` means for whoever wants so many slots now; 0 is a cell without a row.

        `room`: they can be used at once. `full`: only later. `wrong`: no correct clock wrote that.
        """
        if free_at <= now:
            return "idle"
        if free_at > now + (MAX_AHEAD_SECONDS + _SKEW_SECONDS) * 1000 + self.burst:
            return "wrong"
        return "room" if free_at <= self.latest(now, slots) else "full"

    def latest(self, now: int, slots: int) -> int:
        """The latest `free_at` from which so many slots can be taken and used at once."""
        return now + self.burst - self.cost(slots)


@dataclass(frozen=True)
class Block:
    """The slots that a process took and has not used yet. `left` is negative when it sent more than it took."""

    left: int = 0
    size: int = 0
    taken_at: int = 0

    def is_usable(self, now: int) -> bool:
        return self.left > 0 and self._is_fresh(now)

    def spend(self, slots: int = 1) -> Block:
        return replace(self, left=self.left - slots)

    def next_size(self, pace: Pace, now: int) -> int:
        """How many slots to take next: twice as many when these were used up in time, and what was sent without one."""
        owes = max(0, -self.left)
        again = self.size * 2 if self.size and self.left <= 0 and self._is_fresh(now) else 1
        return min(again + owes, pace.max_block)

    def _is_fresh(self, now: int) -> bool:
        return 0 <= now - self.taken_at < BLOCK_SECONDS * 1000


@dataclass(frozen=True)
class Doubt:
    """A `free_at` that seems wrong, and since when this process knows it."""

    free_at: int = 0
    since: int = 0

    def seen(self, free_at: int, now: int) -> Doubt:
        is_known = self.free_at == free_at and self.since <= now
        return self if is_known else Doubt(free_at, now)

    def has_settled(self, now: int) -> bool:
        """Whether nobody moved it for long enough: then no worker agrees with it."""
        return now - self.since >= SETTLE_SECONDS * 1000


def is_in_slot(due: int, now: int) -> bool:
    """Whether a message whose slot is `due` may be sent now without another one."""
    return due <= now <= due + LATE_SECONDS * 1000
