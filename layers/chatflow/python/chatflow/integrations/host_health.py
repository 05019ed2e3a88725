"""Slots and circuit breaker of a host, cell by cell. Pure; decision record 0034.

A cell is a part of what may be at one host at the same time: its slots, and a breaker of its own. It is closed, or open
until a time. When that time has passed, it is half-open: one call, the probe, is let through by moving the time on.

Times are in whole seconds since the epoch. The clocks of workers differ and may jump, so no time that a correct clock
could not have written is believed.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Final, Literal
from urllib.parse import urlsplit

from chatflow.errors import ChatflowError, InDoubt, MediaRejected, OwnTrouble, Throttled, TooLarge, Unavailable

CELL_SLOTS: Final = 4  # more would let the transactions of a cell meet too often
MAX_LEASE_SECONDS: Final = 75  # the slowest visit, and a little; no lease lasts longer
WINDOW_SECONDS: Final = 120  # in which outcomes are counted: twice the longest call, since calls may hang in step
MIN_FAILURES: Final = 2  # one failure is no trouble of the host
FAILURE_RATE, SLOW_RATE = 0.5, 0.9  # of the outcomes: failures; failures and slow calls together
SLOW_PART: Final = 0.75  # of its timeout: a call that took longer was slow
ANSWERS_TO_CLOSE: Final = 3  # probes in a row: an API that refuses works, but so may a page that says it does not
_FIRST_OPEN_SECONDS, MAX_OPEN_SECONDS = 2, 5  # a probe follows; the longer, the later a recovery is seen

# answered: the API said no, or something that is no success. That opens no breaker; some in a row close one.
# unknown: nothing came from the API, for a reason that is not its own.
Health = Literal["success", "slow", "answered", "failure", "unknown"]


@dataclass(frozen=True)
class Cell:
    """One cell as it is stored. `open_until`: 0 while it is closed. `trips`: how often it opened in a row.

    `since`: when the counting of its outcomes began, 0 for not yet; `good`, `slow` and `bad` are their numbers.
    `answered`: how many probes in a row were answered without success.
    """

    leases: frozenset[str] = frozenset()
    open_until: int = 0
    trips: int = 0
    since: int = 0
    good: int = 0
    slow: int = 0
    bad: int = 0
    answered: int = 0


@dataclass(frozen=True)
class Admission:
    """What a call finds at a cell. `expired`: leases to remove from it. `until`, `answered`: the cell's own.

    `free`: it may take a slot. `probe`: likewise, if it is the first to move `open_until` on. Not now: `full`, `open`,
    or `probed`, since a probe is under way.
    """

    kind: Literal["free", "probe", "full", "open", "probed"]
    expired: frozenset[str] = frozenset()
    until: int = 0
    answered: int = 0


def host_of(url: str) -> str:
    """The host and port that a URL leads to: calls to it share slots and breaker."""
    parts = urlsplit(url)
    port = parts.port or (80 if parts.scheme == "http" else 443)
    return f"{parts.hostname or ''}:{port}"


def capacities(calls: int) -> list[int]:
    """The slots of each cell of a host at which so many calls may be at the same time."""
    cells = -(-calls // CELL_SLOTS)
    return [calls // cells + (1 if number < calls % cells else 0) for number in range(cells)]


def lease(id: str, expires: int) -> str:
    """A lease as a cell stores it."""
    return f"{expires}:{id}"


def admission(cell: Cell, capacity: int, now: int) -> Admission:
    """Whether a call may begin at this cell now."""
    expired = frozenset(each for each in cell.leases if not now < _expiry(each) <= now + MAX_LEASE_SECONDS)
    if cell.open_until and now < cell.open_until <= now + MAX_LEASE_SECONDS:
        # No breaker opens for as long as a probe may take. One whose end is near counts as an opening, which ends then.
        return Admission("open" if cell.open_until <= now + MAX_OPEN_SECONDS else "probed", expired, cell.open_until)
    if len(cell.leases - expired) >= capacity:
        return Admission("full", expired)
    return Admission("probe" if cell.open_until else "free", expired, cell.open_until, cell.answered)


def after_trouble(cell: Cell, health: Health, capacity: int, now: int, *, probe: bool, chance: float) -> Cell | None:
    """The cell after a failure or a slow call, which it counts already; None when nothing else changes.

    `chance` is a number from 0 to 1: cells that open together must not be probed together.
    """
    if probe and health == "failure":
        return _opened(cell, now, chance)
    if cell.open_until or probe:  # a call that began before the cell opened; or a slow probe, which closed it
        return None
    begins = not cell.since <= now < cell.since + WINDOW_SECONDS
    if begins and cell.since:
        cell = replace(cell, slow=int(health == "slow"), bad=int(health == "failure"))
    if begins:  # with the trouble that came at the same time; what went well before says nothing
        cell = replace(cell, since=now, good=0)
    return _opened(cell, now, chance) if _opens(cell, capacity) else cell if begins else None


def probe_closes(answered: int, health: Health) -> bool:
    """Whether a probe of this health closes its cell; so many probes before it were `answered`."""
    return health in ("success", "slow") or (health == "answered" and answered + 1 >= ANSWERS_TO_CLOSE)


def call_health(
    status: int, exit: str, milliseconds: int, seconds: float, success: Container[int] = range(200, 300)
) -> Health:
    """The health of a host that answered with this status, which the integration maps to this exit.

    A flow may have an exit for a status, as for 503: only `success`, the integration's own list, makes that a success.
    `milliseconds` is how long the answer took, `seconds` the longest that it may take.
    """
    if status not in success:
        return "failure" if is_trouble(status) else "answered"
    if exit == "failure":
        return "answered"
    return "slow" if milliseconds > SLOW_PART * seconds * 1000 else "success"


def health_without_answer(error: ChatflowError) -> Health:
    """The health of a host, as a call shows it that ended with this error instead of an answer to map."""
    if isinstance(error, TooLarge | MediaRejected):  # the answer is not what we take
        return "answered"
    if isinstance(error, InDoubt) or (isinstance(error, Unavailable) and not isinstance(error, OwnTrouble | Throttled)):
        return "failure"
    return "unknown"


def is_trouble(status: int) -> bool:
    """Whether a status says that the API cannot work now, rather than what it thinks of the request."""
    return status >= 500 or status in (408, 425, 429)


def _opens(cell: Cell, capacity: int) -> bool:
    """Whether as many calls as the cell has slots all failed, or too large a part of twice as many.

    The counting begins with a failure, so that few outcomes say too much.
    """
    least = max(MIN_FAILURES, capacity)
    if cell.good + cell.slow == 0 and cell.bad >= least:
        return True
    outcomes = cell.good + cell.slow + cell.bad
    too_many = cell.bad >= FAILURE_RATE * outcomes or cell.bad + cell.slow >= SLOW_RATE * outcomes
    return outcomes >= 2 * least and too_many


def _opened(cell: Cell, now: int, chance: float) -> Cell:
    seconds = min(_FIRST_OPEN_SECONDS * 2.0 ** min(cell.trips, 10), MAX_OPEN_SECONDS) * (0.75 + chance / 4)
    return Cell(cell.leases, open_until=now + max(1, round(seconds)), trips=cell.trips + 1)


def _expiry(stored: str) -> int:
    """When a lease expires; 0 for one that another release wrote in another way."""
    written = stored.partition(":")[0]
    return int(written) if written.isdecimal() and len(written) < 12 else 0
