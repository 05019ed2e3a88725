"""Two people at once: whoever changes something says which revision they saw (RFC 9110, 13.1)."""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header

from management.http.problems import Problem, invalid

T = TypeVar("T")

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", description='The `ETag` that was read, for example `"r12"`: without it 428, outdated 412.'
    ),
]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="`*` creates: 412 when there is one already.")
]


def etag(revision: int) -> str:
    """The tag of a revision."""
    return f'"r{revision}"'


def tagged(body: T, revision: int, status: int = 200) -> Response[T]:
    """An answer that tells its revision: what handlers return that read or write something with revisions."""
    return Response(status_code=status, content_type="application/json", body=body, headers={"ETag": etag(revision)})


def required(if_match: str | None) -> int:
    """The revision that the caller saw. Raises Problem (precondition-required, invalid-request)."""
    revision = given(if_match)
    if revision is None:
        raise Problem("precondition-required", "read it first, and send its ETag back as If-Match")
    return revision


def seen_or_none(if_match: str | None, if_none_match: str | None) -> int | None:
    """The revision that a PUT replaces, None when it creates. Raises Problem (precondition-required)."""
    return None if (if_none_match or "").strip() == "*" else required(if_match)


def given(if_match: str | None) -> int | None:
    """The revision that the caller saw, if the caller says. Raises Problem (invalid-request)."""
    if not if_match:
        return None
    found = re.fullmatch(r'(?:W/)?"?r([0-9]{1,15})"?', if_match.strip())
    if found is None:
        raise invalid("header.If-Match", 'an ETag as it was read, for example "r12"')
    return int(found[1])


def must_be(seen: int | None, now: int) -> None:
    """Raises Problem (edit-conflict) when the caller saw another revision than there is now; None demands nothing."""
    if seen is not None and seen != now:
        raise conflict(now)


def conflict(now: int | None = None) -> Problem:
    """Someone else was quicker; `now` is the present revision where it is known."""
    members = {} if now is None else {"etag": etag(now)}
    return Problem("edit-conflict", "it was changed since you read it: read it again", **members)
