"""The state of one simulator, and what every channel's simulator can do."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request

from local.simulator.conversations import Contact, Conversations, Message
from local.simulator.customer import FILE_KINDS, Customer
from local.simulator.faults import Faults
from local.simulator.media_store import MediaStore
from local.simulator.settings import Settings
from local.simulator.webhook_delivery import WebhookClient, WebhookDelivery
from local.simulator.wire_log import Exchange, WireLog

Json = dict[str, Any]


class ControlError(Exception):
    """An invalid request to the control API; the response is `{"error": ...}`."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class Simulator(ABC):
    """All state of one simulator; lives in one event loop. A channel's simulator derives from it."""

    settings: Settings
    conversations: Conversations[Any]
    media_store: MediaStore
    faults: Faults[Any]
    webhook_client: WebhookClient
    webhook_delivery: WebhookDelivery

    # The beginnings of the paths of the channel's own API: its requests are logged on the wire.
    api_paths: tuple[str, ...]

    # The kinds of files that a customer can send.
    file_kinds: tuple[str, ...] = FILE_KINDS

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.stopping = False
        self.wire_log = WireLog(self.describe)

    @abstractmethod
    def page(self) -> Json:
        """How the channel differs on the chat page: see the page's `channel.js`."""

    @abstractmethod
    def business(self) -> Json:
        """What the customer sees of the business: `name` and `number`."""

    @abstractmethod
    def checked_contact(self, text: str) -> str:
        """The id of a contact in its usual form; raises ControlError."""

    @abstractmethod
    def customer(self, contact: str, name: str = "") -> Customer:
        """The customer behind a contact, which is created when it is unknown."""

    @abstractmethod
    def describe(self, exchange: Exchange) -> Json:
        """`title` and `kind` (webhook, status or call) of an exchange, for the wire drawer."""

    def masked(self, text: str) -> str:
        """A path or a body of the channel's API for the wire log; a channel that writes secrets there masks them."""
        return text

    @abstractmethod
    def change_contact(self, contact: str, body: Json) -> None:
        """Apply what a script says of a contact, beside the name."""

    @abstractmethod
    def set_switch(self, contact: str, name: str, *, on: bool) -> None:
        """Press a switch in the header of the chat page; raises ControlError when there is none of this name."""

    def contact_json(self, contact: Contact) -> Json:
        """A contact in JSON form; times are milliseconds since the epoch. `switches`: those of the page's header."""
        return {
            "id": contact.id,
            "name": contact.name,
            "username": contact.username,
            "typing_until": int(contact.typing_until * 1000),
            "switches": {},
        }

    def message_json(self, message: Message) -> Json:
        return asdict(message)

    def webhook_changed(self) -> None:
        """Try the webhook's new address at once, for everything that waits."""
        self.webhook_client.health.state = "unknown" if self.settings.webhook_url else "unset"
        self.webhook_delivery.retry_pending()
        self.conversations.mark_changed()

    def stop(self) -> None:
        """End every long poll and event stream, so that the server need not wait for them."""
        self.stopping = True
        self.conversations.wake_all()
        self.wire_log.wake_all()

    def record_progress(self, messages: list[str], state: str, attempts: int, error: str) -> None:
        """Show on a customer's messages how their delivery to the webhook goes."""
        for message in filter(None, map(self.conversations.find, messages)):
            message.attempts, message.error = attempts, error
            if message.status != "read":
                message.status = state
            self.conversations.mark_changed(message)


def simulator_of(request: Request) -> Simulator:
    simulator = request.app.state.simulator
    assert isinstance(simulator, Simulator)  # noqa: S101 - narrows the type; set in create_app
    return simulator
