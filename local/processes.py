"""Child processes of the local stack: started in a group of their own, remembered in a pid file, ended whole."""

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

_END_GRACE = 10.0  # seconds between asking a group to end and killing it


class ProcessFailed(RuntimeError):
    """A part of the local stack ended, or did not become ready in time; the message shows the end of its log."""


def free_port() -> int:
    """A port that nobody listens on at this moment, for programs that cannot choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Part:
    """One program of the local stack: a Python module of ours, its log and its pid file in the stack's folder."""

    name: str
    module: str
    folder: Path

    @property
    def log(self) -> Path:
        """Where the program's output goes."""
        return self.folder / f"{self.name}.log"

    @property
    def _pid_file(self) -> Path:
        return self.folder / f"{self.name}.pid"

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start it in a process group of its own; a part left over from a killed stack is ended first."""
        self.end()
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", self.module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**essential_environment(), **(environment or {})},
            )
        self._pid_file.write_text(str(process.pid))
        return process

    def announcement(self, process: subprocess.Popen[bytes], within: float = 30.0) -> dict[str, Any]:
        """The one JSON line that our programs print when they serve; raises ProcessFailed after `within` seconds."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            for line in self.log.read_text(errors="replace").splitlines():
                with contextlib.suppress(ValueError):
                    said = json.loads(line)
                    if isinstance(said, dict) and "url" in said:
                        return said
            self.check(process)
            time.sleep(0.05)
        raise ProcessFailed(f"{self.name} did not say its address within {within:.0f} s.\n{self.last_words()}")

    def check(self, process: subprocess.Popen[bytes]) -> None:
        """Raise ProcessFailed when the program is no longer running."""
        if process.poll() is not None:
            raise ProcessFailed(f"{self.name} ended with code {process.returncode}.\n{self.last_words()}")

    def last_words(self, lines: int = 15) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def running(self) -> bool:
        """Whether the process of the pid file lives and is this program: a pid may have gone to somebody else."""
        pid = self._pid()
        return pid is not None and self.module in _command_of(pid)

    def end(self) -> None:
        """End the whole group, workers included, and forget it; harmless when nothing runs."""
        pid = self._pid()
        if pid is not None and self.module in _command_of(pid):
            _signal_group(pid, signal.SIGTERM)
            deadline = time.monotonic() + _END_GRACE
            while _group_lives(pid) and time.monotonic() < deadline:
                time.sleep(0.05)
            _signal_group(pid, signal.SIGKILL)
        self._pid_file.unlink(missing_ok=True)

    def _pid(self) -> int | None:
        try:
            return int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None


def essential_environment() -> dict[str, str]:
    """What a program needs of this shell's environment: no credentials, profiles or proxies reach the stack."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONUNBUFFERED": "1"}


def _command_of(pid: int) -> str:
    _reap(pid)
    shown = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False)
    return shown.stdout if "<defunct>" not in shown.stdout else ""


def _group_lives(group: int) -> bool:
    _reap(group)
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _reap(pid: int) -> None:
    # A child of this very process stays a zombie until it is waited for, and a zombie keeps its group alive.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _signal_group(group: int, sent: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, sent)
