"""Cutting a text into pieces that WhatsApp takes, where a reader would pause. Pure."""

from __future__ import annotations

_BORDERS = ("\n\n", "\n", " ")


def length(text: str) -> int:
    """UTF-16 units: no page says how Meta counts, and this is the largest of the usual ways."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int) -> list[str]:
    """The text in order, each piece at most `limit` long (2 or more); only blanks at the cuts are lost."""
    pieces = []
    rest = text.strip()
    while length(rest) > limit:
        cut = _cut(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def _cut(text: str, limit: int) -> int:
    """Where to cut: after a paragraph, else a line, else a word, unless that would leave less than half a piece."""
    most = limit
    while (excess := length(text[:most]) - limit) > 0:
        most -= (excess + 1) // 2
    for border in _BORDERS:
        found = text.rfind(border, 0, most + 1)
        if found >= most // 2:
            return found
    return most
