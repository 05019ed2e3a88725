"""The audit: every change leaves a row, written before the change begins and completed when it is done. So does
every reading of what a customer sent, written before the content is given out.

A crash in between leaves the row with the outcome "began".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools import Logger

from management.audit.models import Change
from management.audit.store import AuditResult, AuditRow, Position
from management.http.auth import Caller
from management.http.pagination import Page, decode_cursor, encode_cursor, invalid_cursor
from management.http.times import rfc3339

if TYPE_CHECKING:
    from management.dependencies import Dependencies

_DEFAULT_PERIOD: Final = 31 * 86400  # seconds

logger = Logger(service="chatflow", use_rfc3339=True)
_facts: ContextVar[dict[str, Any]] = ContextVar("facts")

LambdaResponse = dict[str, Any]


def add_audit_facts(**facts: str | int) -> None:
    """Add facts to the row of the current change: names and versions, never a secret or a contact's address."""
    _facts.get({}).update(facts)


def audited(
    dependencies: Dependencies,
    change: Callable[[], LambdaResponse],
    *,
    caller: Caller,
    operation: str,
    target: Mapping[str, str],
    request_id: str,
) -> LambdaResponse:
    """Make the change and record it. `target`: the path parameters.

    A change whose row cannot be written is not made: the store's error is raised instead.
    """
    facts: dict[str, Any] = {}
    _facts.set(facts)
    row = AuditRow.begun(dependencies.clock(), request_id, caller.name, operation, dict(target))
    dependencies.audit.write(row)
    response = change()
    status = response["statusCode"]
    outcome: AuditResult = "done" if status < 400 else "refused" if status < 500 else "failed"
    try:
        dependencies.audit.complete(row, outcome, status, facts)
    except Exception:
        # The change is made, so the caller must get its response. The row stays "began", and the log says why.
        logger.exception("audit row not completed", extra={"at": row.at})
    return response


def recorded(
    dependencies: Dependencies,
    read: Callable[[], LambdaResponse],
    *,
    caller: Caller,
    operation: str,
    target: Mapping[str, str],
    request_id: str,
) -> LambdaResponse:
    """Read what a customer sent, and record who read what and when: never the content.

    A response whose row cannot be written is not given out: the store's error is raised instead. A request that was
    refused showed nothing, and leaves no row.
    """
    facts: dict[str, Any] = {}
    _facts.set(facts)
    response = read()
    if response["statusCode"] < 400:
        row = AuditRow.begun(dependencies.clock(), request_id, caller.name, operation, dict(target))
        dependencies.audit.write(replace(row, outcome="done", status=response["statusCode"], facts=facts))
    return response


def list_changes(
    dependencies: Dependencies, *, since: float | None, user: str, limit: int, cursor: str | None
) -> Page[Change]:
    """A page of changes, the newest first. `since`: seconds since the epoch; without it, the last 31 days.

    `user`: only the changes of this user, "" for those of all. Raises Problem (invalid-request).
    """
    now = dependencies.clock()
    after = rfc3339(since if since is not None else now - _DEFAULT_PERIOD).rstrip("Z")
    given = decode_cursor(cursor, "month", "at")
    position = Position.parse(given["month"], given["at"]) if given else Position.newest(now)
    if position is None:
        raise invalid_cursor()
    rows, following = dependencies.audit.page(position, since=after, who=user, limit=limit)
    next_cursor = encode_cursor(month=following.month, at=following.at) if following else None
    return Page(items=[_to_change(row) for row in rows], next=next_cursor)


def _to_change(row: AuditRow) -> Change:
    return Change(
        at=row.at,
        who=row.who,
        operation=row.operation,
        target=dict(row.target),
        outcome=row.outcome,
        status=row.status or None,
        facts=dict(row.facts),
        request=row.request,
    )
