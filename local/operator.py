"""A scripted operator: signs in and asks the management API, as a console or a script of the business would."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

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
        if answer.is_error:
            raise Denied(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer

    def upload(self, upload: dict[str, Any], data: bytes) -> None:
        """Bring a file where the API said, as a browser would: one multipart POST, straight to S3."""
        mime = upload["fields"].get("Content-Type", "application/octet-stream")
        files = {"file": ("file", data, mime)}
        answer = httpx.post(upload["url"], data=upload["fields"], files=files, timeout=60.0, trust_env=False)
        if answer.is_error:
            raise Denied(f"S3 refused the upload: {answer.status_code} {answer.text}")

    def wait_for(self, path: str, holds: Callable[[Any], bool], *, within: float = 60.0) -> Any:
        """What stands at this path as soon as it is as it should be. Raises Denied when it is not in time (seconds)."""
        deadline = time.monotonic() + within
        while not holds(found := self.get(path)):
            if time.monotonic() > deadline:
                raise Denied(f"{path} did not become as it should within {within:.0f} s: {found}")
            time.sleep(0.2)
        return found
