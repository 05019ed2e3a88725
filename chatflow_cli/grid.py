"""Rows and columns for a terminal of any width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import JustifyMethod
    from rich.table import Table

_LEGIBLE = 12  # characters: a column is not made narrower for the sake of the others
_GAP = 2


class Grid:
    """What stands in a table. A title that begins with ">" sets its column to the right, with "=" keeps it whole.

    The first column, which people copy from, is whole, too. A column in which nothing stands is left out.
    """

    def __init__(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        used = [place for place in range(len(titles)) if any(row[place] for row in rows)]
        self._titles = [titles[place] for place in used]
        self.rows = [[row[place] for place in used] for row in rows]

    @property
    def titles(self) -> list[str]:
        return [title.lstrip(">=") for title in self._titles]

    @property
    def narrowest(self) -> int:
        """The width in which it is still legible."""
        from rich.cells import cell_len

        widths = []
        for place, title in enumerate(self.titles):
            natural = max(cell_len(text) for text in (title, *(row[place] for row in self.rows)))
            widths.append(natural if self._whole(place) else min(natural, _LEGIBLE))
        return sum(widths) + _GAP * (len(widths) - 1)

    def table(self) -> Table:
        from rich.text import Text

        table = plain_table()
        for place, title in enumerate(self.titles):
            side: JustifyMethod = "right" if self._titles[place].startswith(">") else "left"
            table.add_column(title, justify=side, overflow="fold", no_wrap=self._whole(place))
        for row in self.rows:
            table.add_row(*(Text(cell) for cell in row))
        return table

    def _whole(self, place: int) -> bool:
        return place == 0 or self._titles[place][:1] in (">", "=")


def plain_table(*, header: bool = True) -> Table:
    """Nothing but blanks between the columns."""
    from rich.table import Table

    return Table(box=None, show_header=header, header_style="bold", padding=(0, _GAP, 0, 0), pad_edge=False)
