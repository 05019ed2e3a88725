"""The client of the management API: authorization, retries, pagination, and errors as exceptions."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chatflow_cli.api_errors import error_from_response
from chatflow_cli.auth.tokens import TokenSource
from chatflow_cli.errors import Unavailable
from chatflow_cli.http_client import http_client

if TYPE_CHECKING:
    import httpx

YAML = "application/yaml"
_RETRY_DELAYS = (0.3, 1.0, 3.0)  # seconds
_RETRYABLE_STATUSES = {429, 502, 503, 504}
_RETRYABLE_METHODS = {"GET", "POST"}  # a POST carries an Idempotency-Key, so that it takes effect once


@dataclass(frozen=True)
class ApiResponse:
    """`data` is the JSON; None if the response is not JSON. `etag` is to be sent back as `If-Match`."""

    status: int
    data: Any
    text: str
    etag: str


def api_path(*segments: str | int) -> str:
    """Join segments to a path; each is percent-encoded, whatever characters a name contains."""
    return "".join(f"/{quote(str(segment), safe='')}" for segment in segments)


class ManagementApi:
    """The management API of one deployment, for the time of one command."""

    def __init__(self, url: str, tokens: TokenSource, sleep: Callable[[float], None] = time.sleep) -> None:
        self.url = url
        self._tokens = tokens
        self._sleep = sleep
        self._http = http_client(url)

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        return self.request("GET", path, params=params).data

    def post(self, path: str, body: Mapping[str, Any] | None = None, **params: Any) -> Any:
        return self.request("POST", path, json=body or {}, params=params).data

    def list_items(self, path: str, *, limit: int, **params: Any) -> list[Any]:
        """The first `limit` items of a list, from as many pages as needed."""
        items: list[Any] = []
        for page in self.pages(path, page_size=min(limit, 100), **params):
            items += page["items"]
            if len(items) >= limit:
                break
        return items[:limit]

    def pages(self, path: str, *, page_size: int = 100, **params: Any) -> Iterator[Any]:
        """The pages of a list, each fetched when it is needed."""
        cursor = None
        while True:
            page = self.get(path, **params, limit=page_size, cursor=cursor)
            yield page
            cursor = page.get("next")
            if not cursor:
                return

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        text: str | None = None,
        content_type: str = YAML,
        accept: str = "application/json",
        if_match: str = "",
        if_none_match: str = "",
    ) -> ApiResponse:
        """Make one call. Parameters that are None or empty are left out.

        Raises the CommandError that the problem document in the response describes, or Unavailable without a response.
        """
        headers = {"Accept": accept}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        if text is not None:
            headers["Content-Type"] = content_type
        headers |= {name: value for name, value in (("If-Match", if_match), ("If-None-Match", if_none_match)) if value}
        request = self._http.build_request(
            method,
            f"{self.url}{path}",
            params={name: value for name, value in (params or {}).items() if value not in (None, "")},
            json=json,
            content=None if text is None else text.encode(),
            headers=headers,
        )
        response = self._send(request)
        if response.is_success:
            is_json = "json" in response.headers.get("content-type", "")
            data = response.json() if is_json and response.content else None
            return ApiResponse(response.status_code, data, response.text, response.headers.get("etag", ""))
        raise error_from_response(response)

    def _send(self, request: httpx.Request) -> httpx.Response:
        """Retries what may succeed in a moment, and renews a token that is refused, once."""
        token, renewed = self._tokens.token(), False
        delays = list(_RETRY_DELAYS if request.method in _RETRYABLE_METHODS else ())
        while True:
            request.headers["Authorization"] = f"Bearer {token}"
            outcome = self._send_once(request)
            if isinstance(outcome, Unavailable):
                if not delays:
                    raise outcome
            elif outcome.status_code == 401 and not renewed:
                token, renewed = self._tokens.renew(), True
                continue
            elif not delays or not _is_retryable(outcome):
                return outcome
            self._sleep(delays.pop(0))

    def _send_once(self, request: httpx.Request) -> httpx.Response | Unavailable:
        import httpx

        try:
            return self._http.send(request)
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            return Unavailable("The management API does not answer.", f"{self.url}: {reason}", "Is the stack up?")


def _is_retryable(response: httpx.Response) -> bool:
    in_progress = b"urn:chatflow:problem:in-progress" in response.content  # the same POST is still being carried out
    return response.status_code in _RETRYABLE_STATUSES or in_progress
