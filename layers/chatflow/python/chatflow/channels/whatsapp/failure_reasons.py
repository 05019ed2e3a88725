"""Why WhatsApp did not deliver a message, in the words that are the same on every channel. Pure.

Meta names the reason by a code in the `failed` status (Meta: "Cloud API error codes").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatflow.messages import FailureReason

_CODES: Final[Mapping[FailureReason, tuple[int, ...]]] = {
    # no WhatsApp, an old app, terms not accepted; a user id that cannot be written to; not in the test list
    "unreachable": (131026, 131030, 131062, 133010),
    # more than 24 hours since the customer's last message; no template for it
    "window_closed": (131047, 470),
    # the file could not be fetched or processed
    "file": (131052, 131053),
    # rates of app, account, number and pair; spam; marketing messages of one person; an experiment of Meta
    "limit": (4, 80007, 130429, 130472, 131048, 131049, 131056),
    # the account may not send: policy, country, lock, payment, display name, registration
    "account": (0, 10, 190, 368, 130497, 131005, 131031, 131037, 131042, 131045),
    # Meta is down, or the number is being moved
    "unavailable": (1, 2, 131000, 131016, 131057),
    # the message itself
    "content": (33, 100, 131008, 131009, 131021, 131051, 132000, 132001, 132005, 132007, 132012, 132015, 132016),
}
_REASONS: Final[Mapping[int, FailureReason]] = {code: reason for reason, codes in _CODES.items() for code in codes}


def failure_reason(code: int | None) -> FailureReason:
    """The reason that a code stands for, `unknown` for a code that is not listed here, and without one."""
    return _REASONS.get(code, "unknown") if code is not None else "unknown"
