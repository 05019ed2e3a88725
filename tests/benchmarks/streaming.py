"""Measures file streams beside a raw copy between two sockets, which every round makes anew.

The speeds are by the clock, since the goals are: other work on the machine slows a stream as it slows the raw copy.
The processor time, which Lambda bills, stands beside them.
"""

from __future__ import annotations

import random
import time
from typing import Final

from tests.benchmarks.figures import Figure
from tests.benchmarks.moving import WAYS, use
from tests.fakes.bulk_server import bulk_server

SIZE: Final = 100_000_000
# A stream, the copy that is its measure, and the share of its speed to reach.
COMPARED: Final = (
    ("inbound", "raw_hashed", "raw with hash", 0.92),
    ("outbound", "raw", "raw", 0.80),
    ("inbound_unknown", "raw_hashed", "raw with hash", None),
)


def measure(rounds: int) -> list[Figure]:
    ways = sorted({way for stream, copy, *_ in COMPARED for way in (stream, copy)})
    clock: dict[str, list[float]] = {way: [] for way in ways}
    processor: dict[str, list[float]] = {way: [] for way in ways}
    with bulk_server() as server:
        use(server)
        for way in ways:  # the first of each creates the clients, and is not counted
            WAYS[way](server, SIZE)
        for _ in range(rounds):
            for way in random.sample(ways, len(ways)):
                started, busy = time.perf_counter(), time.process_time()
                WAYS[way](server, SIZE)
                clock[way].append(time.perf_counter() - started)
                processor[way].append(time.process_time() - busy)
    figures = []
    for stream, copy, unit, goal in COMPARED:
        name = f"stream {stream.replace('_', ' ')}, 100 MB"
        figures.append(Figure(f"{name}: speed", goal, f"of {unit}", _ratios(clock, copy, stream), at_most=False))
        figures.append(Figure(f"{name}: processor time", None, f"x {unit}", _ratios(processor, stream, copy)))
    return figures


def _ratios(taken: dict[str, list[float]], above: str, below: str) -> tuple[float, ...]:
    return tuple(a / b for a, b in zip(taken[above], taken[below], strict=True))
