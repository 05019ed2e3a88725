"""A program at a terminal of its own: what it shows, and keys for it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable

COMMAND = [sys.executable, "-m", "chatflow_cli"]


class Terminal:
    """A program at a terminal: what it shows, and keys for it."""

    def __init__(self, *words: str, columns: int = 100) -> None:
        self.shown = ""
        self._main, beside = pty.openpty()
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": "40"}
        self.process = subprocess.Popen(
            [*COMMAND, *words], stdin=beside, stdout=beside, stderr=beside, env=environment, start_new_session=True
        )
        os.close(beside)

    def type(self, keys: str) -> None:
        os.write(self._main, keys.encode())

    def until(self, seen: Callable[[str], bool], within: float = 30.0) -> str:
        """What was shown until this was true, or the program ended."""
        deadline = time.monotonic() + within
        while not seen(self.shown):
            assert time.monotonic() < deadline, self.shown
            ready, _, _ = select.select([self._main], [], [], 0.1)
            if ready:
                try:
                    data = os.read(self._main, 65536)
                except OSError:
                    data = b""
                if not data:
                    break
                self.shown += data.decode(errors="replace")
        return self.shown

    def ended(self) -> int:
        self.until(lambda _: False)
        os.close(self._main)
        return self.process.wait(30)
