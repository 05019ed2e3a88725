"""The faults of a chaos run: each kind is injected on a running local stack, and counted only when it took effect."""

from __future__ import annotations

import contextlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

from chatflow.nodes.manifest import read_manifests
from local.cdk import ROOT
from local.description import Description
from local.whatsapp_simulator.webhook_payloads import signature

STATUSES_OF_A_FLOOD = 1_000  # updates that Meta sends in one POST at most
_FLOODS_AT_ONCE = 2
_EFFECT_SECONDS = 6.0  # how long a fault is given to take effect before it is withdrawn
_STALL_SECONDS = 3.0
# Longer than the call of an integration waits for an answer (`timeout` in flows/integrations).
_TOO_LATE_SECONDS = 35.0


@dataclass
class Stack:
    """The parts of a running local stack that faults need."""

    description: Description
    emulator_pid: int

    def __post_init__(self) -> None:
        token = {"Authorization": f"Bearer {self.description.claims_token}"}
        self.business = httpx.Client(
            base_url=self.description.business_url, headers=token, timeout=30.0, trust_env=False
        )
        self.simulator = httpx.Client(base_url=self.description.handset_url, timeout=30.0, trust_env=False)

    @property
    def business_port(self) -> int:
        return int(urlsplit(self.description.business_url).port or 80)

    def workers(self, function: str) -> list[psutil.Process]:
        """The processes that run this Lambda function, newest first."""
        found = []
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in psutil.Process(self.emulator_pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if process.environ().get("AWS_LAMBDA_FUNCTION_NAME", "").endswith(function):
                        found.append(process)
        return found[::-1]

    def requests(self) -> list[dict[str, Any]]:
        """The business's log of requests."""
        requests: list[dict[str, Any]] = self.business.get("/api/requests").raise_for_status().json()["requests"]
        return requests

    def injected_by_simulator(self) -> Counter[str]:
        """How often each fault of the channel took effect, by operation and status."""
        return Counter(self.simulator.get("/handset/faults").raise_for_status().json()["injected"])


def business_fault(stack: Stack, chance: random.Random, **fault: Any) -> int:
    """Let the next uploads fail in this way; returns how many did."""
    times = chance.randint(1, 2)
    before = _faults_of(stack, fault["mode"])
    stack.business.post("/api/faults", json={"path": "/files", "times": times, **fault}).raise_for_status()
    _wait(lambda: _faults_of(stack, fault["mode"]) >= before + times)
    stack.business.delete("/api/faults").raise_for_status()
    return _faults_of(stack, fault["mode"]) - before


def _faults_of(stack: Stack, mode: str) -> int:
    return sum(request["fault"] == mode for request in stack.requests())


def channel_fault(stack: Stack, chance: random.Random, operation: str, **fault: Any) -> int:
    """Let the next calls of this operation of the channel fail in this way; returns how many did."""
    times = chance.randint(1, 4)
    before = stack.injected_by_simulator()
    stack.simulator.post("/handset/faults", json={operation: {"times": times, **fault}}).raise_for_status()
    _wait(lambda: (stack.injected_by_simulator() - before).total() >= times)
    stack.simulator.post("/handset/faults", json={}).raise_for_status()
    return (stack.injected_by_simulator() - before).total()


def kill_during_upload(stack: Stack, _chance: random.Random) -> int:
    """Kill the worker whose upload waits for the business's answer.

    Its slot at the business is free again when the lease expires, after up to 75 s (decision 34). A local stack has a
    few such slots: were every worker killed that uploads, nobody could upload for that time, and nothing else be seen.
    """
    fault = {"path": "/files", "mode": "slow", "seconds": _STALL_SECONDS, "times": 1}
    before = _faults_of(stack, "slow")
    stack.business.post("/api/faults", json=fault).raise_for_status()
    waits = _wait(lambda: _faults_of(stack, "slow") > before)
    killed = [worker for worker in _workers_of_nodes(stack, "fetch") if _calls(worker, stack.business_port)][:1]
    stack.business.delete("/api/faults").raise_for_status()
    return _kill(killed) if waits else 0


def kill_during_download(stack: Stack, _chance: random.Random) -> int:
    """Kill the workers that take customers' files while one of them downloads one."""
    before = stack.injected_by_simulator()
    stack.simulator.post("/handset/faults", json={"download": {"stall": _STALL_SECONDS}}).raise_for_status()
    waits = _wait(lambda: stack.injected_by_simulator() != before)
    stack.simulator.post("/handset/faults", json={}).raise_for_status()
    return _kill(_workers_of_nodes(stack, "media.take")) if waits else 0


def kill_during_turn(stack: Stack, _chance: random.Random) -> int:
    """Kill the workers that run turns while one of them waits for a message to be sent."""
    before = stack.injected_by_simulator()
    stack.simulator.post("/handset/faults", json={"send": {"stall": _STALL_SECONDS}}).raise_for_status()
    waits = _wait(lambda: stack.injected_by_simulator() != before)
    stack.simulator.post("/handset/faults", json={}).raise_for_status()
    return _kill(stack.workers("conversation")[:2]) if waits else 0


def flood_of_statuses(stack: Stack, _chance: random.Random) -> int:
    """Post a thousand statuses at once, several times in parallel; returns the POSTs that were answered."""
    bodies = [
        _statuses(stack.description.phone_number_id, time.time_ns() + number) for number in range(_FLOODS_AT_ONCE)
    ]

    def post(body: bytes) -> bool:
        signed = {"x-hub-signature-256": signature(stack.description.app_secret, body)}
        try:
            httpx.post(stack.description.webhook_url, content=body, headers=signed, timeout=30.0)
        except httpx.HTTPError:
            return False
        return True

    with ThreadPoolExecutor(_FLOODS_AT_ONCE) as pool:
        return sum(pool.map(post, bodies))


def _statuses(account: str, unique: int) -> bytes:
    now = str(int(time.time()))
    statuses = [
        {
            "id": f"wamid.chaos-{unique}-{number}",
            "status": "delivered",
            "timestamp": now,
            "recipient_id": "4915000000000",
        }
        for number in range(STATUSES_OF_A_FLOOD)
    ]
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": account}, "statuses": statuses}
    change = {"field": "messages", "value": value}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}).encode()


Inject = Callable[[Stack, random.Random], int]


def _business(**fault: Any) -> Inject:
    return lambda stack, chance: business_fault(stack, chance, **fault)


def _channel(operation: str, **fault: Any) -> Inject:
    return lambda stack, chance: channel_fault(stack, chance, operation, **fault)


# Every kind of fault by its name in the report. A run in which one of them never took effect proves nothing.
KINDS: dict[str, Inject] = {
    "worker killed during an upload": kill_during_upload,
    "worker killed during a download": kill_during_download,
    "worker killed during a turn": kill_during_turn,
    "API answers 500": _business(mode="fail"),
    "API answers 503": _business(mode="status", status=503),
    "API stalls": _business(mode="stall", seconds=_STALL_SECONDS),
    "API cuts the connection": _business(mode="cut"),
    "API stores the file and cuts": _business(mode="cut", handled=True),
    "API answers after the timeout": _business(mode="slow", seconds=_TOO_LATE_SECONDS, after_body=True),
    "channel answers 429": _channel("send", status=429, code=130429),
    "channel answers 503": _channel("send", status=503, code=131016),
    "channel sends and answers 503": _channel("send", status=503, code=131016, after=True),
    "channel cuts a download": _channel("download", cut=5_000),
    "flood of statuses": flood_of_statuses,
}


@dataclass
class FaultInjector:
    """Injects one fault after the other until it is stopped, first those kinds that have not taken effect yet."""

    stack: Stack
    seed: int
    pause: float  # seconds between two faults, at most
    injected: Counter[str] = field(default_factory=Counter)
    _stopped: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Inject in a thread while the block runs; afterwards no fault is planned any more."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.stop()
            thread.join()

    def stop(self) -> None:
        """Inject no further fault."""
        self._stopped.set()

    @property
    def missing(self) -> list[str]:
        """The kinds that have not taken effect yet."""
        return [kind for kind in KINDS if not self.injected[kind]]

    def _run(self) -> None:
        chance = random.Random(self.seed)  # noqa: S311  # nosec B311
        while not self._stopped.wait(chance.uniform(0, self.pause)):
            kind = chance.choice(self.missing or list(KINDS))
            self.injected[kind] += KINDS[kind](self.stack, chance)
        self.stack.business.delete("/api/faults").raise_for_status()
        self.stack.simulator.post("/handset/faults", json={}).raise_for_status()


def _workers_of_nodes(stack: Stack, need: str) -> list[psutil.Process]:
    """The workers of every node type with this need in its manifest."""
    types = [each.name for each in read_manifests(ROOT / "functions" / "nodes") if need in each.needs]
    return [worker for name in types for worker in stack.workers(name.replace("_", "-"))]


def _calls(worker: psutil.Process, port: int) -> bool:
    """Whether the process has a connection to this port. Each call of an integration has one of its own."""
    with contextlib.suppress(psutil.Error):
        return any(each.raddr and each.raddr.port == port for each in worker.net_connections("tcp"))
    return False


def _kill(workers: list[psutil.Process]) -> int:
    for worker in workers:
        with contextlib.suppress(psutil.NoSuchProcess):
            worker.kill()
    return len(workers)


def _wait(condition: Callable[[], bool]) -> bool:
    """Whether the condition came true in time."""
    until = time.monotonic() + _EFFECT_SECONDS
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
