"""The variables and the failure reason of an API call, the same for a node and for a trial."""

from __future__ import annotations

from typing import Any

from chatflow.errors import (
    AddressRefused,
    HostBusy,
    HostOpen,
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
# The most specific class first. A rejected file brings its own reason.
_REASONS: tuple[tuple[type[Failure], str], ...] = (
    (AddressRefused, "address"),
    (Refused, "refused"),
    (NotPublished, "refused"),
    (TooLarge, "too_large"),
    (TooSlow, "too_slow"),
    (InDoubt, "in_doubt"),
    (HostBusy, "busy"),
    (HostOpen, "open"),
    (Unavailable, "unavailable"),
)


def answer_variables(value: Any, save_as: str) -> dict[str, Any]:
    """The value of the answer under the name `save_as`; without one, each element of an object under its own name."""
    if save_as:
        return {save_as: value}
    if isinstance(value, dict):
        return {name: each for name, each in value.items() if VARIABLE.fullmatch(name)}
    return {}


def response_variable(name: str, status: int, reason: str, *, doubt: bool = False) -> dict[str, Any]:
    """The variable `<name>_response`: HTTP status (0: no answer) and failure reason. `name`: `save_as`, or the node.

    With `doubt`, the answer to some try was lost and none has settled it: the API may have acted.
    """
    return {f"{name}_response": {"status": status, "reason": reason, **({"in_doubt": True} if doubt else {})}}


def failure_reason(error: Failure) -> str:
    """One word for why a call failed."""
    if isinstance(error, MediaRejected):
        return error.reason
    return next(reason for kind, reason in _REASONS if isinstance(error, kind))
