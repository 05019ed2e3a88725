"""Telegram's webhook: one update a POST with the secret in a header, repeated until the answer is 2xx.

The updates of one chat are delivered in order; taps have a queue of their own (tdlib/telegram-bot-api, WebhookActor).
A webhook may answer with a method, which Telegram then performs without telling the result.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any, ClassVar

from local.simulator.settings import MASK
from local.simulator.webhook_delivery import OnProgress, WebhookClient, WebhookDelivery
from local.simulator.wire_log import WireLog
from local.telegram_simulator.settings import Settings

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"

MAX_REPEATABLE = 200  # recent updates that can be delivered again on demand
FIRST_UPDATE = 870_000_000

Json = dict[str, Any]


class BotWebhookClient(WebhookClient):
    """Sends the secret with each update; any 2xx is success."""

    USER_AGENT: ClassVar[str] = ""
    _settings: Settings

    def __init__(
        self,
        settings: Settings,
        wire_log: WireLog,
        on_health_change: Callable[[], None],
        perform: Callable[[str, Json], None],
    ) -> None:
        """`perform` is called with the method and its parameters that stand in an answer."""
        super().__init__(settings, wire_log, on_health_change, self._perform_answer)
        self._perform = perform

    def headers(self, _: bytes) -> dict[str, str]:
        return {SECRET_HEADER: self._settings.secret_token} if self._settings.secret_token else {}

    def shown_headers(self, headers: dict[str, str]) -> dict[str, str]:
        return {name: MASK if name == SECRET_HEADER else value for name, value in headers.items()}

    def accepts(self, status: int) -> bool:
        return 200 <= status <= 299

    def _perform_answer(self, answer: str) -> None:
        try:
            call = json.loads(answer)
        except ValueError:
            return
        if isinstance(call, dict) and isinstance(call.get("method"), str):
            self._perform(call.pop("method"), call)


class BotWebhookDelivery(WebhookDelivery):
    """All updates in progress."""

    _settings: Settings

    def __init__(self, settings: Settings, client: BotWebhookClient, on_progress: OnProgress) -> None:
        super().__init__(settings, client, on_progress)
        self._next_update = FIRST_UPDATE
        self._queues: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._recent: deque[tuple[str, bytes]] = deque(maxlen=MAX_REPEATABLE)

    def enqueue(self, kind: str, content: Json, chat: str, message: str) -> None:
        """Deliver an update of this kind behind those of the same chat; does not wait for it."""
        allowed = self._settings.allowed_updates
        if allowed and kind not in allowed:
            return
        self._next_update += 1
        body = json.dumps({"update_id": self._next_update, kind: content}, separators=(",", ":")).encode()
        self._recent.append((message, body))
        self.run_in_background(self._deliver_in_order((chat, kind), message, body))

    def redeliver(self, message_id: str, times: int = 1) -> int:
        """Repeat every update about this message, byte for byte; returns the number of POSTs."""
        bodies = [body for message, body in self._recent if message == message_id] * times
        for body in bodies:
            self.run_in_background(self._post_once(body))
        return len(bodies)

    async def _deliver_in_order(self, queue: tuple[str, str], message: str, body: bytes) -> None:
        # A lock wakes its waiters in the order in which they came.
        async with self._queues[queue]:
            await self.deliver([message], body)

    async def _post_once(self, body: bytes) -> None:
        await self._client.post(body, 1)
