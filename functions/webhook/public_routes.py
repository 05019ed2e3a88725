"""Answers what a channel requests of the deployment: the files of its page, and its own public routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chatflow.channels import manifest
from chatflow.channels.public_routes import RouteAnswer, RouteRequest
from chatflow.errors import BadSignature, InvalidInput, NotConnected

# The kinds of file that a page may consist of. A file of another kind is not served.
MIME_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
# A page runs its own scripts only, calls this deployment only, and no other site may frame it.
_POLICY: Final = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'"
_SAFE: Final[Mapping[str, str]] = {
    "content-security-policy": _POLICY,
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
}
_PAGE_SECONDS: Final = 300  # for which a browser may keep a file of a page


@dataclass(frozen=True)
class PublicAnswer:
    """The answer to a request. `problem` is for the log: a word, never a part of the request."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    problem: str = ""


def page_file(channel: str, file: str) -> PublicAnswer:
    """A file of the channel's page; 404 for a channel without a page and for a file that it does not consist of."""
    if not _requests(channel, "page"):
        return refused(404, "no_page")
    module = manifest.part(channel, "webhook")
    files = {each.name: each for each in (Path(str(module.__file__)).parent / "page").iterdir() if each.is_file()}
    found = files.get(file)  # a name out of a URL is looked up, and never becomes a path
    if found is None or found.suffix not in MIME_TYPES:
        return refused(404, "no_such_file")
    kept = {"cache-control": f"public, max-age={_PAGE_SECONDS}", "content-type": MIME_TYPES[found.suffix]}
    return PublicAnswer(200, {**_SAFE, **kept}, found.read_bytes())


def route(channel: str, request: RouteRequest, secret: Callable[[], Mapping[str, Any]]) -> PublicAnswer:
    """What the channel's module `routes` answers.

    404 for a channel without public routes and for an account that is not connected, 413 for a body larger than the
    channel's POSTs, 401 and 400 for BadSignature and InvalidInput of the module. Raises what `secret` raises otherwise.
    """
    if not _requests(channel, "routes"):
        return refused(404, "no_routes")
    if len(request.body) > manifest.load(channel).posts.bytes:
        return refused(413, "too_large")
    try:
        answer: RouteAnswer = manifest.part(channel, "routes").answer(request, secret())
    except NotConnected:
        return refused(404, "unknown_account")
    except BadSignature:
        return refused(401, "bad_signature")
    except InvalidInput:
        return refused(400, "not_understood")
    mime = "application/json" if answer.json else "text/plain; charset=utf-8"
    return PublicAnswer(answer.status, _headers(mime), answer.body.encode("utf-8", "replace"))


def _requests(channel: str, need: str) -> bool:
    return channel in manifest.names() and need in manifest.load(channel).infrastructure


def refused(status: int, problem: str) -> PublicAnswer:
    """An answer without a body."""
    return PublicAnswer(status, _headers("text/plain; charset=utf-8"), problem=problem)


def _headers(mime: str) -> dict[str, str]:
    return {**_SAFE, "cache-control": "no-store", "content-type": mime}
