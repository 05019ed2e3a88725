"""Measures the speed of file streams, relative to a raw socket copy in the same run. Machines differ.

    PYTHONPATH=layers/chatflow/python:functions:. python -m tests.benchmarks.streaming [megabytes] [rounds]

Every stream runs once in each round, in random order. The first run of each is not counted: it creates the clients.
"""

from __future__ import annotations

import random
import statistics
import sys
import time

from tests.benchmarks.moving import WAYS, use
from tests.fakes.bulk_server import bulk_server

GOALS = {"inbound": 0.50, "outbound": 0.80}  # of the raw copy; see docs/architecture.md, "Numbers to design for"


def main(megabytes: int = 100, rounds: int = 7) -> None:
    size = megabytes * 1_000_000
    wall: dict[str, list[float]] = {way: [] for way in WAYS}
    processor: dict[str, list[float]] = {way: [] for way in WAYS}
    with bulk_server() as server:
        use(server)
        for way in WAYS.values():
            way(server, size)
        for _ in range(rounds):
            for name in random.sample(list(WAYS), len(WAYS)):
                started, busy = time.perf_counter(), time.process_time()
                WAYS[name](server, size)
                wall[name].append(time.perf_counter() - started)
                processor[name].append(time.process_time() - busy)
    floor = statistics.median(wall["raw"])
    print(f"{megabytes} MB, {rounds} rounds; raw copy {size / floor / 1e6:.0f} MB/s")  # noqa: T201
    for name in WAYS:
        middle, best = statistics.median(wall[name]), min(wall[name])
        goal = f"   goal {GOALS[name]:.2f}" if name in GOALS else ""
        cpu = statistics.median(processor[name]) * 1000 / megabytes
        print(  # noqa: T201
            f"{name:18} {floor / middle:5.2f} of raw (best {min(wall['raw']) / best:4.2f})  {cpu:5.2f} ms/MB{goal}"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
