"""Addresses of lofts. Pure."""

from __future__ import annotations

import re

from chatflow.errors import InvalidInput


def normalize_address(text: str) -> str:
    address = text.strip().lower()
    if not re.fullmatch(r"[a-z]{3,20}", address):
        raise InvalidInput("not the name of a loft")
    return address


def stored_spellings(address: str) -> tuple[str, ...]:
    return (address,)


def is_writable(_address: str) -> bool:
    return True
