"""Delivers notices to the business: retried with growing pauses, in parallel, in batches or twice when asked."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from local.whatsapp_simulator.settings import Settings
from local.whatsapp_simulator.webhook_calls import WebhookCalls
from local.whatsapp_simulator.webhook_payloads import Notice, webhook_body

BATCH_LIMIT = 1000  # updates in one POST, at Meta
REMEMBERED = 200  # posts that can be delivered again on demand

# Told what becomes of a notice: state (sent, delivered, failed), tries so far, explanation.
Progress = Callable[[Notice, str, int, str], None]


class Webhooks:
    """All deliveries under way; each runs on its own, so nothing keeps their order (as at Meta)."""

    def __init__(self, settings: Settings, calls: WebhookCalls, progress: Progress) -> None:
        self._settings = settings
        self._calls = calls
        self._progress = progress
        self._tasks: set[asyncio.Task[None]] = set()
        self._batch: list[Notice] = []
        self._retry_now = asyncio.Event()
        self._posts: deque[tuple[list[Notice], bytes]] = deque(maxlen=REMEMBERED)

    def report(self, notice: Notice) -> None:
        """Deliver a notice, now or with the next batch; returns at once."""
        if not self._settings.batch_seconds:
            self.in_background(self._deliver([notice]))
            return
        self._batch.append(notice)
        if len(self._batch) == 1:
            self.in_background(self._deliver_batch())

    def deliver_again(self, wamid: str, times: int = 1) -> int:
        """Repeat every POST that carried this message or its statuses, byte for byte; returns how many POSTs."""
        chosen = [body for notices, body in self._posts if any(notice.wamid == wamid for notice in notices)] * times
        for body in chosen:
            self.in_background(self._once(body))
        return len(chosen)

    def retry_waiting(self) -> None:
        """Try all that waits at once, because the webhook's address changed."""
        self._retry_now.set()
        self._retry_now = asyncio.Event()

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._calls.close()

    async def _deliver_batch(self) -> None:
        await asyncio.sleep(self._settings.batch_seconds)
        gathered, self._batch = self._batch, []
        for start in range(0, len(gathered), BATCH_LIMIT):
            self.in_background(self._deliver(gathered[start : start + BATCH_LIMIT]))

    async def _deliver(self, notices: list[Notice]) -> None:
        body = webhook_body(self._settings, notices)
        self._posts.append((notices, body))
        self._calls.health.pending += 1
        try:
            await self._try_until_answered(notices, body)
        finally:
            self._calls.health.pending -= 1

    async def _try_until_answered(self, notices: list[Notice], body: bytes) -> None:
        pauses = self._settings.retry_seconds
        for attempt in range(1, len(pauses) + 2):
            waiting = self._retry_now  # taken before the try, so that an address set meanwhile is not missed
            error = await self._calls.post(body, attempt)
            state = "delivered" if not error else "sent" if attempt <= len(pauses) else "failed"
            for notice in notices:
                self._progress(notice, state, attempt, error)
            if state == "delivered":
                for _ in range(self._settings.duplicate_deliveries):
                    await self._calls.post(body, attempt)
            if state != "sent":
                return
            try:
                await asyncio.wait_for(waiting.wait(), pauses[attempt - 1])
            except TimeoutError:
                continue

    async def _once(self, body: bytes) -> None:
        await self._calls.post(body, 1)
