"""What a command shows: one JSON document for machines, or tables and lines for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chatflow_cli.exits import Failure
from chatflow_cli.grid import Grid, plain_table
from chatflow_cli.wording import one_line, visible

if TYPE_CHECKING:
    from rich.console import Console

_UNBROKEN = 10_000  # columns: what is not a terminal gets its lines whole, for grep and awk

# A column: its title, as `chatflow_cli.grid` reads it, and the cell of a row.
Columns = Mapping[str, Callable[[Any], str]]


class Screen:
    """Results go to stdout, everything said about them to stderr; colour and movement only on a terminal."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    @cached_property
    def out(self) -> Console:
        return _console(sys.stdout)

    @cached_property
    def err(self) -> Console:
        return _console(sys.stderr)

    def result(self, data: Any, view: Callable[[Any], None]) -> None:
        """The one result of a command: as it is for machines, through `view` for people."""
        if self.as_json:
            sys.stdout.write(json.dumps(data, indent=2 if sys.stdout.isatty() else None) + "\n")
        else:
            view(data)
        sys.stdout.flush()

    def row(self, data: Any, view: Callable[[Any], None]) -> None:
        """One of many results that come over time: one JSON document a line for machines."""
        if self.as_json:
            sys.stdout.write(json.dumps(data) + "\n")
        else:
            view(data)
        sys.stdout.flush()

    def table(self, rows: Iterable[Any], columns: Columns, empty: str = "Nothing.") -> None:
        """A row each, or a paragraph each where the terminal is too narrow; what is empty everywhere is left out."""
        cells = [[one_line(cell(row)) for cell in columns.values()] for row in rows]
        if not cells:
            self.say(empty, style="dim")
            return
        grid = Grid(list(columns), cells)
        if grid.narrowest <= self.out.width:
            self.out.print(grid.table())
            return
        for row in grid.rows:
            self.say(row[0], style="bold")
            self.facts([(f"  {title}", cell) for title, cell in zip(grid.titles[1:], row[1:], strict=True)])

    def facts(self, facts: Mapping[str, Any] | Sequence[tuple[str, Any]]) -> None:
        """Names and values, one a line; what is empty is left out."""
        table = plain_table(header=False)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in dict(facts).items():
            if value not in (None, "", [], {}):
                table.add_row(name, _text(visible(value)))
        self.out.print(table)

    def say(self, text: str, *, style: str = "") -> None:
        """A line of the result; words of others are shown as they are."""
        self.out.print(_text(visible(text), style), soft_wrap=True)

    def note(self, text: str, *, style: str = "") -> None:
        """Something beside the result: on stderr, and not for machines."""
        if not self.as_json:
            self.err.print(_text(visible(text), style), soft_wrap=True)

    def failed(self, failure: Failure) -> None:
        """Why the command ended: to people on stderr, to machines as a document on stdout."""
        if self.as_json:
            sys.stdout.write(json.dumps({"error": failure.to_json()}) + "\n")
            sys.stdout.flush()
            return
        self.err.print(_text(visible(failure.title), "bold red"), soft_wrap=True)
        for text, style in ((failure.detail, ""), (failure.advice, "cyan")):
            if text and text != failure.title:
                self.err.print(_text(visible(text), style), soft_wrap=True)

    @contextmanager
    def progress(self, title: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar over `total` bytes that is told how many more are done; nothing where nobody watches."""
        if self.as_json or not self.err.is_terminal:
            yield lambda _: None
            return
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        title_column = TextColumn("{task.description}", markup=False)
        with Progress(title_column, BarColumn(), DownloadColumn(), TransferSpeedColumn(), console=self.err) as progress:
            task = progress.add_task(one_line(title), total=total)
            yield lambda more: progress.advance(task, more)

    @contextmanager
    def patience(self, title: str) -> Iterator[None]:
        """Says that something is waited for, while it is."""
        if self.as_json or not self.err.is_terminal:
            yield
            return
        with self.err.status(_text(one_line(title))):
            yield


def _console(stream: Any) -> Console:
    from rich.console import Console

    watched = stream.isatty()
    return Console(file=stream, highlight=False, markup=False, emoji=False, width=None if watched else _UNBROKEN)


def _text(text: str, style: str = "") -> Any:
    from rich.text import Text

    return Text(text, style=style)
