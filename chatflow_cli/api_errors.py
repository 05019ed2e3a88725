"""Converts the API's problem documents (RFC 9457) to exceptions, with an exit code and advice on what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatflow_cli.errors import CommandError, Conflict, NotAllowed, NotFound, Unavailable
from chatflow_cli.formatting import format_usage

if TYPE_CHECKING:
    import httpx

_ADVICE = {
    "unauthorized": "Log in: chatflow login",
    "forbidden": "Your role does not allow it; ask an admin for another. chatflow whoami tells which you have.",
    "edit-conflict": "Look at what it is now, then do it again.",
    "asset-in-use": "Say --force to do it all the same.",
    "flow-in-use": "Say --force to do it all the same; running sessions keep their version.",
    "integration-in-use": "Change those flows first.",
    "empties-flow": "Say --allow-empty if you mean it.",
    "session-running": "Say --replace to end the running session.",
    "unavailable": "Try again in a moment.",
}
_LISTED_MEMBERS = {"used_by": "Used by", "running": "Running sessions"}


class ValidationFailed(CommandError):
    """Validation refused a flow, the routes or an integration; `problems` are those of the problem document."""

    def __init__(self, title: str, detail: str, problems: list[dict[str, Any]], members: dict[str, Any]) -> None:
        super().__init__(title, detail, members=members)
        self.problems = problems


def error_from_response(response: httpx.Response) -> CommandError:
    """The exception for a response that is not a 2xx."""
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        document = {}
    status = response.status_code
    slug = str(document.get("type", "")).rpartition(":")[2]
    # API Gateway answers with `message` if it refuses a request before our function runs.
    title = str(document.get("title") or document.get("message") or response.reason_phrase or f"HTTP {status}")
    members = {**document, "status": status}
    detail = _detail(document, slug)
    if slug == "invalid-flow":
        return ValidationFailed(title, detail, list(document.get("problems", [])), members)
    return _error_class(status)(title, detail, _ADVICE.get(slug, _default_advice(status)), members=members)


def _error_class(status: int) -> type[CommandError]:
    if status in (401, 403):
        return NotAllowed
    if status == 404:
        return NotFound
    if status in (409, 412, 428):
        return Conflict
    return Unavailable if status >= 500 or status == 429 or status < 400 else CommandError


def _default_advice(status: int) -> str:
    slugs = {401: "unauthorized", 403: "forbidden", 429: "unavailable", 503: "unavailable"}
    return _ADVICE.get(slugs.get(status, ""), "")


def _detail(document: dict[str, Any], slug: str) -> str:
    errors = [error for error in document.get("errors") or [] if isinstance(error, dict)]
    lines = [f"{error.get('field') or 'request'}: {error.get('message', '')}" for error in errors]
    lines = lines or [str(document.get("detail") or "")]
    lines += [
        f"{label}: {format_usage(document[member])}"
        for member, label in _LISTED_MEMBERS.items()
        if document.get(member)
    ]
    if slug == "internal":
        lines.append(str(document.get("instance", "")))
    return "\n".join(line for line in lines if line)
