"""Formats values for people: times, sizes, lists. Control characters in foreign text never reach the terminal."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

# Control, format (text direction), surrogate, private use, line and paragraph separators.
_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_SAFE_CHARACTERS = {"\n", "\u200d"}  # the second joins the parts of one emoji


def printable(value: Any) -> str:
    """Escape every character that would control the terminal: `\\x1b`, and `\\u202e` for a direction mark."""
    text = "" if value is None else str(value)
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        if character in _SAFE_CHARACTERS or unicodedata.category(character) not in _UNSAFE_CATEGORIES
        else _escape(character)
        for character in text
    )


def one_line(value: Any) -> str:
    """Printable text in which each run of white space is one blank: for a cell of a table."""
    return " ".join(printable(value).split())


def _escape(character: str) -> str:
    return "\t" if character == "\t" else character.encode("unicode_escape", "backslashreplace").decode()


def format_time(value: Any) -> str:
    """A time from the API in this machine's time zone; anything that is not a time stays as it is."""
    if not isinstance(value, str) or not value:
        return printable(value)
    try:
        return datetime.fromisoformat(value).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return printable(value)


def format_size(value: Any) -> str:
    """A number of bytes with its unit. A kB is 1024 bytes, as everywhere in Chatflow (decision record 0005)."""
    if not isinstance(value, (int, float)):
        return ""
    if value < 1024:
        return f"{value:.0f} B"
    unit, value = ("kB", value / 1024) if value < 1024**2 else ("MB", value / 1024**2)
    return f"{value:.1f} {unit}" if value < 100 else f"{value:.0f} {unit}"


def format_list(values: Any) -> str:
    """Values separated by commas; a string stays whole."""
    return one_line(values) if isinstance(values, str) or values is None else ", ".join(map(one_line, values))


def format_pairs(values: Any) -> str:
    """Names with their values: "flow photo, version 2"."""
    if not isinstance(values, dict):
        return ""
    return format_list([f"{name} {one_line(value)}" for name, value in values.items()])


def format_usage(users: Any) -> str:
    """The API's `used_by`: names, or flows with the nodes that use the thing: "photo (leaflet, again)"."""
    if not isinstance(users, list):
        return one_line(users)
    return format_list(
        f"{user['flow']} ({format_list(user['nodes'])})" if isinstance(user, dict) else str(user) for user in users
    )


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
