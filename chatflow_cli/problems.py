"""Problem documents (RFC 9457) as failures: what the API says, the exit code, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatflow_cli.exits import Conflict, Failure, NotFound, NotLoggedIn, Unavailable
from chatflow_cli.wording import users

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
_LISTED = {"used_by": "Used by", "running": "Running sessions"}


class InvalidFlow(Failure):
    """A flow that validation refuses; `problems` are as the validator says them."""

    def __init__(self, title: str, detail: str, problems: list[dict[str, Any]], members: dict[str, Any]) -> None:
        super().__init__(title, detail, members=members)
        self.problems = problems


def failure_of(response: httpx.Response) -> Failure:
    """What an answer other than a 2xx says."""
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        document = {}
    status = response.status_code
    slug = str(document.get("type", "")).rpartition(":")[2]
    # API Gateway answers with a message of its own where the API itself was never asked.
    title = str(document.get("title") or document.get("message") or response.reason_phrase or f"HTTP {status}")
    members = {**document, "status": status}
    detail = _detail(document, slug)
    if slug == "invalid-flow":
        return InvalidFlow(title, detail, list(document.get("problems", [])), members)
    return _kind(status)(title, detail, _ADVICE.get(slug, _by_status(status)), members=members)


def _kind(status: int) -> type[Failure]:
    if status in (401, 403):
        return NotLoggedIn
    if status == 404:
        return NotFound
    if status in (409, 412, 428):
        return Conflict
    return Unavailable if status >= 500 or status == 429 or status < 400 else Failure


def _by_status(status: int) -> str:
    slugs = {401: "unauthorized", 403: "forbidden", 429: "unavailable", 503: "unavailable"}
    return _ADVICE.get(slugs.get(status, ""), "")


def _detail(document: dict[str, Any], slug: str) -> str:
    errors = [each for each in document.get("errors") or [] if isinstance(each, dict)]
    lines = [f"{each.get('field') or 'request'}: {each.get('message', '')}" for each in errors]
    lines = lines or [str(document.get("detail") or "")]
    lines += [f"{words}: {users(document[member])}" for member, words in _LISTED.items() if document.get(member)]
    if slug == "internal":
        lines.append(str(document.get("instance", "")))
    return "\n".join(line for line in lines if line)
