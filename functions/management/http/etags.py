"""Optimistic concurrency with ETag and If-Match (RFC 9110, 13.1): a change names the revision that was read."""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header

from management.http.problems import Problem, invalid_field

T = TypeVar("T")

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description='The `ETag` that was read, for example `"r12"`: without it 428, outdated 412.',
    ),
]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="`*` creates the resource: 412 if it exists.")
]


def etag(revision: int) -> str:
    """The value of the header ETag for a revision: `"r12"`, with its quotes."""
    return f'"r{revision}"'


def response_with_etag(body: T, revision: int) -> Response[T]:
    """A successful response (200) that carries the revision of what was read or written."""
    return Response(200, content_type="application/json", body=body, headers={"ETag": etag(revision)})


def required_revision(if_match: str | None) -> int:
    """The revision in If-Match. Raises Problem (precondition-required, invalid-request)."""
    revision = optional_revision(if_match)
    if revision is None:
        raise Problem("precondition-required", "read it first, and send its ETag back as If-Match")
    return revision


def replaced_revision(if_match: str | None, if_none_match: str | None) -> int | None:
    """The revision that a PUT replaces, None if it creates. Raises Problem (precondition-required, invalid-request)."""
    return None if (if_none_match or "").strip() == "*" else required_revision(if_match)


def optional_revision(if_match: str | None) -> int | None:
    """The revision in If-Match, None without that header. Raises Problem (invalid-request)."""
    if not if_match:
        return None
    found = re.fullmatch(r'(?:W/)?"?r([0-9]{1,15})"?', if_match.strip())
    if found is None:
        raise invalid_field("header.If-Match", 'an ETag as it was read, for example "r12"')
    return int(found[1])


def require_revision(expected: int | None, current: int) -> None:
    """Raises Problem (edit-conflict) if the caller expects another revision; None expects none."""
    if expected is not None and expected != current:
        raise edit_conflict(current)


def edit_conflict(current: int | None = None) -> Problem:
    """The problem that someone else changed the resource; `current` is its present revision where it is known."""
    members = {} if current is None else {"etag": etag(current)}
    return Problem("edit-conflict", "it was changed since you read it: read it again", **members)
