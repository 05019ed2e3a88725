"""How values are written for people. Words of others never steer the terminal."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

_STEERING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # control, direction, half a character, private use, line breaks
_KEPT = {"\n", "\u200d"}  # the second joins the parts of one emoji


def visible(value: Any) -> str:
    """Text that a terminal only shows: what would steer it stands there as `\\x1b`, direction marks as `\\u202e`."""
    text = "" if value is None else str(value)
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        each if each in _KEPT or unicodedata.category(each) not in _STEERING else _escaped(each) for each in text
    )


def one_line(value: Any) -> str:
    """For a cell of a table."""
    return " ".join(visible(value).split())


def _escaped(character: str) -> str:
    return "\t" if character == "\t" else character.encode("unicode_escape", "backslashreplace").decode()


def when(value: Any) -> str:
    """A time of the API in this machine's time zone; what is no time stays as it is."""
    if not isinstance(value, str) or not value:
        return visible(value)
    try:
        return datetime.fromisoformat(value).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return visible(value)


def size(value: Any) -> str:
    """Bytes for people, by 1024 as everywhere in Chatflow."""
    if not isinstance(value, (int, float)):
        return ""
    if value < 1024:
        return f"{value:.0f} B"
    unit, value = ("kB", value / 1024) if value < 1024**2 else ("MB", value / 1024**2)
    return f"{value:.1f} {unit}" if value < 100 else f"{value:.0f} {unit}"


def listing(values: Any) -> str:
    """Names one after the other."""
    return one_line(values) if isinstance(values, str) or values is None else ", ".join(map(one_line, values))


def pairs(values: Any) -> str:
    """Names with their values: "flow photo, version 2"."""
    return listing([f"{name} {one_line(value)}" for name, value in values.items()]) if isinstance(values, dict) else ""


def users(those: Any) -> str:
    """Who uses something: names, or flows with the nodes in them that do."""
    if not isinstance(those, list):
        return one_line(those)
    return listing(
        f"{each['flow']} ({listing(each['nodes'])})" if isinstance(each, dict) else str(each) for each in those
    )


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
