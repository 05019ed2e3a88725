"""The state of one simulator of WhatsApp, and how WhatsApp differs on the chat page."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from local.simulator.conversations import Contact, Conversations, Message
from local.simulator.faults import Faults
from local.simulator.media_store import Media
from local.simulator.simulator import ControlError, Simulator
from local.simulator.wire_log import Exchange
from local.whatsapp_simulator.contacts import WINDOW_SECONDS, WhatsAppContact
from local.whatsapp_simulator.customer_messages import WhatsAppCustomer
from local.whatsapp_simulator.exchange_titles import exchange_title
from local.whatsapp_simulator.graph_faults import MEDIA_OPERATIONS, OPERATIONS, GraphFault
from local.whatsapp_simulator.graph_media import DOWNLOAD_PATH, GraphMediaStore
from local.whatsapp_simulator.graph_webhooks import GraphWebhookClient, GraphWebhookDelivery
from local.whatsapp_simulator.settings import Settings
from local.whatsapp_simulator.webhook_payloads import Notification, contact_part, user_id

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from local.whatsapp_simulator.customer_messages import WhatsAppCustomer

# What somebody at the business writes in the WhatsApp Business app, on the same number as the bot.
BY_HAND = "Hello, I am a person. Let me help you."


class WhatsAppSimulator(Simulator):
    """All state of one simulator; lives in one event loop."""

    settings: Settings
    conversations: Conversations[WhatsAppContact]
    media_store: GraphMediaStore
    faults: Faults[GraphFault]
    webhook_client: GraphWebhookClient
    webhook_delivery: GraphWebhookDelivery
    api_paths = ("/v", DOWNLOAD_PATH)

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock)
        self.settings = settings
        self.conversations = Conversations(clock, WhatsAppContact)
        self.media_store = GraphMediaStore(settings.data / "media", clock)
        self.faults = Faults(GraphFault, OPERATIONS, {"media": MEDIA_OPERATIONS})
        self.other_numbers: dict[str, Starlette] = {}  # each with a simulator of its own, by phone number id
        self.webhook_client = GraphWebhookClient(settings, self.wire_log, self.conversations.mark_changed)
        self.webhook_delivery = GraphWebhookDelivery(settings, self.webhook_client, self.record_progress)

    def stop(self) -> None:
        for other in self.other_numbers.values():
            other.state.simulator.stop()
        super().stop()

    def page(self) -> dict[str, Any]:
        return {
            "name": "WhatsApp",
            "new_contact": "Add a phone number",
            "contact_prefix": "+",
            "signed_by": "X-Hub-Signature-256",
            "statuses": True,
            "switches": [
                {
                    "name": "number",
                    "label": "Number",
                    "on": "The business sees your number. Press to hide it",
                    "off": "The business sees only your user id. Press to show your number",
                },
                {
                    "name": "window",
                    "label": "24 h",
                    "on": "24 h window: open. Press to close it",
                    "off": "24 h window: closed, the business may not write. Press to open it",
                },
            ],
            "actions": [
                {"icon": "question", "label": "Something unsupported", "action": "unsupported", "body": {}},
                {
                    "icon": "people",
                    "label": "A person of the business answers",
                    "action": "by-hand",
                    "body": {"text": BY_HAND},
                },
            ],
        }

    def business(self) -> dict[str, Any]:
        return {"name": self.settings.verified_name, "number": self.settings.display_phone_number}

    def checked_contact(self, text: str) -> str:
        """Digits only, as Meta writes a number."""
        digits = re.sub(r"[ +()-]", "", text)
        if not re.fullmatch(r"[0-9]{5,20}", digits):
            raise ControlError(f"{text!r} is no phone number: 5 to 20 digits with the country code")
        return digits

    def customer(self, contact: str, name: str = "") -> WhatsAppCustomer:
        return WhatsAppCustomer(self, contact, name)

    def change_contact(self, contact: str, body: dict[str, Any]) -> None:
        changed = self.conversations.contact(contact)
        changed.username = str(body.get("username", changed.username))
        if "hide_number" in body:
            changed.hides_number = None if body["hide_number"] is None else bool(body["hide_number"])

    def set_switch(self, contact: str, name: str, *, on: bool) -> None:
        if name == "window":
            self.set_window(contact, is_open=on)
        elif name == "number":
            self.conversations.contact(contact).hides_number = not on
            self.conversations.mark_changed()
        else:
            raise ControlError(f"There is no switch {name!r}", 404)

    def set_window(self, wa_id: str, *, is_open: bool = True) -> None:
        """Open the 24-hour window of a contact from now on, or close it."""
        self.conversations.contact(wa_id).window_until = self.clock() + WINDOW_SECONDS if is_open else 0.0
        self.conversations.mark_changed()

    def contact_json(self, contact: Contact) -> dict[str, Any]:
        known = self.conversations.contact(contact.id)
        window_open = known.window_until > self.clock()
        return super().contact_json(contact) | {
            "wa_id": known.id,
            "number_hidden": known.number_hidden,
            "user_id": user_id(known.id),
            "window_open": window_open,
            "window_until": int(known.window_until * 1000),
            "switches": {"number": not known.number_hidden, "window": window_open},
        }

    def message_json(self, message: Message) -> dict[str, Any]:
        return super().message_json(message) | {"wamid": message.id}

    def describe(self, exchange: Exchange) -> dict[str, Any]:
        return exchange_title(exchange)

    def notify(self, field: str, payload: dict[str, object], wa_id: str, wamid: str) -> None:
        """Send the business a message or a status of this customer through the webhook."""
        contact = self.conversations.contact(wa_id)
        with_user_id = self.settings.user_ids_in_webhooks
        part = contact_part(contact, with_user_id=with_user_id)
        self.webhook_delivery.enqueue(Notification(field, payload, part, wamid))

    def media_url(self, media: Media) -> str:
        """A short-lived address of the media, as in a lookup or a webhook."""
        return self.media_store.signed_url(media, self.settings.public_url, self.settings.media_url_seconds)


def whatsapp_of(request: Request) -> WhatsAppSimulator:
    simulator = request.app.state.simulator
    assert isinstance(simulator, WhatsAppSimulator)  # noqa: S101 - narrows the type; set in create_app
    return simulator
