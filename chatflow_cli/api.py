"""The management API as the commands see it: one call, one answer or one failure."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chatflow_cli.authorization import Authorization
from chatflow_cli.exits import Failure, Unavailable
from chatflow_cli.problems import failure_of

if TYPE_CHECKING:
    import httpx

YAML = "application/yaml"
_PAUSES = (0.3, 1.0, 3.0)  # seconds before a call is repeated
_PASSING = {429, 502, 503, 504}
_REPEATABLE = {"GET", "POST"}  # a POST carries an Idempotency-Key, so that it takes effect once


@dataclass(frozen=True)
class Answer:
    """`data` is the JSON; None when the answer is not JSON. `etag` goes back as `If-Match`."""

    status: int
    data: Any
    text: str
    etag: str


def path(*steps: str | int) -> str:
    """The path of a thing, whatever characters stand in its name."""
    return "".join(f"/{quote(str(step), safe='')}" for step in steps)


class ManagementApi:
    """One deployment's API, for one command."""

    def __init__(self, url: str, authorization: Authorization, pause: Callable[[float], None] = time.sleep) -> None:
        from chatflow_cli.connections import opened

        self.url = url
        self._authorization = authorization
        self._pause = pause
        self._http = opened(url)

    def close(self) -> None:
        self._http.close()

    def get(self, where: str, **params: Any) -> Any:
        return self.ask("GET", where, params=params).data

    def post(self, where: str, body: Mapping[str, Any] | None = None) -> Any:
        return self.ask("POST", where, json=body or {}).data

    def items(self, where: str, *, limit: int, **params: Any) -> list[Any]:
        """The first `limit` entries of a list, however many pages that takes."""
        found: list[Any] = []
        for page in self.pages(where, per_page=min(limit, 100), **params):
            found += page["items"]
            if len(found) >= limit:
                break
        return found[:limit]

    def pages(self, where: str, *, per_page: int = 100, **params: Any) -> Iterator[Any]:
        cursor = None
        while True:
            page = self.get(where, **params, limit=per_page, cursor=cursor)
            yield page
            cursor = page.get("next")
            if not cursor:
                return

    def ask(
        self,
        method: str,
        where: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        text: str | None = None,
        content_type: str = YAML,
        accept: str = "application/json",
        if_match: str = "",
        if_none_match: str = "",
    ) -> Answer:
        """Raises the failure that the answer's problem document describes, or Unavailable when none comes."""
        headers = {"Accept": accept}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        if text is not None:
            headers["Content-Type"] = content_type
        headers |= {name: value for name, value in (("If-Match", if_match), ("If-None-Match", if_none_match)) if value}
        request = self._http.build_request(
            method,
            f"{self.url}{where}",
            params={name: value for name, value in (params or {}).items() if value not in (None, "")},
            json=json,
            content=None if text is None else text.encode(),
            headers=headers,
        )
        response = self._answered(request)
        if response.is_success:
            is_json = "json" in response.headers.get("content-type", "")
            data = response.json() if is_json and response.content else None
            return Answer(response.status_code, data, response.text, response.headers.get("etag", ""))
        raise failure_of(response)

    def _answered(self, request: httpx.Request) -> httpx.Response:
        token, renewed = self._authorization.token(), False
        pauses = list(_PAUSES if request.method in _REPEATABLE else ())
        while True:
            request.headers["Authorization"] = f"Bearer {token}"
            outcome = self._once(request)
            if isinstance(outcome, Failure):
                if not pauses:
                    raise outcome
            elif outcome.status_code == 401 and not renewed:
                token, renewed = self._authorization.renewed(), True
                continue
            elif not pauses or not _passing(outcome):
                return outcome
            self._pause(pauses.pop(0))

    def _once(self, request: httpx.Request) -> httpx.Response | Failure:
        import httpx

        try:
            return self._http.send(request)
        except httpx.HTTPError as problem:
            words = str(problem) or type(problem).__name__
            return Unavailable("The management API does not answer.", f"{self.url}: {words}", "Is the stack up?")


def _passing(response: httpx.Response) -> bool:
    """Whether the same call may go well in a moment."""
    return response.status_code in _PASSING or b"urn:chatflow:problem:in-progress" in response.content
