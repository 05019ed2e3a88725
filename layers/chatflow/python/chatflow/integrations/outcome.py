"""What a call to a business's API sets and says, the same for a node and for whoever tries the call."""

from __future__ import annotations

from typing import Any

from chatflow.errors import (
    AddressRefused,
    InDoubt,
    MediaRejected,
    NotPublished,
    Refused,
    TooLarge,
    TooSlow,
    Unavailable,
)
from chatflow.templating import VARIABLE

Failure = Refused | NotPublished | Unavailable | InDoubt | TooLarge | MediaRejected
FAILURES: tuple[type[Failure], ...] = (Refused, NotPublished, Unavailable, InDoubt, TooLarge, MediaRejected)
# Most special first. A rejected file has a word of its own for what is wrong with it.
_REASONS: tuple[tuple[type[Failure], str], ...] = (
    (AddressRefused, "address"),
    (Refused, "refused"),
    (NotPublished, "refused"),
    (TooLarge, "too_large"),
    (TooSlow, "too_slow"),
    (InDoubt, "in_doubt"),
    (Unavailable, "unavailable"),
)


def kept(value: Any, save_as: str) -> dict[str, Any]:
    """What the answer held, under one name; or, where the author gave none, each of its elements under its own."""
    if save_as:
        return {save_as: value}
    if isinstance(value, dict):
        return {name: each for name, each in value.items() if VARIABLE.fullmatch(name)}
    return {}


def response(name: str, status: int, reason: str) -> dict[str, Any]:
    """How the call went; `name` is where its answer is kept, or else its node."""
    return {f"{name}_response": {"status": status, "reason": reason}}


def reason_of(error: Failure) -> str:
    """The word for why a call failed."""
    if isinstance(error, MediaRejected):
        return error.reason
    return next(reason for kind, reason in _REASONS if isinstance(error, kind))
