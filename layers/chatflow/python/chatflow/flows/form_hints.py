"""Hints for editors in the JSON Schema of a node type: how a field is filled in, and what the card of a node shows.

JSON Schema ignores unknown keywords, so that the hints change nothing about what is valid.
"""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

WIDGET: Final = "x-widget"
CARD: Final = "x-card"

Widget = Literal[
    "text",  # several lines, with [[variables]]
    "template",  # one line, with [[variables]]
    "variable",  # the name under which a value is kept
    "file",  # a variable that holds a file
    "asset",  # a file of the asset library
    "integration",
    "parameters",  # values for the parameters of the chosen integration
    "pattern",  # a regular expression, which can be tried on samples
    "duration",
    "node",  # where to go next
    "kinds",  # one or several of a few words
]
WIDGETS: Final[tuple[str, ...]] = get_args(Widget)


def hint(widget: Widget | None = None, *, card: bool = False) -> dict[str, Any]:
    """The `json_schema_extra` of a field. Without a widget, the type of the field decides on its form field."""
    return {**({WIDGET: widget} if widget else {}), **({CARD: True} if card else {})}
