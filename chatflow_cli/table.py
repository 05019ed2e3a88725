"""Lays out a table for a terminal of any width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import JustifyMethod
    from rich.table import Table as RichTable

_MINIMUM_COLUMN = 12  # characters: a wrapping column is never made narrower
_GAP = 2


class Table:
    """Rows and columns. A title that begins with ">" aligns its column right, one with "=" forbids it to wrap.

    A right-aligned column does not wrap either, nor does the first, which people copy from. Empty columns are dropped.
    """

    def __init__(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        used = [column for column in range(len(titles)) if any(row[column] for row in rows)]
        self._titles = [titles[column] for column in used]
        self.rows = [[row[column] for column in used] for row in rows]

    @property
    def titles(self) -> list[str]:
        return [title.lstrip(">=") for title in self._titles]

    @property
    def minimum_width(self) -> int:
        """The number of characters in a line below which the table is not legible."""
        from rich.cells import cell_len

        widths = []
        for column, title in enumerate(self.titles):
            natural = max(cell_len(text) for text in (title, *(row[column] for row in self.rows)))
            widths.append(natural if self._never_wraps(column) else min(natural, _MINIMUM_COLUMN))
        return sum(widths) + _GAP * (len(widths) - 1)

    def to_rich(self) -> RichTable:
        from rich.text import Text

        table = borderless_table()
        for column, title in enumerate(self.titles):
            justify: JustifyMethod = "right" if self._titles[column].startswith(">") else "left"
            table.add_column(title, justify=justify, overflow="fold", no_wrap=self._never_wraps(column))
        for row in self.rows:
            table.add_row(*(Text(cell) for cell in row))
        return table

    def _never_wraps(self, column: int) -> bool:
        return column == 0 or self._titles[column][:1] in (">", "=")


def borderless_table(*, header: bool = True) -> RichTable:
    """An empty table with only blanks between its columns."""
    from rich.table import Table as RichTable

    return RichTable(box=None, show_header=header, header_style="bold", padding=(0, _GAP, 0, 0), pad_edge=False)
