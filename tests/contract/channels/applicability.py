"""To which channels a clause applies: to all, or to those with or without capabilities.

What a channel requests of the deployment counts as a capability here.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import TypeVar

from chatflow.channels.manifest import CAPABILITIES, INFRASTRUCTURE

_Clause = TypeVar("_Clause", bound=Callable[..., None])
_CONDITIONS: dict[str, Callable[[Set[str]], bool]] = {}


def only_with(capability: str) -> Callable[[_Clause], _Clause]:
    """A clause for channels that have this capability."""
    return _under(lambda capabilities: capability in capabilities, capability)


def only_without(*absent: str) -> Callable[[_Clause], _Clause]:
    """A clause for channels that have none of these capabilities."""
    return _under(lambda capabilities: not capabilities & set(absent), *absent)


def applies(clause: Callable[..., None], capabilities: Set[str]) -> bool:
    condition = _CONDITIONS.get(clause.__name__)
    return condition is None or condition(capabilities)


def _under(condition: Callable[[Set[str]], bool], *named: str) -> Callable[[_Clause], _Clause]:
    assert set(named) <= CAPABILITIES.keys() | INFRASTRUCTURE.keys(), f"{named} are no capabilities"

    def mark(clause: _Clause) -> _Clause:
        _CONDITIONS[clause.__name__] = condition
        return clause

    return mark
