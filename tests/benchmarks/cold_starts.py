"""Measures the cost of a function's cold start, relative to a bare handler in the same run. Machines differ.

    PYTHONPATH=layers/chatflow/python:functions:. python -m tests.benchmarks.cold_starts [rounds]

Each start is a process of its own, with the packages as they are uploaded (byte-code included) on the path of an
interpreter without other packages. The measure is processor time, user and system. Each round has a random order, and
the process exits without teardown, which is not part of a Lambda start.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import venv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from infrastructure.packaging.builder import Packages
from infrastructure.packaging.targets import target
from tests.fakes.node_types import MANIFESTS

_BARE: Final = "import json\n\n\ndef lambda_handler(event, context):\n    return {'body': json.dumps({})}\n"
_CLIENTS: Final = "from chatflow.adapters.aws import client\n"
_PORTS: Final = (
    "from chatflow.adapters import visit_ports\nfrom chatflow.adapters.http import fetch\n"
    "fetch.GuardedFetch()\nfetch.for_hosts()\n"
)
_CHANNEL: Final = "from chatflow.channels import manifest\nmanifest.load('whatsapp')\n"
_MOVES: Final = "from chatflow.adapters.s3 import media_store\nclient('s3')\n"
# What a visit needs first, by the needs of its node type.
_NEEDS: Final = {
    "effects": f"{_PORTS}{_CLIENTS}client('dynamodb')\n",
    "channel": f"{_CHANNEL}manifest.part('whatsapp', 'client')\n{_CLIENTS}client('secretsmanager')\n",
    "media.read": f"{_CLIENTS}{_MOVES}",
    "media.take": "from chatflow.adapters import inbound_files, outbound_files\n",
    "business.secrets": f"{_CLIENTS}client('secretsmanager')\n",
    "fetch": "from chatflow.adapters.http import integration_calls\nimport requests_toolbelt.multipart.encoder\n",
}


@dataclass(frozen=True)
class Function:
    """`work` creates what the function's first event needs before it sends a byte: clients, TLS, the channel."""

    room: str
    work: str
    goal: int

    @property
    def init(self) -> str:
        return f"from {self.room.replace('/', '.')}.handler import lambda_handler\n"


def _work(needs: Iterable[str]) -> str:
    return "from chatflow.adapters import visit_ports\n" + "".join(_NEEDS.get(need, "") for need in needs)


NO_FILE, FILE = 6, 12  # docs/architecture.md, "Numbers to design for"
FUNCTIONS: Final = (
    Function(
        "webhook",
        f"{_CHANNEL}manifest.part('whatsapp', 'webhook')\n{_CLIENTS}client('secretsmanager')\nclient('sqs')\n",
        NO_FILE,
    ),
    Function(
        "conversation",
        f"{_CLIENTS}client('dynamodb')\nclient('stepfunctions', read_timeout=135, attempts=1)\nclient('scheduler')\n",
        NO_FILE,
    ),
    *(
        Function(
            f"nodes/{each.name}", _work(each.needs), FILE if any("media" in need for need in each.needs) else NO_FILE
        )
        for each in MANIFESTS.values()
    ),
)


class Starts:
    """Starts processes and measures the processor time of each, in milliseconds."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder / "python", symlinks=True)
        self._python = str(folder / "python/bin/python")
        self._bare = folder / "bare"
        self._bare.mkdir()
        (self._bare / "handler.py").write_text(_BARE)
        packages = Packages(target("local"))
        layers = [str(packages[name].path / "python") for name in ("dependencies", "chatflow")]
        self._paths = {each.room: os.pathsep.join([str(packages[each.room].path), *layers]) for each in FUNCTIONS}

    def bare(self) -> float:
        return self._start(str(self._bare), "from handler import lambda_handler\n")

    def start(self, function: Function, *, work: bool) -> float:
        return self._start(self._paths[function.room], function.init + (function.work if work else ""))

    def _start(self, path: str, code: str) -> float:
        environment = {
            "PYTHONPATH": path,
            "LAMBDA_TASK_ROOT": "/var/task",
            "LANG": "C.UTF-8",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_SESSION_TOKEN": "test",
        }
        words = [self._python, "-c", f"{code}import os\nos._exit(0)"]
        _, status, used = os.wait4(os.posix_spawn(self._python, words, environment), 0)
        assert status == 0, code
        return (used.ru_utime + used.ru_stime) * 1000


def main(rounds: int = 15) -> None:
    with tempfile.TemporaryDirectory() as folder:
        starts = Starts(Path(folder))
        measures: dict[tuple[str, bool], Callable[[], float]] = {("bare", False): starts.bare}
        for each in FUNCTIONS:
            for work in (False, True):
                measures[each.room, work] = partial(starts.start, each, work=work)
        taken: dict[tuple[str, bool], list[float]] = {which: [] for which in measures}
        for measure in measures.values():  # the first of each reads from disk and is not counted
            measure()
        for _ in range(rounds):
            for which in random.sample(list(measures), len(measures)):
                taken[which].append(measures[which]())
    bare = statistics.median(taken["bare", False])
    load = os.getloadavg()[0]
    print(f"{rounds} rounds, load {load:.1f}; a bare handler {bare:.1f} ms (least {min(taken['bare', False]):.1f})")  # noqa: T201
    print(f"{'':22} {'init':>5} {'least':>6}   {'with clients':>12} {'least':>6}   goal")  # noqa: T201
    for function in FUNCTIONS:
        told = f"{function.room:22}"
        for work, wide in ((False, 5), (True, 12)):
            found = taken[function.room, work]
            told += f" {statistics.median(found) / bare:{wide}.1f} {min(found) / min(taken['bare', False]):6.1f}  "
        print(f"{told} {function.goal:4}")  # noqa: T201


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
