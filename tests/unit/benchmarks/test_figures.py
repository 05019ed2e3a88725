from __future__ import annotations

from importlib import import_module

import pytest

from tests.benchmarks.__main__ import PARTS
from tests.benchmarks.figures import Figure, table

FAST = Figure("start", 9, "bare", (8.0, 30.0, 7.0))
SLOW = Figure("upload", 0.8, "of raw", (0.5, 0.66, 0.53), at_most=False)
SHOWN = Figure("start, by imports", None, "bare", (4.0,))


def test_the_median_counts_and_the_last_line_says_how_many_goals_are_met() -> None:
    assert table([FAST, SLOW, SHOWN]).splitlines() == [
        "figure             goal    now                   spread",
        "start              <= 9    8 bare                7 to 30",
        "upload             >= 0.8  0.53 of raw (missed)  0.5 to 0.66",
        "start, by imports          4 bare                4 to 4",
        "benchmark: 1 of 2 goals met",
    ]


def test_the_table_for_the_documentation_is_markdown() -> None:
    lines = table([FAST, SLOW], markdown=True).splitlines()
    assert lines[:2] == ["| figure | goal | now | spread |", "|---|---|---|---|"]
    assert lines[3] == "| upload | >= 0.8 | 0.53 of raw (missed) | 0.5 to 0.66 |"
    assert lines[-1] == "benchmark: 1 of 2 goals met"


@pytest.mark.parametrize("module", PARTS.values())
def test_every_part_of_the_benchmark_can_be_measured(module: str) -> None:
    assert callable(import_module(f"tests.benchmarks.{module}").measure)
