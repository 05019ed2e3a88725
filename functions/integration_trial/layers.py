"""A text with its escapes taken off, one layer after the other, and where each character stood. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

MOST = 5  # layers: a text that was escaped more often than that by accident has not been seen
_TAIL = "%[89abAB][0-9a-fA-F]"
_ESCAPE = re.compile(
    rf"%[c-dC-D][0-9a-fA-F]{_TAIL}|%[eE][0-9a-fA-F](?:{_TAIL}){{2}}|%[fF][0-7](?:{_TAIL}){{3}}|%[0-9a-fA-F]{{2}}"
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\[^ux]"
    r"|&(?:\#[0-9]{1,10}|\#[xX][0-9a-fA-F]{1,8}|[A-Za-z]{2,8});",
    re.DOTALL,
)
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def layers(text: str) -> Iterator[tuple[str, list[int]]]:
    """The text itself, then without its outermost escapes, and so on: each with the places of its characters in
    `text`, and of its end."""
    places = list(range(len(text) + 1))
    yield text, places
    for _ in range(MOST):
        text, places, changed = _taken_off(text, places)
        if not changed:
            return
        yield text, places


def _taken_off(text: str, places: list[int]) -> tuple[str, list[int], bool]:
    kept: list[str] = []
    stood: list[int] = []
    at = 0
    for found in _ESCAPE.finditer(text):
        character = _character(found[0])
        if len(character) != 1:
            continue
        kept += [text[at : found.start()], character]
        stood += places[at : found.start() + 1]
        at = found.end()
    kept.append(text[at:])
    stood += places[at:]
    return "".join(kept), stood, at > 0


def _character(escape: str) -> str:
    if escape[0] == "%":
        return unquote(escape, errors="replace")
    if escape[0] == "&":
        return html.unescape(escape)
    if escape[1] in "ux":
        units = [int(unit, 16) for unit in re.findall(r"\\[ux]([0-9a-fA-F]+)", escape)]
        return b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be", "replace")
    return _SHORT.get(escape[1], escape[1])
