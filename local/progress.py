"""Shows the steps of a start while they run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text


@dataclass
class Step:
    """One step; `detail` is shown beside it."""

    title: str
    detail: str = ""
    started: float = 0.0  # time.monotonic()
    seconds: float | None = None  # None while it runs
    failed: bool = False


class Progress(Protocol):
    """Shows steps. Steps may overlap, each in its own thread."""

    def step(self, title: str) -> AbstractContextManager[Step]: ...


class NoProgress:
    """Shows nothing: for tests."""

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        yield Step(title)


class TerminalProgress:
    """Shows steps with a spinner and their seconds; without a terminal, one line after each step."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._steps: list[Step] = []
        self._spinner = Spinner("dots", style="cyan")
        self._live = Live(get_renderable=self._table, console=console, refresh_per_second=12, transient=False)

    def __enter__(self) -> TerminalProgress:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.stop()

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        step = Step(title, started=time.monotonic())
        self._steps.append(step)
        try:
            yield step
        except BaseException:
            step.failed = True
            raise
        finally:
            step.seconds = time.monotonic() - step.started
            if not self._console.is_terminal:
                result = "failed" if step.failed else "ok"
                self._console.print(
                    f"{title:<34} {step.seconds:5.1f} s  {result}  {step.detail}".rstrip(), soft_wrap=True
                )

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=2)
        table.add_column(min_width=30)
        table.add_column(justify="right", min_width=7)
        table.add_column(style="dim", no_wrap=True, overflow="ellipsis")
        for step in self._steps:
            seconds = time.monotonic() - step.started if step.seconds is None else step.seconds
            if step.seconds is None:
                mark: Text | Spinner = self._spinner
            else:
                mark = Text("✗", style="bold red") if step.failed else Text("✓", style="bold green")
            table.add_row(mark, step.title, f"{seconds:.1f} s", step.detail)
        return table
