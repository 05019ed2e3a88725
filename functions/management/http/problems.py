"""What the API answers when it cannot do as asked: problem documents (RFC 9457), each with a slug that stays.

`type` is `urn:chatflow:problem:<slug>`; docs/management-api.md lists them. A detail never holds a secret, a contact's
address or anything of an unexpected error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from chatflow.errors import ChatflowError, InvalidInput, NotPublished, Refused, TooLarge, Unavailable

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """One kind of problem."""

    status: int
    title: str


KINDS: Final[dict[str, Kind]] = {
    "unauthorized": Kind(401, "You are not signed in"),
    "forbidden": Kind(403, "Your role does not allow this"),
    "not-found": Kind(404, "There is no such thing"),
    "conflict": Kind(409, "This does not fit the state of things"),
    "asset-in-use": Kind(409, "Flows use this asset"),
    "flow-in-use": Kind(409, "Sessions run on this flow"),
    "integration-in-use": Kind(409, "Flows use this integration"),
    "empties-flow": Kind(409, "An empty flow would replace one with nodes"),
    "in-progress": Kind(409, "The same request is being carried out"),
    "outside-window": Kind(409, "The channel allows no message to this contact now"),
    "session-running": Kind(409, "A session is running"),
    "session-not-running": Kind(409, "No session is running"),
    "stale-letter": Kind(409, "The session has moved on since"),
    "not-live": Kind(409, "This is not live"),
    "edit-conflict": Kind(412, "Someone else changed this meanwhile"),
    "too-large": Kind(413, "This is too large"),
    "unsupported-content": Kind(415, "This content type is not understood here"),
    "invalid-request": Kind(422, "The request is not valid"),
    "invalid-flow": Kind(422, "The flow is not valid"),
    "idempotency-key-reused": Kind(422, "This Idempotency-Key stood on another request"),
    "precondition-required": Kind(428, "Say which state you saw"),
    "internal": Kind(500, "Something went wrong here"),
    "unavailable": Kind(503, "Something that is needed does not answer"),
}


class Problem(Exception):
    """Raised anywhere below the API, answered as a problem document. `members` are the slug's own."""

    def __init__(self, slug: str, detail: str, **members: Any) -> None:
        super().__init__(f"{slug}: {detail}")
        self.slug = slug
        self.detail = detail
        self.members = members

    @property
    def status(self) -> int:
        return KINDS[self.slug].status

    def document(self, request: str) -> dict[str, Any]:
        """The body to answer with; `request` is the id that the log knows the request by."""
        return {
            "type": f"urn:chatflow:problem:{self.slug}",
            "title": KINDS[self.slug].title,
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:chatflow:request:{request}",
            **self.members,
        }


def invalid(field: str, message: str) -> Problem:
    """One field of the request is wrong."""
    return invalid_fields([{"field": field, "message": message}])


def invalid_fields(errors: Sequence[dict[str, str]]) -> Problem:
    """Several fields are; each error has `field` (dotted, "body.name") and `message`."""
    first = f"{errors[0]['field']}: {errors[0]['message']}" if errors else "the request cannot be understood"
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return Problem("invalid-request", first + more, errors=list(errors))


def of_error(error: ChatflowError) -> Problem:
    """What an error of our own tree comes to."""
    if isinstance(error, NotPublished):
        return Problem("not-found", str(error))
    if isinstance(error, TooLarge):
        return Problem("too-large", str(error))
    if isinstance(error, InvalidInput):
        return invalid("body", error.user_message or str(error))
    if isinstance(error, Unavailable):
        return Problem("unavailable", str(error))
    if isinstance(error, Refused):
        return Problem("conflict", str(error))
    return Problem("internal", "The log knows this request by its instance.")
