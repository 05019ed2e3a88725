"""A scripted operator: signs in and asks the management API, as a console or a script of the business would."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NoReturn

import httpx

from local.administrators import token
from local.description import Description


class Denied(AssertionError):
    """The API said no; the message is its own."""


class Operator:
    """Signed in as the stack's administrator. What it is answered is JSON; anything but a success raises Denied."""

    def __init__(self, stack: Description) -> None:
        signed_in = {"Authorization": f"Bearer {token(stack, stack.admin_user, stack.admin_password)}"}
        self._http = httpx.Client(base_url=stack.management_url, headers=signed_in, timeout=60.0, trust_env=False)

    def get(self, path: str, **query: Any) -> Any:
        return self.ask("GET", path, params=query).json()

    def post(self, path: str, **body: Any) -> Any:
        return self.ask("POST", path, json=body).json()

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """The whole answer; `given` as httpx takes it."""
        answer = self._http.request(method, path, **given)
        return answer if answer.is_success else self._denied(answer)

    def etag(self, path: str) -> str:
        """The revision of what stands at this path; "" when nothing does."""
        answer = self._http.get(path)
        if answer.status_code == 404:
            return ""
        return str(answer.headers["ETag"]) if answer.is_success else self._denied(answer)

    def delete(self, path: str) -> None:
        """Delete it, even if it is used, if it is there."""
        if seen := self.etag(path):
            self.ask("DELETE", path, params={"force": "true"}, headers={"If-Match": seen})

    def fetch(self, url: str) -> bytes:
        """What a signed link leads to."""
        answer = httpx.get(url, timeout=60.0, trust_env=False)
        return answer.content if answer.is_success else self._denied(answer)

    def upload(self, upload: dict[str, Any], data: bytes) -> None:
        """Bring a file where the API said, as a browser would: one multipart POST, straight to S3."""
        mime = upload["fields"].get("Content-Type", "application/octet-stream")
        files = {"file": ("file", data, mime)}
        answer = httpx.post(upload["url"], data=upload["fields"], files=files, timeout=60.0, trust_env=False)
        if not answer.is_success:
            self._denied(answer)

    def wait_for(self, path: str, holds: Callable[[Any], bool], *, within: float = 60.0) -> Any:
        """What stands at this path as soon as it is as it should be. Raises Denied when it is not in time (seconds)."""
        deadline = time.monotonic() + within
        while True:
            answer = self._http.get(path)
            if answer.is_success and holds(found := answer.json()):
                return found
            if time.monotonic() > deadline or answer.status_code not in (200, 404):
                self._denied(answer)
            time.sleep(0.2)

    @staticmethod
    def _denied(answer: httpx.Response) -> NoReturn:
        asked = answer.request
        raise Denied(f"{asked.method} {asked.url.path}: {answer.status_code} {answer.text[:1000]}")
