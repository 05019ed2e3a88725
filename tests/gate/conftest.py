"""A local stack of its own, on which a scanner looks at every file of a customer; the scanner can be silenced."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from local.business_api.client import Business
from local.description import Description
from local.stack import LocalStack
from local.whatsapp_simulator.phone import Phone
from tests.fakes.scanner import a_scanner


@dataclass
class Gate:
    """Stands before the scanner: while it is shut, whoever calls the scanner waits for an answer."""

    scanner: str
    listening: socket.socket

    def __post_init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.address = "{}:{}".format(*self.listening.getsockname())

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=self._join, args=self.listening.accept()[:1], daemon=True).start()

    def _join(self, caller: socket.socket) -> None:
        self.open.wait(300)
        host, port = self.scanner.split(":")
        with caller, socket.create_connection((host, int(port))) as scanner:
            back = threading.Thread(target=_pass, args=(scanner, caller), daemon=True)
            back.start()
            _pass(caller, scanner)
            back.join()


def _pass(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(65536):
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="session")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    with a_scanner(tmp_path_factory.mktemp("scanner")) as scanner, socket.create_server(("127.0.0.1", 0)) as listening:
        gate = Gate(scanner, listening)
        threading.Thread(target=gate.serve, daemon=True).start()
        yield gate


@pytest.fixture(scope="session")
def stack(gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Description]:
    context = {"malware_scanning": "clamav", "clamd": gate.address, "scan_seconds": "60"}
    local = LocalStack(tmp_path_factory.mktemp("stack"), context=context)
    try:
        yield local.up()
    finally:
        local.down()


@pytest.fixture
def phone(stack: Description) -> Phone:
    """A customer who never wrote before."""
    return Phone(stack.handset_url, str(49158_000_000_000 + time.time_ns() // 1_000_000 % 100_000_000))


@pytest.fixture
def business(stack: Description) -> Business:
    """The business's API, empty and well."""
    business = Business(stack.business_url, stack.claims_token)
    business.reset()
    return business


@pytest.fixture
def shut(gate: Gate) -> Iterator[Callable[[], Any]]:
    """Shuts the gate and opens it when the test is over."""
    yield gate.open.clear
    gate.open.set()
