"""A row for every change: written before it begins, completed when it is done. A crash in between shows as "began"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from chatflow.adapters.audit import Row
from management.callers import Caller
from management.world import World

_mentioned: ContextVar[dict[str, Any]] = ContextVar("mentioned")

Answer = dict[str, Any]


def mention(**facts: str | int) -> None:
    """Add to the row of the change that is being made: names and versions, never a secret or a contact's address."""
    _mentioned.get({}).update(facts)


def audited(
    change: Callable[[], Answer],
    *,
    world: World,
    who: Caller,
    operation: str,
    target: Mapping[str, str],
    request: str,
) -> Answer:
    """Make the change, with its row around it. `target`: what the path names."""
    facts: dict[str, Any] = {}
    _mentioned.set(facts)
    row = Row.begun(world.clock(), request, who.name, operation, dict(target))
    world.audit.write(row)
    answered = change()
    status = answered["statusCode"]
    outcome = "done" if status < 400 else "refused" if status < 500 else "failed"
    world.audit.complete(row, outcome, status, facts)
    return answered
