"""What a forger has: secrets that are not the account's, and a clock that tells how much of a guess is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch


@contextmanager
def comparisons(*, equal: bool) -> Iterator[list[Any]]:
    """What is compared in constant time meanwhile; all of it counts as equal, or none of it."""
    compared: list[Any] = []

    def compare(one: Any, other: Any) -> bool:
        compared.append((one, other))
        return equal

    with patch("hmac.compare_digest", compare):
        yield compared


def other(secret: Mapping[str, Any]) -> dict[str, Any]:
    return {name: f"another-{value}" for name, value in secret.items()}


def emptied(secret: Mapping[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(secret, "")
