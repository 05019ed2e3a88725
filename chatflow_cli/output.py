"""Writes a command's results: one JSON document for scripts, or tables and lines for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chatflow_cli.errors import CommandError
from chatflow_cli.formatting import one_line, printable
from chatflow_cli.table import Table, borderless_table

if TYPE_CHECKING:
    from rich.console import Console

_UNWRAPPED_WIDTH = 10_000  # columns: a pipe or file gets whole lines, for grep and awk

# The columns of a table: each title (with the markers of `chatflow_cli.table`), and how to get its cell from a row.
Columns = Mapping[str, Callable[[Any], str]]


class Output:
    """Results go to stdout, notes and errors to stderr. Colour and progress appear on a terminal only."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    @cached_property
    def out(self) -> Console:
        return _console(sys.stdout)

    @cached_property
    def err(self) -> Console:
        return _console(sys.stderr)

    def result(self, data: Any, view: Callable[[Any], None]) -> None:
        """Write the single result of a command: as JSON, or through `view` for people."""
        if self.as_json:
            sys.stdout.write(json.dumps(data, indent=2 if sys.stdout.isatty() else None) + "\n")
        else:
            view(data)
        sys.stdout.flush()

    def stream_item(self, data: Any, view: Callable[[Any], None]) -> None:
        """Write one of many results that arrive over time: as one JSON document a line, or through `view`."""
        if self.as_json:
            sys.stdout.write(json.dumps(data) + "\n")
        else:
            view(data)
        sys.stdout.flush()

    def table(self, rows: Iterable[Any], columns: Columns, empty: str = "Nothing.") -> None:
        """Print a table, or one paragraph per row if the terminal is too narrow. Empty columns are dropped."""
        cells = [[one_line(cell(row)) for cell in columns.values()] for row in rows]
        if not cells:
            self.print(empty, style="dim")
            return
        table = Table(list(columns), cells)
        if table.minimum_width <= self.out.width:
            self.out.print(table.to_rich())
            return
        for row in table.rows:
            self.print(row[0], style="bold")
            self.fields([(f"  {title}", cell) for title, cell in zip(table.titles[1:], row[1:], strict=True)])

    def fields(self, fields: Mapping[str, Any] | Sequence[tuple[str, Any]]) -> None:
        """Print names and values, one pair a line; empty values are dropped."""
        table = borderless_table(header=False)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in dict(fields).items():
            if value not in (None, "", [], {}):
                table.add_row(name, _text(printable(value)))
        self.out.print(table)

    def print(self, text: str, *, style: str = "") -> None:
        """Print a line of the result. Markup in foreign text is not interpreted."""
        self.out.print(_text(printable(text), style), soft_wrap=True)

    def note(self, text: str, *, style: str = "") -> None:
        """Print a remark beside the result: on stderr, and not with `--json`."""
        if not self.as_json:
            self.err.print(_text(printable(text), style), soft_wrap=True)

    def error(self, error: CommandError) -> None:
        """Report why the command ended: for people on stderr, with `--json` as a document on stdout."""
        if self.as_json:
            sys.stdout.write(json.dumps({"error": error.to_json()}) + "\n")
            sys.stdout.flush()
            return
        self.err.print(_text(printable(error.title), "bold red"), soft_wrap=True)
        for text, style in ((error.detail, ""), (error.advice, "cyan")):
            if text and text != error.title:
                self.err.print(_text(printable(text), style), soft_wrap=True)

    @contextmanager
    def progress_bar(self, title: str, total: int) -> Iterator[Callable[[int], None]]:
        """Show progress over `total` bytes; the yielded function takes the number of further bytes done.

        Nothing is shown without a terminal or with `--json`.
        """
        if self.as_json or not self.err.is_terminal:
            yield lambda _: None
            return
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        title_column = TextColumn("{task.description}", markup=False)
        with Progress(title_column, BarColumn(), DownloadColumn(), TransferSpeedColumn(), console=self.err) as progress:
            task = progress.add_task(one_line(title), total=total)
            yield lambda more: progress.advance(task, more)

    @contextmanager
    def spinner(self, title: str) -> Iterator[None]:
        """Show that the command is waiting. Nothing is shown without a terminal or with `--json`."""
        if self.as_json or not self.err.is_terminal:
            yield
            return
        with self.err.status(_text(one_line(title))):
            yield


def _console(stream: Any) -> Console:
    from rich.console import Console

    width = None if stream.isatty() else _UNWRAPPED_WIDTH
    return Console(file=stream, highlight=False, markup=False, emoji=False, width=width)


def _text(text: str, style: str = "") -> Any:
    from rich.text import Text

    return Text(text, style=style)
