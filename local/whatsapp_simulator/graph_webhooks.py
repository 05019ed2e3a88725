"""Meta's webhooks: signed, in parallel or in batches, and introduced by a handshake."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from typing import Any, ClassVar

from local.simulator.settings import MASK
from local.simulator.webhook_delivery import OnProgress, WebhookClient, WebhookDelivery
from local.whatsapp_simulator.settings import Settings
from local.whatsapp_simulator.webhook_payloads import Notification, signature, webhook_body

MAX_BATCH = 1000  # updates that Meta sends in one POST
MAX_REPEATABLE = 200  # recent POSTs that can be delivered again on demand


class GraphWebhookClient(WebhookClient):
    """Signs each body; only 200 is success."""

    USER_AGENT: ClassVar[str] = "facebookexternalua"
    _settings: Settings

    def headers(self, body: bytes) -> dict[str, str]:
        return {"X-Hub-Signature-256": signature(self._settings.app_secret, body)}

    def accepts(self, status: int) -> bool:
        return status == 200

    async def handshake(self) -> dict[str, Any]:
        """Perform Meta's GET handshake; `ok` says whether the challenge came back."""
        challenge = str(10**8 + secrets.randbelow(9 * 10**8))
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": self._settings.verify_token}
        shown = "?" + "&".join(f"{name}={value}" for name, value in {**query, "hub.verify_token": MASK}.items())
        status, answer = await self.exchange("GET", {}, query=query, shown_query=shown)
        return {"ok": status == 200 and answer == challenge, "status": status, "answer": answer}


class GraphWebhookDelivery(WebhookDelivery):
    """All deliveries in progress. Each runs in its own task, so their order is not guaranteed (as at Meta)."""

    _settings: Settings

    def __init__(self, settings: Settings, client: GraphWebhookClient, on_progress: OnProgress) -> None:
        super().__init__(settings, client, on_progress)
        self._batch: list[Notification] = []
        self._recent_posts: deque[tuple[list[Notification], bytes]] = deque(maxlen=MAX_REPEATABLE)

    def enqueue(self, notification: Notification) -> None:
        """Deliver a notification, at once or with the next batch; does not wait for it."""
        if not self._settings.batch_seconds:
            self.run_in_background(self._deliver_all([notification]))
            return
        self._batch.append(notification)
        if len(self._batch) == 1:
            self.run_in_background(self._deliver_batch())

    def redeliver(self, message_id: str, times: int = 1) -> int:
        """Repeat every POST that carried this message or its statuses, byte for byte; returns the number of POSTs."""
        bodies = [body for sent, body in self._recent_posts if any(each.wamid == message_id for each in sent)] * times
        for body in bodies:
            self.run_in_background(self._post_once(body))
        return len(bodies)

    async def _deliver_batch(self) -> None:
        await asyncio.sleep(self._settings.batch_seconds)
        batch, self._batch = self._batch, []
        for start in range(0, len(batch), MAX_BATCH):
            self.run_in_background(self._deliver_all(batch[start : start + MAX_BATCH]))

    async def _deliver_all(self, notifications: list[Notification]) -> None:
        body = webhook_body(self._settings, notifications)
        self._recent_posts.append((notifications, body))
        messages = [each.wamid for each in notifications if each.field == "messages"]
        if await self.deliver(messages, body):
            for _ in range(self._settings.duplicate_deliveries):
                await self._client.post(body, 1)

    async def _post_once(self, body: bytes) -> None:
        await self._client.post(body, 1)
