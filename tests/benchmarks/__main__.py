"""Measures how fast and how frugal Chatflow is, beside its goals: `make benchmark`.

    make benchmark ARGS="--rounds 3 streams"

Times are ratios within one run: machines differ, and so does their load. Without names, all parts run, which takes many
minutes. A part is a module with `measure(rounds)`; to add one, name it in `PARTS`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from typing import Final

from tests.benchmarks.figures import Figure, table

PARTS: Final = {
    "first-events": "first_events",
    "streams": "streaming",
    "validation": "validation",
    "node-red": "node_red",
    "growth": "growth",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make benchmark", description="Figures of Chatflow beside their goals.")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"all, or some of: {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=11, help="measurements of each figure (default: 11)")
    parser.add_argument("--markdown", action="store_true", help="write the table for docs/performance.md")
    options = parser.parse_args()
    if unknown := set(options.parts) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    figures: list[Figure] = []
    # Each part has a process of its own: clients of AWS, and where it is, are kept for a process.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as process:
        for part in options.parts or PARTS:
            print(f"measuring {part}", file=sys.stderr)  # noqa: T201
            module = import_module(f"tests.benchmarks.{PARTS[part]}")
            figures += process.submit(module.measure, options.rounds).result()
    load = os.getloadavg()[0]
    print(f"{options.rounds} rounds; load {load:.1f} on {os.cpu_count()} processors", end="\n\n")  # noqa: T201
    print(table(figures, markdown=options.markdown))  # noqa: T201


if __name__ == "__main__":
    main()
