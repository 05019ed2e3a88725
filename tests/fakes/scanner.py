"""A malware scanner on this machine: the real clamd where it is installed, else one that speaks its protocol.

Both know one thing only, the EICAR test file (eicar.org): harmless, and made for this. It is put together when it is
needed, since a scanner that watches over this folder would take the file away that holds it.
"""

from __future__ import annotations

import os
import socket
import socketserver
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.programs import program

CLAMD = program("clamd")
LONGEST = 20 * 1024 * 1024  # bytes that either takes


def eicar() -> bytes:
    """The test file."""
    halves = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}", "$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*")
    return "".join(halves).encode()


@contextmanager
def real_clamd(folder: Path) -> Iterator[str]:
    """Yields host:port of a clamd whose only signature is that of the test file."""
    assert CLAMD is not None
    database = folder / "database"
    database.mkdir(parents=True)
    (database / "own.ndb").write_text(f"Eicar-Test-Signature:0:*:{eicar().hex()}\n")
    port = _free_port()
    settings = {
        "DatabaseDirectory": database,
        "LogFile": folder / "clamd.log",
        "TCPSocket": port,
        "TCPAddr": "127.0.0.1",
        "Foreground": "yes",
        "StreamMaxLength": f"{LONGEST // 1024 // 1024}M",
        "AlertExceedsMax": "yes",
        "TemporaryDirectory": folder,
    }
    if os.geteuid() == 0:
        settings["User"] = "root"
    file = folder / "clamd.conf"
    file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    process = subprocess.Popen(
        [CLAMD, "--config-file", str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while not _answers(port):
            assert process.poll() is None, (folder / "clamd.log").read_text()
            assert time.monotonic() < deadline, "clamd did not begin to listen"
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def fake_clamd() -> Iterator[str]:
    """Yields host:port of a server that answers INSTREAM as clamd does, by searching for the test file's bytes."""

    class Answers(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.read(len(b"zINSTREAM\0"))
            data = b""
            while length := struct.unpack("!L", self.rfile.read(4))[0]:
                data += self.rfile.read(length)
                if len(data) > LONGEST:
                    self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                    return
            found = b"Eicar-Test-Signature FOUND" if eicar() in data else b"OK"
            self.wfile.write(b"stream: " + found + b"\0")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield "{}:{}".format(*server.server_address)
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def a_scanner(folder: Path) -> Iterator[str]:
    """The real one where it is installed."""
    with real_clamd(folder) if CLAMD else fake_clamd() as address:
        yield address


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as probe:
            probe.sendall(b"zPING\0")
            return probe.recv(16) == b"PONG\0"
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
