"""Pagination: every list takes `?limit=&cursor=` and answers {"items": [...], "next": cursor or null}."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Final, Generic, TypeVar

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from management.http.model import Model
from management.http.problems import Problem, invalid_field

T = TypeVar("T")
DEFAULT_LIMIT: Final = 25
MAX_CURSOR: Final = 2048  # characters

Limit = Annotated[int, Query(ge=1, le=100, description="The maximum number of items.")]
Cursor = Annotated[
    str | None,
    Query(max_length=MAX_CURSOR, description="The `next` of the previous page; without it, the first page."),
]


class Page(Model, Generic[T]):
    """A part of a list."""

    items: list[T]
    next: str | None = Field(None, description="The cursor of the next page; null on the last page.")


def encode_cursor(**position: str) -> str:
    """The opaque cursor of a position in a list."""
    text = json.dumps(position, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, *fields: str) -> dict[str, str] | None:
    """The position in a cursor: exactly these fields, each a text. None for the first page.

    A caller can forge a cursor, so a position must never grant access to anything. Raises Problem (invalid-request).
    """
    if cursor is None:
        return None
    try:
        position = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        position = None
    if (
        not isinstance(position, dict)
        or set(position) != set(fields)
        or not all(isinstance(value, str) and value and value.isprintable() for value in position.values())
    ):
        raise invalid_cursor()
    return position


def invalid_cursor() -> Problem:
    """The problem that a cursor was not made for this list."""
    return invalid_field("query.cursor", "not a cursor of this list: leave it out for the first page")
