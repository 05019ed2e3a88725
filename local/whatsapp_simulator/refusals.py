"""What Meta answers when it refuses: one error body, told apart by `code` and `details`.

Texts and codes follow Meta's error page and answers seen in public reports. HTTP status and title are not to be relied
on there, nor here: the code and the details are.
"""

from __future__ import annotations

import secrets
from typing import Any

TITLES = {
    100: "Invalid parameter",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131021: "Recipient cannot be sender",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131051: "Unsupported message type",
    131052: "Media download error",
    131053: "Media upload error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131057: "Account in maintenance mode",
}

# Refusals that Meta mostly makes after it accepted the message: they come as a `failed` status.
LATE_CODES = frozenset({131047, 131053})


class Refusal(Exception):
    """A request that Meta would refuse."""

    def __init__(
        self, code: int, details: str = "", *, status: int = 400, message: str = "", subcode: int = 0, kind: str = ""
    ) -> None:
        self.code = code
        self.details = details
        self.status = status
        self.subcode = subcode
        self.kind = kind or "OAuthException"
        self.message = message or f"(#{code}) {TITLES.get(code, 'Unknown error')}"
        super().__init__(f"{self.message}: {details}")

    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind, "code": self.code}
        if self.subcode:
            error["error_subcode"] = self.subcode
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        return {"error": error | {"fbtrace_id": "A" + secrets.token_urlsafe(16)}}

    def as_webhook_error(self) -> dict[str, Any]:
        """The same refusal as an element of `errors` in a webhook."""
        title = TITLES.get(self.code, "Unknown error")
        error: dict[str, Any] = {"code": self.code, "title": title, "message": title}
        if self.details:
            error["error_data"] = {"details": self.details}
        return error | {"href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"}


def bad_token() -> Refusal:
    return Refusal(190, status=401, message="Invalid OAuth access token - Cannot parse access token")


def no_such_object(method: str, object_id: str) -> Refusal:
    text = (
        f"Unsupported {method.lower()} request. Object with ID '{object_id}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api"
    )
    return Refusal(100, subcode=33, kind="GraphMethodException", message=text)


def invalid(text: str) -> Refusal:
    """A parameter that breaks the schema of the endpoint: the message itself says which."""
    return Refusal(100, text, message=f"(#100) {text}")


def required(param: str) -> Refusal:
    return invalid(f"The parameter {param} is required.")


def unexpected_key(key: str, param: str) -> Refusal:
    return invalid(f'Unexpected key "{key}" on param "{param}".')


def too_long(param: str, limit: int) -> Refusal:
    return invalid(f"Param {param} must be at most {limit} characters long.")


def bad_value(details: str) -> Refusal:
    return Refusal(131009, details)


def missing_value(details: str) -> Refusal:
    return Refusal(131008, details)
