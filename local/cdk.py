"""Runs the CDK command line against the emulator instead of AWS."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

from local.emulator.client import ACCOUNT, REGION, credentials

ROOT = Path(__file__).resolve().parents[1]
CLI = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"


class CdkFailed(RuntimeError):
    """A cdk command failed or exceeded its time limit; the message ends with its last output."""


class Cdk:
    """Runs cdk commands, each with its own log; another thread can stop all of them."""

    def __init__(self, folder: Path, endpoint: str = "") -> None:
        self._folder = folder
        self._endpoint = endpoint
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def set_endpoint(self, endpoint: str) -> None:
        """Set the emulator's address for all following commands."""
        self._endpoint = endpoint

    def run(self, name: str, *arguments: str, within: float, folder: Path = ROOT) -> None:
        """Run one command; raises CdkFailed when it fails or takes longer than `within` seconds.

        In a folder without a cdk.json, cdk does not synthesize the app first.
        """
        if not CLI.exists():
            raise CdkFailed("the CDK command line is not installed: run `make run`, or `npm ci`")
        log = self._folder / f"cdk-{name}.log"
        temporary = self._folder / "cdk-tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output, self._lock:
            if self._stopped:
                raise CdkFailed("the local stack is being ended")
            process = subprocess.Popen(
                ["node", str(CLI), *arguments],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=self._environment(temporary),
            )
            self._running.add(process)
        try:
            code = process.wait(within)
        except subprocess.TimeoutExpired:
            raise CdkFailed(f"cdk {name} took longer than {within:.0f} s.\n{_log_tail(log)}") from None
        finally:
            _kill_group(process)
            self._running.discard(process)
        if code:
            raise CdkFailed(f"cdk {name} failed.\n{_log_tail(log)}")

    def stop(self) -> None:
        """Kill all running commands and refuse new ones, for example after a Ctrl-C."""
        with self._lock:
            self._stopped = True
            for process in list(self._running):
                _kill_group(process)

    def _environment(self, temporary: Path) -> dict[str, str]:
        # Synth builds the layers, so it needs the configuration of this machine's package installer.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {
            **inherited,
            **credentials(),
            "NO_PROXY": ",".join(filter(None, [inherited.get("NO_PROXY", ""), "127.0.0.1"])),
            "AWS_ENDPOINT_URL": self._endpoint,
            "CDK_DEFAULT_ACCOUNT": ACCOUNT,
            "CDK_DEFAULT_REGION": REGION,
            "CDK_HOME": str(self._folder / "cdk-home"),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CI": "true",  # no progress bar: bootstrap takes 10 s instead of 36
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
            "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
            "TMPDIR": str(temporary),
            "VIRTUAL_ENV": sys.prefix,
        }


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _log_tail(log: Path, count: int = 25) -> str:
    lines = log.read_text(errors="replace").splitlines()
    # Progress and rollback events would hide the reason of the failure.
    noise = re.compile(r"_IN_PROGRESS|_COMPLETE|Node \d+ is end")
    relevant = [line for line in lines if line.strip() and not noise.search(line)]
    return "\n".join([*relevant[-count:], f"Complete log: {log}"])
