"""One request to the business's webhook: signed, timed, written down on the wire."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from local.whatsapp_simulator.settings import MASK, Settings
from local.whatsapp_simulator.webhook_payloads import signature
from local.whatsapp_simulator.wire import TO_BUSINESS, Wire, shown_body, shown_headers

AT_ONCE = 40  # requests to the webhook; more wait their turn here, since httpx's own queue is slow when it is long

Query = dict[str, str]


@dataclass
class Health:
    """Whether the business answers, for the banner of the chat page."""

    state: str = "unknown"  # unknown, unset, reachable, unreachable
    error: str = ""
    pending: int = 0  # posts that were not answered 200 yet


class WebhookCalls:
    """Speaks to the webhook as Meta does; `changed` is called when the health does."""

    def __init__(self, settings: Settings, wire: Wire, changed: Callable[[], None]) -> None:
        self.health = Health()
        self._settings = settings
        self._wire = wire
        self._changed = changed
        self._turn = asyncio.Semaphore(AT_ONCE)

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        # No proxy of the environment: the webhook is on this machine.
        return httpx.AsyncClient(trust_env=False)

    async def close(self) -> None:
        if "_client" in self.__dict__:
            await self._client.aclose()

    async def handshake(self) -> dict[str, Any]:
        """Perform Meta's GET handshake; `ok` says whether the challenge came back."""
        challenge = str(10**8 + secrets.randbelow(9 * 10**8))
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": self._settings.verify_token}
        status, answer = await self._exchange("GET", {}, query=query)
        return {"ok": status == 200 and answer == challenge, "status": status, "answer": answer}

    async def post(self, body: bytes, attempt: int) -> str:
        """Deliver a body once; returns why it failed, or nothing. Only 200 is success."""
        if not self._settings.webhook_url:
            return self._see("unset", "No webhook address is set yet")
        headers = {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": signature(self._settings.app_secret, body),
        }
        status, answer = await self._exchange("POST", headers, body, attempt)
        if status == 200:
            return self._see("reachable", "")
        return self._see("unreachable", f"The webhook answered {status}" if status else answer)

    def _see(self, state: str, error: str) -> str:
        if (self.health.state, self.health.error) != (state, error):
            self.health.state, self.health.error = state, error
            self._changed()
        return error

    async def _exchange(
        self, method: str, headers: dict[str, str], body: bytes = b"", attempt: int = 1, query: Query | None = None
    ) -> tuple[int, str]:
        """One request, written down on the wire; returns the status (0: none) and the answer, or what went wrong."""
        headers = {"User-Agent": "facebookexternalua", "Accept": "*/*", **headers}
        async with self._turn:
            entry = self._entry(method, headers, body, query) | {"attempt": attempt}
            began = time.perf_counter()
            try:
                response = await self._client.request(
                    method,
                    self._settings.webhook_url,
                    content=body,
                    headers=headers,
                    params=query,
                    timeout=self._settings.webhook_timeout,
                )
            except (httpx.HTTPError, httpx.InvalidURL) as wrong:
                status, answer = 0, f"The webhook cannot be reached: {type(wrong).__name__} {wrong}".strip()
                entry["error"] = answer
            else:
                status, answer = response.status_code, response.text
                content_type = response.headers.get("content-type", "text/plain")
                entry["response"] = _half(response.headers.items(), response.content, content_type)
        self._wire.add(entry | {"status": status, "ms": round((time.perf_counter() - began) * 1000, 1)})
        return status, answer

    def _entry(self, method: str, headers: dict[str, str], body: bytes, query: Query | None) -> dict[str, Any]:
        """The beginning of what is written down; the verify token stays out of it."""
        shown = {**query, "hub.verify_token": MASK} if query else {}
        tail = "?" + "&".join(f"{name}={value}" for name, value in shown.items()) if shown else ""
        return {
            "at": int(time.time() * 1000),
            "direction": TO_BUSINESS,
            "method": method,
            "url": self._settings.webhook_url + tail,
            "request": _half(headers.items(), body, "application/json"),
        }


def _half(headers: Iterable[tuple[str, str]], body: bytes, content_type: str) -> dict[str, Any]:
    return {"headers": shown_headers(headers), "size": len(body), "body": shown_body(body, content_type)}
