"""A hundred megabytes cost no more memory than five. Each file is moved by a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.bulk_server import bulk_server

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]
MB = 1_000_000
SMALL, LARGE = 5 * MB, 100 * MB
KNOWN_LENGTH, UNKNOWN_LENGTH = MB // 2, 12 * MB  # the most that LARGE may cost over SMALL of known length


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with bulk_server() as url:
        yield url


def most_memory(server: str, way: str, size: int) -> int:
    """The most memory that moving a file this way takes; of three runs the least, since the rest is chance."""
    places = os.pathsep.join(str(place) for place in (ROOT / "layers/chatflow/python", ROOT / "functions", ROOT))
    command = [sys.executable, "-m", "tests.benchmarks.moving", way, server, str(size)]
    given = {"cwd": ROOT, "env": {**os.environ, "PYTHONPATH": places}, "timeout": 120}
    return min(int(subprocess.run(command, check=True, capture_output=True, **given).stdout) for _ in range(3))


def extra(server: str, way: str, small_way: str = "") -> int:
    return most_memory(server, way, LARGE) - most_memory(server, small_way or way, SMALL)


def test_a_long_file_that_comes_in_costs_no_more_memory_than_a_short_one(server: str) -> None:
    assert extra(server, "inbound") <= KNOWN_LENGTH


def test_a_file_of_unknown_length_costs_two_parts_at_most(server: str) -> None:
    assert extra(server, "inbound_unknown", "inbound") <= UNKNOWN_LENGTH


def test_a_long_file_that_goes_out_costs_no_more_memory_than_a_short_one(server: str) -> None:
    assert extra(server, "outbound") <= KNOWN_LENGTH


def test_ten_long_files_in_one_body_cost_no_more_memory_than_ten_short_ones(server: str) -> None:
    assert extra(server, "outbound_ten") <= KNOWN_LENGTH


@pytest.mark.parametrize("way", ["inbound_buffered", "outbound_buffered"])
def test_the_measure_would_notice_a_file_that_is_held_whole(server: str, way: str) -> None:
    assert extra(server, way) > UNKNOWN_LENGTH
