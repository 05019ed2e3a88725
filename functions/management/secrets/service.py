"""Secrets of the business through the API: list their names, set and delete them. No operation reads a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from management.http.pagination import Page, decode_cursor, encode_cursor, invalid_cursor
from management.http.problems import Problem, invalid_field
from management.http.times import rfc3339
from management.secrets.models import SecretHead

if TYPE_CHECKING:
    from management.dependencies import Dependencies


def list_secrets(dependencies: Dependencies, limit: int, cursor: str | None) -> Page[SecretHead]:
    """A page of secrets, each with the live integrations that send it. Raises Problem (invalid-request)."""
    position = decode_cursor(cursor, "token")
    try:
        secrets, token = dependencies.secrets.page(limit, position["token"] if position else "")
    except ValueError:
        raise invalid_cursor() from None
    integrations: dict[str, list[str]] = {}
    for integration, uses in sorted(dependencies.published_index.uses("integration").items()):
        for name in uses.get("secrets", ()):
            integrations.setdefault(name, []).append(integration)
    items = [
        SecretHead(name=name, updated_at=rfc3339(changed_at), used_by=integrations.get(name, []))
        for name, changed_at in secrets
    ]
    return Page(items=items, next=encode_cursor(token=token) if token else None)


def put(dependencies: Dependencies, name: str, value: str) -> None:
    """Set a secret. Raises Problem (invalid-request) for a value that no HTTP header and no JSON could carry."""
    if "\x00" in value or not value.strip():
        raise invalid_field("body.value", "a secret is a text that is not blank, and holds no NUL")
    dependencies.secrets.put(name, value)


def delete(dependencies: Dependencies, name: str) -> None:
    """Delete a secret. Raises Problem (not-found)."""
    if not dependencies.secrets.delete(name):
        raise Problem("not-found", f'there is no secret "{name}"')
