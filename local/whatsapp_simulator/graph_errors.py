"""The errors with which Meta's Graph API refuses a request.

Texts and codes follow Meta's error page and answers seen in public reports. Meta does not guarantee the HTTP status and
the title; `code` and `details` identify an error, so only these two are reliable here as well.
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

# Meta mostly reports these errors after it accepted the message, as a `failed` status.
LATE_CODES = frozenset({131047, 131053})


class GraphError(Exception):
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
        """The JSON body of the HTTP response."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind, "code": self.code}
        if self.subcode:
            error["error_subcode"] = self.subcode
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        return {"error": error | {"fbtrace_id": "A" + secrets.token_urlsafe(16)}}

    def as_webhook_error(self) -> dict[str, Any]:
        """The same error as an element of `errors` in a webhook."""
        title = TITLES.get(self.code, "Unknown error")
        error: dict[str, Any] = {"code": self.code, "title": title, "message": title}
        if self.details:
            error["error_data"] = {"details": self.details}
        return error | {"href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"}


def invalid_token() -> GraphError:
    return GraphError(190, status=401, message="Invalid OAuth access token - Cannot parse access token")


def no_such_object(method: str, object_id: str) -> GraphError:
    text = (
        f"Unsupported {method.lower()} request. Object with ID '{object_id}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api"
    )
    return GraphError(100, subcode=33, kind="GraphMethodException", message=text)


def invalid_parameter(text: str) -> GraphError:
    """A parameter violates the schema of the endpoint; the message names it."""
    return GraphError(100, text, message=f"(#100) {text}")


def missing_parameter(param: str) -> GraphError:
    return invalid_parameter(f"The parameter {param} is required.")


def unexpected_key(key: str, param: str) -> GraphError:
    return invalid_parameter(f'Unexpected key "{key}" on param "{param}".')


def too_long(param: str, limit: int) -> GraphError:
    return invalid_parameter(f"Param {param} must be at most {limit} characters long.")


def invalid_value(details: str) -> GraphError:
    return GraphError(131009, details)


def missing_value(details: str) -> GraphError:
    return GraphError(131008, details)
