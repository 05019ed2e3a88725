"""Lists: `?limit=&cursor=` gives {"items": [...], "next": cursor or null}, everywhere."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Final, Generic, TypeVar

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, Field

from management.http.problems import invalid

T = TypeVar("T")
DEFAULT_LIMIT: Final = 25
_MOST_CHARACTERS: Final = 2048

Limit = Annotated[int, Query(ge=1, le=100, description="The most items to answer with.")]
Cursor = Annotated[
    str | None,
    Query(max_length=_MOST_CHARACTERS, description="The `next` of the page before; without it, the first page."),
]


class Page(BaseModel, Generic[T]):
    """A part of a list."""

    items: list[T]
    next: str | None = Field(None, description="The cursor of the next page; null when this is the last.")


def cursor(**position: str) -> str:
    """An opaque text for where a list goes on."""
    text = json.dumps(position, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position(cursor: str | None, *fields: str) -> dict[str, str] | None:
    """Where to go on: exactly these fields, each a text; None for the first page. Raises Problem (invalid-request).

    A caller can write a cursor of its own: what is in it is a place to go on from, never a permission to read.
    """
    if cursor is None:
        return None
    try:
        found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        found = None
    if (
        not isinstance(found, dict)
        or set(found) != set(fields)
        or not all(isinstance(value, str) and value and value.isprintable() for value in found.values())
    ):
        raise invalid("query.cursor", "not a cursor of this list: leave it out for the first page")
    return found
