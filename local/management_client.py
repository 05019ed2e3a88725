"""A client of the management API for scripts: signs in and calls it as a console or a business's script would."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NoReturn

import httpx

from local.description import Description
from local.user_pool import access_token


class RequestFailed(AssertionError):
    """The API answered with an error; the message contains its response."""


class ManagementClient:
    """Signed in as the stack's administrator. Returns JSON; every response but a success raises RequestFailed."""

    def __init__(self, stack: Description) -> None:
        token = access_token(stack, stack.admin_user, stack.admin_password)
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=stack.management_url, headers=headers, timeout=60.0, trust_env=False)

    def get(self, path: str, **query: Any) -> Any:
        return self.request("GET", path, params=query).json()

    def post(self, path: str, **body: Any) -> Any:
        return self.request("POST", path, json=body).json()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The complete response; `options` as httpx accepts them."""
        response = self._http.request(method, path, **options)
        return response if response.is_success else self._fail(response)

    def etag(self, path: str) -> str:
        """The ETag of the resource at this path; "" when there is none."""
        response = self._http.get(path)
        if response.status_code == 404:
            return ""
        return str(response.headers["ETag"]) if response.is_success else self._fail(response)

    def delete(self, path: str) -> None:
        """Delete the resource if it exists, even if it is in use."""
        if etag := self.etag(path):
            self.request("DELETE", path, params={"force": "true"}, headers={"If-Match": etag})

    def fetch(self, url: str) -> bytes:
        """The content behind a signed link."""
        response = httpx.get(url, timeout=60.0, trust_env=False)
        return response.content if response.is_success else self._fail(response)

    def upload(self, upload: dict[str, Any], data: bytes) -> None:
        """Upload a file as a browser would: one multipart POST, straight to S3, with the API's upload fields."""
        mime = upload["fields"].get("Content-Type", "application/octet-stream")
        files = {"file": ("file", data, mime)}
        response = httpx.post(upload["url"], data=upload["fields"], files=files, timeout=60.0, trust_env=False)
        if not response.is_success:
            self._fail(response)

    def wait_for(self, path: str, condition: Callable[[Any], bool], *, within: float = 60.0) -> Any:
        """The resource at this path once it meets the condition. Raises RequestFailed after `within` seconds."""
        deadline = time.monotonic() + within
        while True:
            response = self._http.get(path)
            if response.is_success and condition(resource := response.json()):
                return resource
            if time.monotonic() > deadline or response.status_code not in (200, 404):
                self._fail(response)
            time.sleep(0.2)

    @staticmethod
    def _fail(response: httpx.Response) -> NoReturn:
        request = response.request
        raise RequestFailed(f"{request.method} {request.url.path}: {response.status_code} {response.text[:1000]}")
