"""Measures what functions take for their first event, from the start of the process, and for the events after it.

A cold turn is the sum of the first events of its functions, a warm one of their later events. With dropped connections,
every connection is closed after its answer, as AWS closes one that was idle.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.benchmarks.deployed import deployed
from tests.benchmarks.events import (
    API_DOWN,
    API_UP,
    CONDITION,
    INPUT,
    MANAGEMENT,
    MEASURED,
    MEDIA_IN,
    MEDIA_OUT,
    MENU,
    PHOTO_HANDED_OVER,
    PHOTO_TURN,
    SET_VARIABLE,
    TEXT,
    TEXT_REPLY,
    TEXT_TURN,
    WEBHOOK,
    Measured,
)
from tests.benchmarks.figures import Figure
from tests.benchmarks.lambdas import Lambdas, Run, lambdas_over_tls

_FIRST_EVENTS: Final = {
    **dict.fromkeys((WEBHOOK, TEXT_TURN, PHOTO_TURN, TEXT, INPUT, MENU, CONDITION, SET_VARIABLE), 9),
    **dict.fromkeys((MEDIA_IN, MEDIA_OUT, API_UP, API_DOWN), 12),
    MANAGEMENT: None,
}
_LATER: Final = 10  # events after the first, of which the median counts
_BARE: Final = 5  # starts of a bare handler in a round, of which the median counts


@dataclass(frozen=True)
class _Round:
    """The runs of each function, and of those that meet dropped connections. `bare`: a bare handler's first event."""

    bare: float
    kept: dict[Measured, Run]
    dropped: dict[Measured, Run]

    def first(self, *functions: Measured) -> float:
        return sum(self.kept[each].first for each in functions) / self.bare

    def later(self, *functions: Measured) -> float:
        return _later(self.kept, functions) / self.bare

    def dropping(self, *functions: Measured) -> float:
        return _later(self.dropped, functions) / _later(self.kept, functions)


def measure(rounds: int) -> list[Figure]:
    with lambdas_over_tls(deployed().stored) as lambdas:
        _round(lambdas)  # reads from disk, and is not counted
        measured = [_round(lambdas) for _ in range(rounds)]

    def figure(name: str, goal: float | None, value: Callable[[_Round], float], unit: str = "bare") -> Figure:
        return Figure(name, goal, unit, tuple(value(each) for each in measured))

    def first_event(function: Measured, goal: float | None) -> Figure:
        return figure(f"first event: {function.name}", goal, lambda each: each.first(function))

    return [
        *(first_event(function, goal) for function, goal in _FIRST_EVENTS.items()),
        figure("init: management", 16, lambda each: each.kept[MANAGEMENT].init / each.bare),
        figure("cold text reply, 3 functions", 27, lambda each: each.first(*TEXT_REPLY)),
        figure("cold photo turn, 5 functions", 52, lambda each: each.first(*PHOTO_HANDED_OVER)),
        figure("warm text reply", None, lambda each: each.later(*TEXT_REPLY)),
        figure("warm photo turn", None, lambda each: each.later(*PHOTO_HANDED_OVER)),
        figure(
            "warm photo turn, connections dropped", 1.7, lambda each: each.dropping(*PHOTO_HANDED_OVER), "x kept ones"
        ),
    ]


def _round(lambdas: Lambdas) -> _Round:
    """Every function once, in random order."""
    kept: dict[Measured, Run] = {}
    dropped: dict[Measured, Run] = {}
    bare = [lambdas.bare().first for _ in range(_BARE)]
    runs = [(function, False) for function in MEASURED] + [(function, True) for function in PHOTO_HANDED_OVER]
    for function, dropping in random.sample(runs, len(runs)):
        (dropped if dropping else kept)[function] = lambdas.run(function, others=_LATER, dropping=dropping)
    return _Round(statistics.median(bare), kept, dropped)


def _later(runs: Mapping[Measured, Run], functions: Iterable[Measured]) -> float:
    return sum(statistics.median(runs[each].others) for each in functions)
