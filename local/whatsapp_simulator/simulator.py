"""The state of one simulator, composed of its parts."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.requests import Request

from local.whatsapp_simulator.conversations import Conversations
from local.whatsapp_simulator.faults import Faults
from local.whatsapp_simulator.media_store import Media, MediaStore
from local.whatsapp_simulator.settings import Settings
from local.whatsapp_simulator.webhook_delivery import WebhookClient, WebhookDelivery
from local.whatsapp_simulator.webhook_payloads import Notification, contact_part
from local.whatsapp_simulator.wire_log import WireLog


class Simulator:
    """All state of one simulator; lives in one event loop."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.clock = clock
        self.conversations = Conversations(clock)
        self.media_store = MediaStore(settings.data / "media", clock)
        self.faults = Faults()
        self.wire_log = WireLog()
        self.webhook_client = WebhookClient(settings, self.wire_log, self.conversations.mark_changed)
        self.webhook_delivery = WebhookDelivery(settings, self.webhook_client, self._record_progress)
        self.stopping = False

    def notify(self, field: str, payload: dict[str, object], wa_id: str, wamid: str) -> None:
        """Send the business a message or a status of this customer through the webhook."""
        contact = self.conversations.contact(wa_id)
        with_user_id = self.settings.user_ids_in_webhooks
        part = contact_part(contact, with_user_id=with_user_id)
        self.webhook_delivery.enqueue(Notification(field, payload, part, wamid))

    def media_url(self, media: Media) -> str:
        """A short-lived address of the media, as in a lookup or a webhook."""
        return self.media_store.signed_url(media, self.settings.public_url, self.settings.media_url_seconds)

    def stop(self) -> None:
        """End every long poll and event stream, so that the server need not wait for them."""
        self.stopping = True
        self.conversations.wake_all()
        self.wire_log.wake_all()

    def _record_progress(self, notification: Notification, state: str, attempts: int, error: str) -> None:
        message = self.conversations.find(notification.wamid)
        if notification.field != "messages" or message is None:
            return
        message.attempts, message.error = attempts, error
        if message.status != "read":
            message.status = state
        self.conversations.mark_changed(message)


def simulator_of(request: Request) -> Simulator:
    simulator = request.app.state.simulator
    assert isinstance(simulator, Simulator)  # noqa: S101 - narrows the type; set in create_app
    return simulator
