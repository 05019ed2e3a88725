"""Starts and stops one emulator, with a temporary folder of its own that goes when it goes."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from local.processes import Part, ProcessFailed, free_port

ACCOUNT = "000000000000"
REGION = "us-east-1"


def credentials() -> dict[str, str]:
    """Environment for any AWS client that should talk to the emulator; the key id chooses the account."""
    return {
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def default_environments() -> int:
    """Processes per function, at most: functions wait more than they compute, and each process takes 60 MB."""
    return min(16, max(4, 2 * (os.cpu_count() or 2)))


@dataclass(frozen=True)
class Emulator:
    """The emulator of one stack folder."""

    folder: Path
    environments: int = field(default_factory=default_environments)
    iam: bool = True

    @property
    def _part(self) -> Part:
        return Part("emulator", "local.emulator", self.folder)

    @property
    def _temporary(self) -> Path:
        return self.folder / "emulator-tmp"

    def start(self, within: float = 30.0) -> str:
        """Serve on a free loopback port; returns the endpoint's URL, or raises ProcessFailed after `within` seconds."""
        self.stop()
        self._temporary.mkdir(parents=True)
        log = self.folder / "functions.log"
        log.unlink(missing_ok=True)
        port = free_port()
        # Whatever the emulator and its workers leave in their temporary folder goes with it.
        process = self._part.start(
            "--port",
            str(port),
            "--environments",
            str(self.environments),
            *(["--iam"] if self.iam else []),
            "--function-log",
            str(log),
            environment={**credentials(), "TMPDIR": str(self._temporary)},
        )
        self._await_ready(process, port, within)
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """End it and its workers, and remove its temporary folder."""
        self._part.end()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def running(self) -> bool:
        """Whether it runs."""
        return self._part.running()

    def _await_ready(self, process: subprocess.Popen[bytes], port: int, within: float) -> None:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            self._part.check(process)
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                connection.request("GET", "/_ministack/health")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.05)
        raise ProcessFailed(f"the emulator was not ready within {within:.0f} s.\n{self._part.last_words()}")
