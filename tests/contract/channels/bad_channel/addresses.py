"""Takes everything for an address, makes another one of it each time, and knows no stored_spellings."""

from __future__ import annotations


def normalize_address(text: str) -> str:
    return f"{text}!"
