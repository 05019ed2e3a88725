"""Delivers to the business's webhook: single requests, and deliveries that are retried with growing pauses."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import httpx

from local.simulator.settings import Settings
from local.simulator.wire_log import TO_BUSINESS, WireLog, half_of_exchange

MAX_CONCURRENT = 40  # requests to the webhook; further ones wait here because httpx's own queue is slow when long

# The progress of a delivery: the ids of its messages, state (sent, delivered, failed), attempts, explanation.
OnProgress = Callable[[list[str], str, int, str], None]


@dataclass
class WebhookHealth:
    """Whether the business's webhook responds, for the banner of the chat page."""

    state: str = "unknown"  # unknown, unset, reachable, unreachable
    error: str = ""
    pending: int = 0  # POSTs that were not taken yet


class WebhookClient(ABC):
    """Sends single requests to the webhook as the channel does; calls `on_health_change` when the health changes."""

    USER_AGENT: ClassVar[str] = ""

    def __init__(
        self,
        settings: Settings,
        wire_log: WireLog,
        on_health_change: Callable[[], None],
        on_accepted: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`on_accepted` gets the text of each answer that was accepted."""
        self.health = WebhookHealth()
        self._settings = settings
        self._wire_log = wire_log
        self._on_health_change = on_health_change
        self._on_accepted = on_accepted
        self._concurrency = asyncio.Semaphore(MAX_CONCURRENT)

    @abstractmethod
    def headers(self, body: bytes) -> dict[str, str]:
        """The channel's own headers of a POST with this body."""

    def shown_headers(self, headers: dict[str, str]) -> dict[str, str]:
        """The headers for the wire log; a channel masks what is secret."""
        return headers

    @abstractmethod
    def accepts(self, status: int) -> bool:
        """Whether the channel takes this status as success."""

    async def close(self) -> None:
        if "_http" in self.__dict__:
            await self._http.aclose()

    async def post(self, body: bytes, attempt: int) -> str:
        """Deliver a body once; returns the reason of a failure, or an empty string."""
        if not self._settings.webhook_url:
            return self._set_health("unset", "No webhook address is set yet")
        headers = {"Content-Type": "application/json", **self.headers(body)}
        status, answer = await self.exchange("POST", headers, body, attempt)
        if self.accepts(status):
            self._on_accepted(answer)
            return self._set_health("reachable", "")
        return self._set_health("unreachable", f"The webhook answered {status}" if status else answer)

    async def exchange(
        self,
        method: str,
        headers: dict[str, str],
        body: bytes = b"",
        attempt: int = 1,
        *,
        query: dict[str, str] | None = None,
        shown_query: str = "",
    ) -> tuple[int, str]:
        """Send and log one request; returns the status (0: no response) and the response text or the error."""
        headers = {"User-Agent": self.USER_AGENT, "Accept": "*/*", **headers}
        async with self._concurrency:
            entry = {
                "at": int(time.time() * 1000),
                "direction": TO_BUSINESS,
                "method": method,
                "url": self._settings.webhook_url + shown_query,
                "request": half_of_exchange(self.shown_headers(headers).items(), body, "application/json"),
                "attempt": attempt,
            }
            started = time.perf_counter()
            try:
                response = await self._http.request(
                    method,
                    self._settings.webhook_url,
                    content=body,
                    headers=headers,
                    params=query,
                    timeout=self._settings.webhook_timeout,
                )
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                status, answer = 0, f"The webhook cannot be reached: {type(error).__name__} {error}".strip()
                entry["error"] = answer
            else:
                status, answer = response.status_code, response.text
                content_type = response.headers.get("content-type", "text/plain")
                entry["response"] = half_of_exchange(response.headers.items(), response.content, content_type)
        self._wire_log.add(entry | {"status": status, "ms": round((time.perf_counter() - started) * 1000, 1)})
        return status, answer

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        # The webhook is on this machine, so proxies of the environment are ignored.
        return httpx.AsyncClient(trust_env=False)

    def _set_health(self, state: str, error: str) -> str:
        if (self.health.state, self.health.error) != (state, error):
            self.health.state, self.health.error = state, error
            self._on_health_change()
        return error


class WebhookDelivery(ABC):
    """All deliveries in progress."""

    def __init__(self, settings: Settings, client: WebhookClient, on_progress: OnProgress) -> None:
        self._settings = settings
        self._client = client
        self._on_progress = on_progress
        self._tasks: set[asyncio.Task[None]] = set()
        self._retry_now = asyncio.Event()

    def retry_pending(self) -> None:
        """Retry all pending deliveries at once, because the webhook's address changed."""
        self._retry_now.set()
        self._retry_now = asyncio.Event()

    @abstractmethod
    def redeliver(self, message_id: str, times: int = 1) -> int:
        """Repeat every POST about this message, byte for byte; returns the number of POSTs."""

    def run_in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.close()

    async def deliver(self, messages: list[str], body: bytes) -> bool:
        """POST until the webhook takes the body or the retries are used up; returns whether it was taken."""
        self._client.health.pending += 1
        try:
            return await self._deliver(messages, body)
        finally:
            self._client.health.pending -= 1

    async def _deliver(self, messages: list[str], body: bytes) -> bool:
        pauses = self._settings.retry_seconds
        for attempt in range(1, len(pauses) + 2):
            retry_now = self._retry_now  # read before the attempt, so that an address set meanwhile is not missed
            error = await self._client.post(body, attempt)
            state = "delivered" if not error else "sent" if attempt <= len(pauses) else "failed"
            self._on_progress(messages, state, attempt, error)
            if state != "sent":
                return state == "delivered"
            try:
                await asyncio.wait_for(retry_now.wait(), pauses[attempt - 1])
            except TimeoutError:
                continue
        return False
