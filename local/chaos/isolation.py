"""One host in trouble: customers upload to it, others talk to flows that need no API. What do the others notice?

What a customer notices is measured on the phone. The others' times are compared with those of the same run before the
trouble began, since this machine's speed says nothing. Every wait ends: who heard nothing by then is unanswered.
"""

from __future__ import annotations

import itertools
import math
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.business_api.client import Business, sha256
from local.chaos.customers import with_comments
from local.simulator.phone import NoReply
from local.whatsapp_simulator.phone import Phone

# Faults of the business API, until they are removed.
HANGS: dict[str, Any] = {"path": "/files", "mode": "stall", "seconds": 120}
DOWN: dict[str, Any] = {"path": "/files", "mode": "status", "status": 503}
_KEYWORD, _PROMPT, _THANKS = "file", "Send me one file", "Thank you, "
HOLDING = "Our system is busy at the moment"  # the beginning of the flow's `holding`
_USUAL = 10  # answers to others that are measured before the trouble
# For each photo of a burst. Taking and storing them is work of its own on this machine, no trouble of the host: the
# others' answers are measured afterwards.
_BURST_SECONDS = 0.5
_ANSWER_SECONDS = 60.0  # for which a customer waits for the question of a flow

Say = Callable[[str], None]


@dataclass(frozen=True)
class Isolation:
    """What became of one host in trouble. Times in seconds; `recovered`: from its end to the last file's arrival.

    An answer that did not come took forever (`inf`).
    """

    uploads: int
    usual: tuple[float, ...]
    meanwhile: tuple[float, ...]
    recovered: float
    lost: int
    doubled: int
    told: int  # customers who heard that their file waits
    told_again: int  # those who heard it more than once
    unanswered: int  # also those who do not upload

    @property
    def ratio(self) -> float:
        """The others' slowest answer, by their slowest one before."""
        return max(self.meanwhile) / max(self.usual)

    @property
    def median_ratio(self) -> float:
        return statistics.median(self.meanwhile) / statistics.median(self.usual)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.told_again or self.unanswered)

    def __str__(self) -> str:
        return (
            f"{self.uploads} uploads: the others' slowest answer took {max(self.meanwhile):.1f} s, {self.ratio:.1f} "
            f"times as long as before, the median {self.median_ratio:.1f} times; all files {self.recovered:.0f} s "
            f"after the end; lost {self.lost}, doubled {self.doubled}, told {self.told}, again {self.told_again}, "
            f"unanswered {self.unanswered}"
        )


def play(
    business: Business,
    simulator_url: str,
    fault: dict[str, Any],
    *,
    uploads: int,
    seconds: float,
    photo: Path,
    patience: float = 180.0,
    say: Say = print,
) -> Isolation:
    """So many customers upload at once while the business has the fault, for so many seconds.

    `patience`: seconds after its end in which all files arrive and are answered. `say` is told how far it has come.
    """
    numbers = new_numbers()
    phones = [Phone(simulator_url, next(numbers)) for _ in range(uploads)]
    with ThreadPoolExecutor(uploads) as pool, tempfile.TemporaryDirectory() as folder:
        silent = sum(math.isinf(each) for each in pool.map(ask, phones))
        usual = tuple(ask(Phone(simulator_url, next(numbers))) for _ in range(_USUAL))
        say(f"{uploads} customers are asked for a file; others' usual answers take up to {max(usual):.1f} s")
        business.fault(**fault)
        sent = list(pool.map(lambda phone: _send(phone, photo, Path(folder)), phones))
        say(f"{uploads} files are sent")
        time.sleep(uploads * _BURST_SECONDS)
        meanwhile: list[float] = []
        ends = time.monotonic() + seconds
        while not meanwhile or time.monotonic() < ends:
            meanwhile.append(ask(Phone(simulator_url, next(numbers))))
        business.mend()
        ended = time.monotonic()
        say(f"the host is well again; {len(meanwhile)} others were answered in up to {max(meanwhile):.1f} s")
        until(lambda: set(sent) <= {upload["sha256"] for upload in business.uploads()}, ended + patience)
        recovered = time.monotonic() - ended
        until(lambda: all(_heard(phone, _THANKS) for phone in phones), ended + patience)
    arrived = Counter(upload["sha256"] for upload in business.uploads())
    return Isolation(
        uploads=uploads,
        usual=usual,
        meanwhile=tuple(meanwhile),
        recovered=recovered,
        lost=sum(not arrived[each] for each in sent),
        doubled=sum(arrived[each] > 1 for each in sent),
        told=sum(_heard(phone, HOLDING) > 0 for phone in phones),
        told_again=sum(_heard(phone, HOLDING) > 1 for phone in phones),
        unanswered=sum(not _heard(phone, _THANKS) for phone in phones)
        + silent
        + sum(math.isinf(each) for each in (*usual, *meanwhile)),
    )


def new_numbers() -> Iterator[str]:
    """Phone numbers of customers whom the stack does not know yet."""
    start = time.time_ns() // 1_000_000 % 1_000_000_000
    return (f"4918{start + number:010d}" for number in itertools.count())


def ask(phone: Phone) -> float:
    """Begin the flow; returns the seconds until its question was heard, `inf` when it was not."""
    started = time.monotonic()
    phone.say(_KEYWORD)
    try:
        phone.receive(1, within=_ANSWER_SECONDS)
    except NoReply:
        return math.inf
    return time.monotonic() - started


def until(condition: Callable[[], bool], ends: float) -> bool:
    """Whether the condition came true before this time.monotonic()."""
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.25)
    return True


def _send(phone: Phone, photo: Path, folder: Path) -> str:
    """Send a photo that nobody else has; returns its SHA-256."""
    own = folder / f"{phone.number}.jpg"
    own.write_bytes(with_comments(photo.read_bytes(), phone.number, 1))
    phone.send(own, kind="image")
    return sha256(own.read_bytes())


def _heard(phone: Phone, beginning: str) -> int:
    """How many messages that begin like this the phone has shown."""
    return sum(each["direction"] == "out" and each["text"].startswith(beginning) for each in phone.chat())
