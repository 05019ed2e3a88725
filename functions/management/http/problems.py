"""The errors of the API: problem documents (RFC 9457), each with a slug that never changes.

`type` is `urn:chatflow:problem:<slug>`; docs/management-api.md lists the slugs. A detail never contains a secret, a
contact's address or the text of an unexpected error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from chatflow.errors import ChatflowError, InvalidInput, NotPublished, Refused, TooLarge, Unavailable

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True)
class ProblemType:
    """The HTTP status and the title of all problems with one slug."""

    status: int
    title: str


PROBLEM_TYPES: Final[dict[str, ProblemType]] = {
    "unauthorized": ProblemType(401, "You are not signed in"),
    "forbidden": ProblemType(403, "Your role does not allow this"),
    "not-found": ProblemType(404, "There is no such thing"),
    "conflict": ProblemType(409, "This does not fit the state of things"),
    "asset-in-use": ProblemType(409, "Flows use this asset"),
    "flow-in-use": ProblemType(409, "Sessions run on this flow"),
    "integration-in-use": ProblemType(409, "Flows use this integration"),
    "empties-flow": ProblemType(409, "An empty flow would replace one with nodes"),
    "in-progress": ProblemType(409, "The same request is being carried out"),
    "outside-window": ProblemType(409, "The channel allows no message to this contact now"),
    "session-running": ProblemType(409, "A session is running"),
    "session-not-running": ProblemType(409, "No session is running"),
    "session-unreadable": ProblemType(409, "The session cannot be read"),
    "session-not-paused": ProblemType(409, "The session is not paused"),
    "not-held": ProblemType(409, "No call is held"),
    "stale-letter": ProblemType(409, "The session has moved on since"),
    "not-live": ProblemType(409, "This is not live"),
    "edit-conflict": ProblemType(412, "Someone else changed this meanwhile"),
    "too-large": ProblemType(413, "This is too large"),
    "unsupported-content": ProblemType(415, "This content type is not understood here"),
    "invalid-request": ProblemType(422, "The request is not valid"),
    "invalid-flow": ProblemType(422, "The flow is not valid"),
    "idempotency-key-reused": ProblemType(422, "This Idempotency-Key stood on another request"),
    "precondition-required": ProblemType(428, "Say which state you saw"),
    "internal": ProblemType(500, "Something went wrong here"),
    "unavailable": ProblemType(503, "Something that is needed does not answer"),
}


class Problem(Exception):
    """An error that the API answers as a problem document. `members` are additional members of that slug."""

    def __init__(self, slug: str, detail: str, **members: Any) -> None:
        super().__init__(f"{slug}: {detail}")
        self.slug = slug
        self.detail = detail
        self.members = members

    @property
    def status(self) -> int:
        return PROBLEM_TYPES[self.slug].status

    def document(self, request_id: str) -> dict[str, Any]:
        """The problem document. `request_id` identifies the request in the function's log."""
        return {
            "type": f"urn:chatflow:problem:{self.slug}",
            "title": PROBLEM_TYPES[self.slug].title,
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:chatflow:request:{request_id}",
            **self.members,
        }


def invalid_field(field: str, message: str) -> Problem:
    """The problem (invalid-request) that one field of the request is wrong. `field` is dotted: "body.name"."""
    return invalid_fields([{"field": field, "message": message}])


def invalid_fields(errors: Sequence[dict[str, str]]) -> Problem:
    """The problem (invalid-request) of one or more fields; each error has `field` and `message`."""
    first = f"{errors[0]['field']}: {errors[0]['message']}" if errors else "the request cannot be understood"
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return Problem("invalid-request", first + more, errors=list(errors))


def from_error(error: ChatflowError) -> Problem:
    """The problem that an error of `chatflow.errors` is answered as."""
    if isinstance(error, NotPublished):
        return Problem("not-found", str(error))
    if isinstance(error, TooLarge):
        return Problem("too-large", str(error))
    if isinstance(error, InvalidInput):
        return invalid_field("body", error.user_message or str(error))
    if isinstance(error, Unavailable):
        return Problem("unavailable", str(error))
    if isinstance(error, Refused):
        return Problem("conflict", str(error))
    return Problem("internal", "The log knows this request by its instance.")
