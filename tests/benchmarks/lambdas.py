"""Runs functions as Lambda would: the packages as they are uploaded, byte-code included, in a process of their own.

The interpreter has no other packages. The folder of authorities in the layer has the root of the fake AWS in addition,
so that functions trust it on the way on which they trust AWS.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import venv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chatflow.adapters.tls import AUTHORITIES
from infrastructure.packaging import authorities
from infrastructure.packaging.builder import Packages
from infrastructure.packaging.contents import ROOT
from infrastructure.packaging.targets import target
from tests.benchmarks.deployed import environment
from tests.benchmarks.events import Measured
from tests.fakes.aws_operations import Stored
from tests.fakes.aws_over_tls import AwsOverTls, aws_over_tls

BARE: Final = "import json\n\n\ndef lambda_handler(event, context):\n    return {'body': json.dumps({})}\n"

# Runs in the interpreter of a function, and imports nothing that a bare handler would not.
_PROGRAM: Final = """
import json, os, sys, time
module, path, observed = sys.argv[1:]
with open(path) as file:
    events = json.load(file)
seen = {"contexts": 0, "bundles": 0}
if observed:
    def profile(frame, event, argument):
        if event == "call" and frame.f_code.co_qualname == "SSLContext.__new__":
            seen["contexts"] += 1
        elif event == "c_call" and argument.__name__ in ("load_verify_locations", "set_default_verify_paths"):
            seen["bundles"] += 1
    sys.setprofile(profile)
class Context:
    function_name = "f"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"
    aws_request_id = "r"
    def get_remaining_time_in_millis(self):
        return 25000
times = []
handler = __import__(module, fromlist=["lambda_handler"]).lambda_handler
times.append(time.process_time())
seen["started_with"] = sorted(sys.modules) if observed else []
for event in events:
    answer = handler(event, Context())
    times.append(time.process_time())
sys.setprofile(None)
seen["modules"] = sorted(sys.modules) if observed else []
with open(path, "w") as file:
    json.dump({"times": times, "answer": answer, **seen}, file)
os._exit(0)
"""


@dataclass(frozen=True)
class Run:
    """What a process did. Times are processor time, user and system, in seconds.

    `init`: until the handler was imported; `first`: until the first event was answered; `others`: for each further
    event. `started_with` (modules imported with the handler), `modules` (all imported), `contexts` (made for TLS) and
    `bundles` (of certificates, loaded) are observed only on request, which takes time.
    """

    init: float
    first: float
    others: tuple[float, ...]
    answer: Any
    started_with: frozenset[str]
    modules: frozenset[str]
    contexts: int
    bundles: int


@contextmanager
def lambdas_over_tls(stored: Stored) -> Iterator[Lambdas]:
    """Functions, and the fake AWS in which this lies, until the end of the block."""
    (ROOT / "build").mkdir(exist_ok=True)
    with ExitStack() as stack:
        # Beside the packages, which are linked.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=ROOT / "build")))
        yield Lambdas(folder, stack.enter_context(aws_over_tls(folder, stored)))


class Lambdas:
    """Functions in a folder of their own, with a fake AWS."""

    def __init__(self, folder: Path, server: AwsOverTls) -> None:
        self.server = server
        self._events = folder / "events.json"
        venv.create(folder / "python", symlinks=True)
        self._python = str(folder / "python/bin/python")
        (folder / "bare").mkdir()
        (folder / "bare/handler.py").write_text(BARE)
        self._bare = str(folder / "bare")
        self._packages = Packages(target("local"))
        self._folder = folder
        self._trusting: dict[str, str] = {}

    def bare(self, events: int = 1) -> Run:
        """A handler that imports `json` and does nothing."""
        return self._run("handler", self._bare, [{}] * events, {}, "")

    def run(self, measured: Measured, *, others: int = 0, observed: bool = False, dropping: bool = False) -> Run:
        """A fresh process: its first event, and others. Raises AssertionError unless the last answer is right."""
        events = [measured.event(self.server, number) for number in range(2, 3 + others)]
        if dropping:
            events = json.loads(_elsewhere(self.server, json.dumps(events)))
        paths = [self._with_root(measured.folder), *(f"{self._with_root(layer)}/python" for layer in measured.layers)]
        module = f"{measured.folder.replace('/', '.')}.handler"
        settings = environment(self.server, dropping=dropping)
        run = self._run(module, os.pathsep.join(paths), events, settings, "observed" if observed else "")
        answer = run.answer or {}
        assert {name: answer.get(name) for name in measured.answer} == measured.answer, (measured.name, run.answer)
        return run

    def _run(self, module: str, path: str, events: list[Any], settings: Mapping[str, str], observed: str) -> Run:
        self._events.write_text(json.dumps(events))
        lambda_ = {
            "PYTHONPATH": path,
            "LAMBDA_TASK_ROOT": "/var/task",
            "LANG": "C.UTF-8",
        }
        command = [self._python, "-c", _PROGRAM, module, str(self._events), observed]
        ended = subprocess.run(
            command, cwd=self._bare, env={**lambda_, **settings}, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stderr
        told = json.loads(self._events.read_text())
        init, first, *later = told["times"]
        others = tuple(after - before for before, after in zip([first, *later], later, strict=False))
        seen = (frozenset(told["started_with"]), frozenset(told["modules"]), told["contexts"], told["bundles"])
        return Run(init, first, others, told["answer"], *seen)

    def _with_root(self, name: str) -> str:
        """A copy of the package whose authorities have the root of the fake AWS in addition, as with `ca_bundle`."""
        if name not in self._trusting:
            copied = self._folder / name.replace("/", "-")
            shutil.copytree(self._packages[name].path, copied, copy_function=os.link)
            for folder in copied.rglob(f"certifi/{AUTHORITIES}"):
                authorities.write(self.server.certificates.authority, folder)
            self._trusting[name] = str(copied)
        return self._trusting[name]


def _elsewhere(server: AwsOverTls, events: str) -> str:
    """The events, whose addresses are those that close each connection."""
    for service in server.ports:
        events = events.replace(server.host(service), server.host(service, dropping=True))
    return events
