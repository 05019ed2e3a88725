"""A row for every change: written before it begins, completed when it is done. A crash in between shows as "began"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from aws_lambda_powertools import Logger

from management.audit.store import Outcome, Row
from management.dependencies import Dependencies
from management.http.auth import Caller

logger = Logger(service="chatflow", use_rfc3339=True)
_mentioned: ContextVar[dict[str, Any]] = ContextVar("mentioned")

Answer = dict[str, Any]


def add_audit_facts(**facts: str | int) -> None:
    """Add to the row of the change that is being made: names and versions, never a secret or a contact's address."""
    _mentioned.get({}).update(facts)


def audited(
    dependencies: Dependencies,
    change: Callable[[], Answer],
    *,
    caller: Caller,
    operation: str,
    target: Mapping[str, str],
    request_id: str,
) -> Answer:
    """Make the change, with its row around it. `target`: what the path names."""
    facts: dict[str, Any] = {}
    _mentioned.set(facts)
    row = Row.begun(dependencies.clock(), request_id, caller.name, operation, dict(target))
    dependencies.audit.write(row)
    answered = change()
    status = answered["statusCode"]
    outcome: Outcome = "done" if status < 400 else "refused" if status < 500 else "failed"
    try:
        dependencies.audit.complete(row, outcome, status, facts)
    except Exception:
        # The change is made: whoever asked for it must hear so. Its row stays "began", and the log says why.
        logger.exception("audit row not completed", extra={"at": row.at})
    return answered
