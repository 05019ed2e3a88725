"""The emulator as a background process, with its own temporary folder that is removed when it stops."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from local.emulator.client import credentials
from local.processes import BackgroundProcess, ProcessFailed, free_port


def default_environments() -> int:
    """The default maximum of processes per function. Functions mostly wait, and each process takes 60 MB."""
    return min(16, max(4, 2 * (os.cpu_count() or 2)))


@dataclass(frozen=True)
class Emulator:
    """The emulator of one stack folder. `environments` is the maximum of processes per function."""

    folder: Path
    environments: int = field(default_factory=default_environments)
    iam: bool = True

    @property
    def _process(self) -> BackgroundProcess:
        return BackgroundProcess("emulator", "local.emulator", self.folder)

    @property
    def _temporary(self) -> Path:
        return self.folder / "emulator-tmp"

    def start(self, within: float = 30.0) -> str:
        """Serve on a free loopback port; returns the endpoint's URL, or raises ProcessFailed after `within` seconds."""
        self.stop()
        self._temporary.mkdir(parents=True)
        function_log = self.folder / "functions.log"
        function_log.unlink(missing_ok=True)
        port = free_port()
        started = self._process.start(
            "--port",
            str(port),
            "--environments",
            str(self.environments),
            *(["--iam"] if self.iam else []),
            "--function-log",
            str(function_log),
            # Files that the emulator and its workers leave behind are removed with this folder.
            environment={**credentials(), "TMPDIR": str(self._temporary)},
        )
        self._wait_until_healthy(started, port, within)
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """Stop it and its workers, and remove its temporary folder."""
        self._process.stop()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def is_running(self) -> bool:
        return self._process.is_running()

    @property
    def pid(self) -> int | None:
        """The emulator's process; the workers of all Lambda functions are its children. None when it does not run."""
        return self._process.pid if self.is_running() else None

    def _wait_until_healthy(self, started: subprocess.Popen[bytes], port: int, within: float) -> None:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            self._process.check(started)
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                connection.request("GET", "/_ministack/health")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.05)
        raise ProcessFailed(f"the emulator was not ready within {within:.0f} s.\n{self._process.log_tail()}")
