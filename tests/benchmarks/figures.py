"""What a benchmark reports: figures with their goals, and the table of them."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

_COLUMNS = ("figure", "goal", "now", "spread")


@dataclass(frozen=True)
class Figure:
    """A named figure: one sample for each round, of which the median counts.

    `unit` follows the numbers ("bare" is the cost of a bare handler's start in the same run). With `at_most`, less is
    better. A `goal` of None belongs to a figure that only explains others.
    """

    name: str
    goal: float | None
    unit: str
    samples: tuple[float, ...]
    at_most: bool = True

    @property
    def now(self) -> float:
        return statistics.median(self.samples)

    @property
    def met(self) -> bool:
        if self.goal is None:
            return True
        return self.now <= self.goal if self.at_most else self.now >= self.goal

    def row(self) -> tuple[str, str, str, str]:
        """Figure, goal, now, and the least and the largest sample. `(missed)` stands beside a figure that misses."""
        goal = "" if self.goal is None else f"{'<=' if self.at_most else '>='} {_number(self.goal)}"
        now = f"{_number(self.now)} {self.unit}" + ("" if self.met else " (missed)")
        return self.name, goal, now, f"{_number(min(self.samples))} to {_number(max(self.samples))}"


def table(figures: Iterable[Figure], *, markdown: bool = False) -> str:
    """The table of all figures; the last line says how many goals are met."""
    found = list(figures)
    rows = [_COLUMNS, *(figure.row() for figure in found)]
    if markdown:
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        lines.insert(1, "|---" * len(_COLUMNS) + "|")
        lines.append("")
    else:
        widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
        lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    with_goal = [figure for figure in found if figure.goal is not None]
    lines.append(f"benchmark: {sum(figure.met for figure in with_goal)} of {len(with_goal)} goals met")
    return "\n".join(lines)


def _number(value: float) -> str:
    """Three digits that count."""
    return f"{value:.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
