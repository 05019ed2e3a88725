"""Background processes of the local stack: each has its own process group, log and pid file, and is stopped whole."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_STOP_GRACE = 10.0  # seconds between SIGTERM and SIGKILL


class ProcessFailed(RuntimeError):
    """A process of the local stack ended, or was not ready in time; the message contains the end of its log."""


def free_port() -> int:
    """A port that is free at this moment, for programs that cannot choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class BackgroundProcess:
    """One program of the local stack: a Python module of ours, its log and its pid file in the stack's folder."""

    name: str
    module: str
    folder: Path

    @property
    def log(self) -> Path:
        """The file with the program's output."""
        return self.folder / f"{self.name}.log"

    @property
    def _pid_file(self) -> Path:
        return self.folder / f"{self.name}.pid"

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start it in its own process group; a process left over from a killed stack is stopped first."""
        self.stop()
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            started = subprocess.Popen(
                [sys.executable, "-m", self.module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**essential_environment(), **(environment or {})},
            )
        self._pid_file.write_text(str(started.pid))
        return started

    def wait_for_address(self, started: subprocess.Popen[bytes], within: float = 30.0) -> dict[str, Any]:
        """The JSON line that our programs print when they serve; it contains at least `url`.

        Raises ProcessFailed when the line is not in the log `within` seconds.
        """
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            for line in self.log.read_text(errors="replace").splitlines():
                with contextlib.suppress(ValueError):
                    parsed = json.loads(line)
                    if isinstance(parsed, dict) and "url" in parsed:
                        return parsed
            self.check(started)
            time.sleep(0.05)
        raise ProcessFailed(f"{self.name} did not report its address within {within:.0f} s.\n{self.log_tail()}")

    def check(self, started: subprocess.Popen[bytes]) -> None:
        """Raise ProcessFailed when the program is no longer running."""
        if started.poll() is not None:
            raise ProcessFailed(f"{self.name} ended with code {started.returncode}.\n{self.log_tail()}")

    def log_tail(self, lines: int = 15) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def is_running(self) -> bool:
        """Whether the process of the pid file runs this program; the pid may have been reused by another program."""
        pid = self.pid
        return pid is not None and self.module in _command_of(pid)

    def stop(self) -> None:
        """Stop the whole group, workers included, and remove the pid file; does nothing when nothing runs."""
        pid = self.pid
        if pid is not None and self.module in _command_of(pid):
            _signal_group(pid, signal.SIGTERM)
            deadline = time.monotonic() + _STOP_GRACE
            while _is_group_running(pid) and time.monotonic() < deadline:
                time.sleep(0.05)
            _signal_group(pid, signal.SIGKILL)
        self._pid_file.unlink(missing_ok=True)

    @property
    def pid(self) -> int | None:
        """The process of the pid file, None without one."""
        try:
            return int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None


def essential_environment() -> dict[str, str]:
    """The variables of this shell that a program needs. Credentials, profiles and proxies do not reach the stack."""
    names = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
    return {name: os.environ[name] for name in names if name in os.environ} | {"PYTHONUNBUFFERED": "1"}


def _command_of(pid: int) -> str:
    _reap(pid)
    listed = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False)
    return listed.stdout if "<defunct>" not in listed.stdout else ""


def _is_group_running(group: int) -> bool:
    _reap(group)
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _reap(pid: int) -> None:
    # A child of this process stays a zombie until it is waited for, and a zombie keeps its group alive.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
