"""A file of a hundred megabytes costs a node's Lambda no more memory than one of five: the real handlers, measured."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.handling import WAYS
from tests.fakes.bulk_server import bulk_server

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]
MB = 1_000_000
SMALL, LARGE = 5 * MB, 100 * MB
ALLOWED = MB // 2  # bytes that LARGE may cost over SMALL
LAMBDA = 128 * MB  # the smallest function that there is


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with bulk_server() as url:
        yield url


def most_memory(server: str, way: str, size: int, runs: int = 3) -> int:
    """The most memory that the handler's process held; of some runs the least, since the rest is chance."""
    places = os.pathsep.join(str(place) for place in (ROOT / "layers/chatflow/python", ROOT / "functions", ROOT))
    command = [sys.executable, "-m", "tests.benchmarks.handling", way, server, str(size)]
    given: Any = {"cwd": ROOT, "env": {**os.environ, "PYTHONPATH": places}, "timeout": 120}
    found = []
    for _ in range(runs):
        done = subprocess.run(command, check=False, capture_output=True, text=True, **given)
        assert done.returncode == 0, done.stderr
        found.append(int(done.stdout.splitlines()[-1]))  # the handler's log comes before
    return min(found)


@pytest.mark.parametrize("way", WAYS)
def test_a_handler_s_memory_does_not_grow_with_the_file(server: str, way: str) -> None:
    large = most_memory(server, way, LARGE)
    assert large - most_memory(server, way, SMALL) <= ALLOWED
    assert large < LAMBDA


@pytest.mark.parametrize("way", WAYS)
def test_a_handler_that_held_the_file_would_be_noticed(server: str, way: str) -> None:
    held = most_memory(server, f"{way}_buffered", LARGE, runs=1)
    assert held - most_memory(server, f"{way}_buffered", SMALL, runs=1) > LARGE // 2
    assert held > LAMBDA
