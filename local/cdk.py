"""Runs the real CDK command line, against the emulator instead of AWS."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

from local.emulator.serving import ACCOUNT, REGION, credentials
from local.fingerprints import ROOT

CLI = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"


class CdkFailed(RuntimeError):
    """A cdk command failed or took too long; the message ends with what it said last."""


class Cdk:
    """Commands with one log, of which any can be ended from another thread."""

    def __init__(self, folder: Path, endpoint: str = "") -> None:
        self._folder = folder
        self._endpoint = endpoint
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._ended = False

    def at(self, endpoint: str) -> None:
        """Name the emulator that commands talk to from now on."""
        self._endpoint = endpoint

    def run(self, name: str, *arguments: str, within: float, folder: Path = ROOT) -> None:
        """Run one command to its end; raises CdkFailed when it fails or takes longer than `within` seconds.

        In a folder without a cdk.json no app is synthesized first.
        """
        if not CLI.exists():
            raise CdkFailed("the CDK command line is not installed: run `make run`, or `npm ci`")
        log = self._folder / f"cdk-{name}.log"
        temporary = self._folder / "cdk-tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as out, self._lock:
            if self._ended:
                raise CdkFailed("the local stack is being ended")
            process = subprocess.Popen(
                ["node", str(CLI), *arguments],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=self._environment(temporary),
            )
            self._running.add(process)
        try:
            code = process.wait(within)
        except subprocess.TimeoutExpired:
            raise CdkFailed(f"cdk {name} took longer than {within:.0f} s.\n{_end_of(log)}") from None
        finally:
            _kill_group(process)
            self._running.discard(process)
        if code:
            raise CdkFailed(f"cdk {name} failed.\n{_end_of(log)}")

    def end(self) -> None:
        """End what runs and start nothing more: the way out when a person interrupts."""
        with self._lock:
            self._ended = True
            for process in list(self._running):
                _kill_group(process)

    def _environment(self, temporary: Path) -> dict[str, str]:
        # Synth builds the layers, so it needs whatever this machine's package installer is configured with.
        mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {
            **mine,
            **credentials(),
            "NO_PROXY": ",".join(filter(None, [mine.get("NO_PROXY", ""), "127.0.0.1"])),
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


def _end_of(log: Path, lines: int = 25) -> str:
    said = log.read_text(errors="replace").splitlines()
    # What went well, and what was undone after it, would push the reason out of sight.
    telling = [line for line in said if line.strip() and not re.search(r"_IN_PROGRESS|_COMPLETE|Node \d+ is end", line)]
    return "\n".join([*telling[-lines:], f"All of it: {log}"])
