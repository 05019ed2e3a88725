"""What a turn and a transcript cost, counted on moto: each limit is what was reached, and later work lowers it."""

from __future__ import annotations

import pytest

from tests.benchmarks.growth import first_page, routes, warm_turn
from tests.fakes.dynamodb_costs import Costs


@pytest.fixture(scope="module")
def turn() -> Costs:
    return warm_turn(routes(1, 1))


def test_a_warm_turn_writes_the_indexes_of_sessions_once_at_most(turn: Costs) -> None:
    assert sum(turn.index_writes.values()) <= 1


def test_a_warm_turn_reads_no_shared_row_strongly(turn: Costs) -> None:
    assert turn.strong_reads_of("flows") == []


def test_the_first_page_of_a_transcript_costs_20_units_at_most() -> None:
    assert first_page(100).read_units <= 20
