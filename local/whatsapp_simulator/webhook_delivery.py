"""Delivers notifications to the business's webhook: signed, retried with growing pauses, in parallel or in batches."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from local.whatsapp_simulator.settings import MASK, Settings
from local.whatsapp_simulator.webhook_payloads import Notification, signature, webhook_body
from local.whatsapp_simulator.wire_log import TO_BUSINESS, WireLog, half_of_exchange

MAX_BATCH = 1000  # updates that Meta sends in one POST
MAX_REPEATABLE = 200  # recent POSTs that can be delivered again on demand
MAX_CONCURRENT = 40  # requests to the webhook; further ones wait here because httpx's own queue is slow when long

Query = dict[str, str]

# Called with the progress of a notification: state (sent, delivered, failed), attempts so far, explanation.
OnProgress = Callable[[Notification, str, int, str], None]


@dataclass
class WebhookHealth:
    """Whether the business's webhook responds, for the banner of the chat page."""

    state: str = "unknown"  # unknown, unset, reachable, unreachable
    error: str = ""
    pending: int = 0  # POSTs that were not answered 200 yet


class WebhookClient:
    """Sends single requests to the webhook as Meta does; calls `on_health_change` when the health changes."""

    def __init__(self, settings: Settings, wire_log: WireLog, on_health_change: Callable[[], None]) -> None:
        self.health = WebhookHealth()
        self._settings = settings
        self._wire_log = wire_log
        self._on_health_change = on_health_change
        self._concurrency = asyncio.Semaphore(MAX_CONCURRENT)

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        # The webhook is on this machine, so proxies of the environment are ignored.
        return httpx.AsyncClient(trust_env=False)

    async def close(self) -> None:
        if "_http" in self.__dict__:
            await self._http.aclose()

    async def handshake(self) -> dict[str, Any]:
        """Perform Meta's GET handshake; `ok` says whether the challenge came back."""
        challenge = str(10**8 + secrets.randbelow(9 * 10**8))
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": self._settings.verify_token}
        status, answer = await self._exchange("GET", {}, query=query)
        return {"ok": status == 200 and answer == challenge, "status": status, "answer": answer}

    async def post(self, body: bytes, attempt: int) -> str:
        """Deliver a body once; returns the reason of a failure, or an empty string. Only 200 is success."""
        if not self._settings.webhook_url:
            return self._set_health("unset", "No webhook address is set yet")
        headers = {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": signature(self._settings.app_secret, body),
        }
        status, answer = await self._exchange("POST", headers, body, attempt)
        if status == 200:
            return self._set_health("reachable", "")
        return self._set_health("unreachable", f"The webhook answered {status}" if status else answer)

    def _set_health(self, state: str, error: str) -> str:
        if (self.health.state, self.health.error) != (state, error):
            self.health.state, self.health.error = state, error
            self._on_health_change()
        return error

    async def _exchange(
        self, method: str, headers: dict[str, str], body: bytes = b"", attempt: int = 1, query: Query | None = None
    ) -> tuple[int, str]:
        """Send and log one request; returns the status (0: no response) and the response text or the error."""
        headers = {"User-Agent": "facebookexternalua", "Accept": "*/*", **headers}
        async with self._concurrency:
            entry = self._log_entry(method, headers, body, query) | {"attempt": attempt}
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

    def _log_entry(self, method: str, headers: dict[str, str], body: bytes, query: Query | None) -> dict[str, Any]:
        """The request's part of a log entry; the verify token is masked."""
        masked = {**query, "hub.verify_token": MASK} if query else {}
        suffix = "?" + "&".join(f"{name}={value}" for name, value in masked.items()) if masked else ""
        return {
            "at": int(time.time() * 1000),
            "direction": TO_BUSINESS,
            "method": method,
            "url": self._settings.webhook_url + suffix,
            "request": half_of_exchange(headers.items(), body, "application/json"),
        }


class WebhookDelivery:
    """All deliveries in progress. Each runs in its own task, so their order is not guaranteed (as at Meta)."""

    def __init__(self, settings: Settings, client: WebhookClient, on_progress: OnProgress) -> None:
        self._settings = settings
        self._client = client
        self._on_progress = on_progress
        self._tasks: set[asyncio.Task[None]] = set()
        self._batch: list[Notification] = []
        self._retry_now = asyncio.Event()
        self._recent_posts: deque[tuple[list[Notification], bytes]] = deque(maxlen=MAX_REPEATABLE)

    def enqueue(self, notification: Notification) -> None:
        """Deliver a notification, at once or with the next batch; does not wait for it."""
        if not self._settings.batch_seconds:
            self.run_in_background(self._deliver([notification]))
            return
        self._batch.append(notification)
        if len(self._batch) == 1:
            self.run_in_background(self._deliver_batch())

    def redeliver(self, wamid: str, times: int = 1) -> int:
        """Repeat every POST that carried this message or its statuses, byte for byte; returns the number of POSTs."""
        bodies = [body for sent, body in self._recent_posts if any(each.wamid == wamid for each in sent)] * times
        for body in bodies:
            self.run_in_background(self._post_once(body))
        return len(bodies)

    def retry_pending(self) -> None:
        """Retry all pending deliveries at once, because the webhook's address changed."""
        self._retry_now.set()
        self._retry_now = asyncio.Event()

    def run_in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.close()

    async def _deliver_batch(self) -> None:
        await asyncio.sleep(self._settings.batch_seconds)
        batch, self._batch = self._batch, []
        for start in range(0, len(batch), MAX_BATCH):
            self.run_in_background(self._deliver(batch[start : start + MAX_BATCH]))

    async def _deliver(self, notifications: list[Notification]) -> None:
        body = webhook_body(self._settings, notifications)
        self._recent_posts.append((notifications, body))
        self._client.health.pending += 1
        try:
            await self._post_with_retries(notifications, body)
        finally:
            self._client.health.pending -= 1

    async def _post_with_retries(self, notifications: list[Notification], body: bytes) -> None:
        pauses = self._settings.retry_seconds
        for attempt in range(1, len(pauses) + 2):
            retry_now = self._retry_now  # read before the attempt, so that an address set meanwhile is not missed
            error = await self._client.post(body, attempt)
            state = "delivered" if not error else "sent" if attempt <= len(pauses) else "failed"
            for notification in notifications:
                self._on_progress(notification, state, attempt, error)
            if state == "delivered":
                for _ in range(self._settings.duplicate_deliveries):
                    await self._client.post(body, attempt)
            if state != "sent":
                return
            try:
                await asyncio.wait_for(retry_now.wait(), pauses[attempt - 1])
            except TimeoutError:
                continue

    async def _post_once(self, body: bytes) -> None:
        await self._client.post(body, 1)
