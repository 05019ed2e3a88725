"""What an operation says about itself, next to its code: the OpenAPI document and the API itself go by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from management.http.auth import Role


def documented(
    *,
    role: Role,
    summary: str,
    description: str = "",
    problems: Sequence[str] = (),
    status: int = 200,
    changes: bool = True,
    etag: bool = False,
    body: dict[str, Any] | None = None,
    answers: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The arguments for `@router.get(...)` and its siblings.

    `problems`: the slugs that it answers besides those that every operation may. `changes` False: a POST that changes
    nothing, so that the audit has no row for it (a GET never has one). `etag`: its answers tell their revision.
    `body`: the content of a request body that the handler reads by itself, {media type: {"schema": ...}}. `answers`:
    further content of its success, in the same form, besides what its return type says.
    """
    about: dict[str, Any] = {
        "x-role": role,
        "x-problems": list(problems),
        "x-changes": changes,
        "x-etag": etag,
        "x-answers": answers or {},
    }
    if body:
        about["x-body"] = body
    return {
        "summary": summary,
        "description": description or None,
        "status_code": status,
        "openapi_extensions": about,
    }
