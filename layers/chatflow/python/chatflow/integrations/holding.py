"""Holding: a call that an API's trouble prevents is tried again later, while its session waits without a worker. Pure.

What is known of a held call is the wait state of its node, so people and programs read it in the session's row.
Times are in seconds since the epoch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from chatflow.tolerant_reader import read

if TYPE_CHECKING:
    from chatflow.nodes.ports import Answer

BUSY: Final = "busy"  # the reason of a try for which no slot was free
OUTAGE: Final = "outage"  # the reason of the exit `failure` of a call that was held for as long as it may be
DOUBTFUL: Final = frozenset({"in_doubt", "too_slow"})  # reasons of a try after which the API may have acted
BUSY_SECONDS: Final = 30  # a call without a slot waits for one so long, also where an outage is not waited for
BEFORE_WINDOW_ENDS: Final = 3600  # seconds in which the customer can still be told, and an operator can still react
WITHOUT_WINDOW: Final = 86_400  # on a channel where a business may always write

_FIRST_PAUSE, _STEADY_PAUSE, _LONGEST_PAUSE = 4.0, 20.0, 300.0  # seconds
_PART_OF_OUTAGE: Final = 20  # a recovery is seen within this part of the time that the outage has lasted
_LATE: Final = 3600  # seconds; a timer is late by more only if nothing ran, or if the clocks of two workers disagree
_TELL_AFTER: Final = 10  # seconds that a call waits for a slot before the customer hears of it


@dataclass(frozen=True)
class Held:
    """A held call. `key`: the effect of the first try, whose Idempotency-Key every try carries.

    `reason`: why the last try failed; `tries` counts them; `next` is when the next one is due. `until`: when the call
    is given up. `told`: whether the customer was told. `full`: the last tries in a row that found no free slot.
    `host`: where the call goes. `given_up`: an operator does not want it to be tried again. `doubt`: an answer to some
    try was lost, so that the API may have acted.
    """

    key: str
    since: int
    until: int
    reason: str
    next: int
    tries: int = 1
    told: bool = False
    full: int = 0
    host: str = ""
    given_up: bool = False
    doubt: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"held": asdict(self)}

    @property
    def shown(self) -> dict[str, int]:
        """What the transcript tells of a try."""
        return {"since": self.since, "tries": self.tries, "next": self.next, "until": self.until}


def held_call(wait_state: Mapping[str, Any]) -> Held | None:
    """The held call that a wait state describes, None for another wait."""
    written = wait_state.get("held")
    return read(Held, written, "the held call") if isinstance(written, dict) else None


def held_again(held: Held | None, *, key: str, reason: str, seconds: int, now: int, after: float = 0.0) -> Held | None:
    """The call after a try that failed for `reason`, about to be held (again); None when its time is over.

    `held` is None at the first try; `seconds`: how long it may be held from now on. `after`: the pause that the API
    asks for. The last try is made when the time is over. Time in which nothing could be tried is not counted, and none
    of the clock of a worker that wrote another time.
    """
    if held is None:
        held = Held(key, now, now + seconds, reason, now, tries=0)
    late = now - held.next
    if now < held.since:
        held = replace(held, since=held.since + late, until=held.until + late)
    elif late > _LATE:
        held = replace(held, until=min(held.until + late, now + seconds))
    if now >= held.until:
        return None
    full, doubt = held.full + 1 if reason == BUSY else 0, held.doubt or reason in DOUBTFUL
    held = replace(held, reason=reason, tries=held.tries + 1, full=full, doubt=doubt)
    return replace(held, next=min(now + _pause(held, now, after), held.until))


def is_to_tell(held: Held, now: int) -> bool:
    """Whether the customer must be told now that the call is held: once, and not of a wait for a slot alone."""
    return not held.told and (held.reason != BUSY or now - held.since >= _TELL_AFTER)


def longest_hold(
    hold_for: int, now: int, *, window: int = 0, last_message_at: int = 0, kept_until: Iterable[int] = ()
) -> int:
    """How long a call may be held from `now` on, in seconds: the customer can still be told, and the files are there.

    `hold_for`: the author's wish, 0 for none. `window`: in which a business may write after its customer's last
    message (at `last_message_at`, 0 when not known), 0 for always. `kept_until`: of each file, 0 when not known.
    An end that is less than an hour away leaves no time for anything after it; one that has passed already is none.
    """
    ends = [*kept_until, *([(last_message_at or now) + window] if window else [])]
    left = [_before(end - now) for end in ends if end > now]
    return min([hold_for or _before(window or WITHOUT_WINDOW), *left])


def _before(seconds: int) -> int:
    return seconds - BEFORE_WINDOW_ENDS if seconds > BEFORE_WINDOW_ENDS else seconds


def retry_after(answer: Answer, now: int) -> float:
    """The header Retry-After in seconds, a number or a date (RFC 9110, 10.2.3); 0 without one. `now` in ms."""
    written = answer.headers.get("retry-after", "").strip()
    if written.isdecimal() and written.isascii():
        return float(written[:9])
    if not written:
        return 0.0
    from email.utils import parsedate_to_datetime  # a date is rare, and reading one costs an import

    try:
        return parsedate_to_datetime(written).timestamp() - now / 1000
    except (ValueError, OverflowError):
        return 0.0


def _pause(held: Held, now: int, after: float) -> int:
    """Seconds until the next try.

    Calls that fail together must not come back together, so each pause is up to a quarter longer. The key decides by
    how much, because rules use no randomness.
    """
    growing = min(_FIRST_PAUSE * 2.0 ** min((held.full or held.tries) - 1, 10), _STEADY_PAUSE)
    # Slots that are taken show that the API works again: then it is the others' calls that last, not the outage.
    lasting = 0.0 if held.full else min((now - held.since) / _PART_OF_OUTAGE, _LONGEST_PAUSE)
    pause = max(growing, lasting)
    # Not a checksum: those of keys that differ a little are related, and the calls would stay together.
    digest = hashlib.sha256(f"{held.key}/{held.tries}".encode()).digest()
    jitter = int.from_bytes(digest[:4]) / 2**32 / 4
    return max(1, round(max(pause * (1 + jitter), min(after, _LONGEST_PAUSE))))
