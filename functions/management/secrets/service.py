"""Secrets of the business, as those who set them see them."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from management.dependencies import Dependencies
from management.http.pagination import Page, decode_cursor, encode_cursor
from management.http.problems import Problem, invalid_field
from management.http.times import rfc3339

Head = TypeVar("Head", bound=BaseModel)


def listed(dependencies: Dependencies, model: type[Head], limit: int, at: str | None) -> Page[Head]:
    """A page of names."""
    place = decode_cursor(at, "token")
    try:
        found, token = dependencies.secrets.page(limit, place["token"] if place else "")
    except ValueError:
        raise invalid_field("query.cursor", "not a cursor of this list: leave it out for the first page") from None
    users: dict[str, list[str]] = {}
    for integration, uses in sorted(dependencies.published_index.uses("integration").items()):
        for name in uses.get("secrets", ()):
            users.setdefault(name, []).append(integration)
    items = [model(name=name, updated_at=rfc3339(at), used_by=users.get(name, [])) for name, at in found]
    return Page[model](items=items, next=encode_cursor(token=token) if token else None)  # type: ignore[valid-type]


def keep(dependencies: Dependencies, name: str, value: str) -> None:
    """Raises Problem (invalid-request) for what no HTTP header and no JSON could carry."""
    if "\x00" in value or not value.strip():
        raise invalid_field("body.value", "a secret is a text that is not blank, and holds no NUL")
    dependencies.secrets.put(name, value)


def delete(dependencies: Dependencies, name: str) -> None:
    """Raises Problem (not-found)."""
    if not dependencies.secrets.delete(name):
        raise Problem("not-found", f'there is no secret "{name}"')
