"""A number over its rate: the channel refuses most of its messages (130429). What do another number's customers notice?

Customers of a second number each write several messages at once, so that more answers are due than the channel takes.
Each must be heard once and in order. Times are those on the phones, and a ratio of times of the same run.
"""

from __future__ import annotations

import math
import secrets
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from local.channel_setup import connect_number, disconnect_number
from local.chaos.isolation import Say, ask, new_numbers
from local.description import Description
from local.whatsapp_simulator.phone import Phone

# What each customer writes, and the beginnings of what they must hear, in this order.
_WRITES = ("file", "restart", "stop")
EXPECTED = ("Send me one file", "From the beginning", "Send me one file", "All right, we stop here")
_USUAL = 10  # answers to others that are measured before


@dataclass(frozen=True)
class Heard:
    """How what one phone heard differs from what it should have heard."""

    lost: int
    doubled: int  # messages more often than expected, also unexpected ones
    reordered: bool


def compare(heard: Sequence[str], expected: Sequence[str] = EXPECTED) -> Heard:
    """Compare the texts that a phone heard with the beginnings of those that it should have heard. Pure."""
    found = [next((each for each in expected if text.startswith(each)), text) for text in heard]
    lost, doubled = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    # In order as far as they came: the first of each surplus message counts, at its place.
    in_order = found == list(expected) if not lost and not doubled else _is_part(found, expected)
    return Heard(lost.total(), doubled.total(), reordered=not in_order)


def _is_part(found: Sequence[str], expected: Sequence[str]) -> bool:
    """Whether the messages, without repetitions in a row, come in the order of the expected ones."""
    rest = iter(expected)
    once = [text for before, text in zip(["", *found], found, strict=False) if text != before]
    return all(text in rest for text in once)


@dataclass(frozen=True)
class BusyNumber:
    """What became of a number over its rate. Times in seconds; an answer that did not come took forever (`inf`)."""

    customers: int
    per_second: int
    refused: int  # by the channel, for the number's rate
    took: float  # until all had heard everything
    usual: tuple[float, ...]
    meanwhile: tuple[float, ...]  # answers of the other number
    lost: int
    doubled: int
    reordered: int

    @property
    def ratio(self) -> float:
        """The other number's slowest answer, by its slowest one before."""
        return max(self.meanwhile) / max(self.usual)

    @property
    def median_ratio(self) -> float:
        return statistics.median(self.meanwhile) / statistics.median(self.usual)

    @property
    def clean(self) -> bool:
        """Whether nothing went wrong, and the channel refused something at all."""
        answered = all(map(math.isfinite, (*self.usual, *self.meanwhile)))
        return answered and bool(self.refused) and not (self.lost or self.doubled or self.reordered)

    def __str__(self) -> str:
        return (
            f"{self.customers * len(EXPECTED)} messages on a number that may send {self.per_second} a second, in "
            f"{self.took:.0f} s, {self.refused} refusals: the other number's slowest answer took "
            f"{max(self.meanwhile):.1f} s, {self.ratio:.1f} times as long as before, the median "
            f"{self.median_ratio:.1f} times; lost {self.lost}, doubled {self.doubled}, reordered {self.reordered}"
        )


def play(stack: Description, *, customers: int, per_second: int, patience: float, say: Say = print) -> BusyNumber:
    """So many customers write to a second number, of which the channel takes so many messages a second.

    `patience`: seconds in which all must have heard everything. The second number is disconnected afterwards.
    """
    number = f"1065404{secrets.randbelow(10**8):08}"
    url = connect_number(stack, number)
    numbers = new_numbers()
    others = (Phone(stack.handset_url, number) for number in numbers)
    phones = [Phone(url, next(numbers)) for _ in range(customers)]
    try:
        usual = tuple(ask(next(others)) for _ in range(_USUAL))
        say(f"a second number is connected; usual answers of the first take up to {max(usual):.1f} s")
        _limit(url, {"send": {"status": 429, "code": 130429, "above": per_second, "times": 1_000_000}})
        began = time.monotonic()
        with ThreadPoolExecutor(customers) as pool:
            list(pool.map(lambda phone: phone.say_in_order(*_WRITES), phones))
        say(f"{customers} customers wrote {len(_WRITES)} messages each")
        meanwhile: list[float] = []
        while not meanwhile or (not _complete(phones) and time.monotonic() < began + patience):
            meanwhile.append(ask(next(others)))
        took = time.monotonic() - began
        refused = httpx.get(f"{url}/handset/faults", timeout=30.0).raise_for_status().json()["injected"].get("send", 0)
    finally:
        _limit(url, {})
        disconnect_number(stack, number)
    compared = [compare(_texts(phone)) for phone in phones]
    return BusyNumber(
        customers=customers,
        per_second=per_second,
        refused=refused,
        took=took,
        usual=usual,
        meanwhile=tuple(meanwhile),
        lost=sum(each.lost for each in compared),
        doubled=sum(each.doubled for each in compared),
        reordered=sum(each.reordered for each in compared),
    )


def _limit(url: str, faults: dict[str, Any]) -> None:
    httpx.post(f"{url}/handset/faults", json=faults, timeout=30.0).raise_for_status()


def _texts(phone: Phone) -> list[str]:
    return [each["text"] for each in phone.chat() if each["direction"] == "out"]


def _complete(phones: list[Phone]) -> bool:
    return all(len(_texts(phone)) >= len(EXPECTED) for phone in phones)
