"""The state of one simulator of Telegram, and how Telegram differs on the chat page."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from starlette.requests import Request

from local.simulator.conversations import Contact, Conversations
from local.simulator.customer import FILE_KINDS
from local.simulator.faults import Faults
from local.simulator.media_store import MediaStore
from local.simulator.simulator import ControlError, Simulator
from local.simulator.wire_log import Exchange
from local.telegram_simulator.bot_errors import BotFault
from local.telegram_simulator.bot_files import BotFiles
from local.telegram_simulator.customer_messages import TelegramCustomer
from local.telegram_simulator.exchange_titles import exchange_title
from local.telegram_simulator.settings import Settings
from local.telegram_simulator.updates import is_group
from local.telegram_simulator.webhooks import SECRET_HEADER, BotWebhookClient, BotWebhookDelivery

Json = dict[str, Any]

MEDIA_OPERATIONS = ("upload", "lookup", "download")
OPERATIONS = ("send", *MEDIA_OPERATIONS, "answer", "bot")


@dataclass
class TelegramContact(Contact):
    """One chat; the id is that of the person, or the negative one of a group."""

    started: bool = False  # the person wrote first, or the group added the bot: before, the bot may not write
    blocked: bool = False


class TelegramSimulator(Simulator):
    """All state of one simulator; lives in one event loop."""

    settings: Settings
    conversations: Conversations[TelegramContact]
    faults: Faults[BotFault]
    webhook_client: BotWebhookClient
    webhook_delivery: BotWebhookDelivery
    api_paths = ("/bot", "/file/")
    file_kinds = (*FILE_KINDS, "animation", "video_note")

    def __init__(
        self, settings: Settings, perform: Callable[[str, Json], None], clock: Callable[[], float] = time.time
    ) -> None:
        """`perform` executes a method that the webhook's answer asks for."""
        super().__init__(clock)
        self.settings = settings
        self.conversations = Conversations(clock, TelegramContact)
        self.media_store = MediaStore(settings.data / "media", clock)
        self.faults = Faults(BotFault, OPERATIONS, {"media": MEDIA_OPERATIONS})
        self.files = BotFiles(clock, lambda: settings.file_seconds)
        self.webhook_client = BotWebhookClient(settings, self.wire_log, self.conversations.mark_changed, perform)
        self.webhook_delivery = BotWebhookDelivery(settings, self.webhook_client, self.record_progress)
        self.sent: dict[str, Json] = {}  # the message objects of both sides, by id
        self.queries: set[str] = set()
        self._message_ids = count(1)

    def page(self) -> Json:
        return {
            "name": "Telegram",
            "new_contact": "Add a user or group id",
            "contact_prefix": "",
            "signed_by": SECRET_HEADER,
            "statuses": False,
            "switches": [
                {
                    "name": "allowed",
                    "label": "Bot",
                    "on": "The bot may write. Press to block it",
                    "off": "The bot is blocked. Press to let it write",
                }
            ],
            "actions": [
                {"icon": "question", "label": "A game (unsupported)", "action": "unsupported", "body": {}},
            ],
        }

    def business(self) -> Json:
        return {"name": self.settings.bot_name, "number": f"@{self.settings.username}"}

    def checked_contact(self, text: str) -> str:
        """A user id, or the negative id of a group; a phone number's `+` and spaces are left out."""
        digits = re.sub(r"[ +()]", "", text)
        if not re.fullmatch(r"-?[1-9][0-9]{4,15}", digits):
            raise ControlError(f"{text!r} is no id of a user or a group: 5 to 16 digits, a group's with a minus")
        return digits

    def customer(self, contact: str, name: str = "") -> TelegramCustomer:
        return TelegramCustomer(self, contact, name)

    def change_contact(self, contact: str, body: Json) -> None:
        changed = self.conversations.contact(contact)
        changed.username = str(body.get("username", changed.username))
        if is_group(contact) and not changed.started:
            self.customer(contact).add_bot()

    def set_switch(self, contact: str, name: str, *, on: bool) -> None:
        if name != "allowed":
            raise ControlError(f"There is no switch {name!r}", 404)
        self.customer(contact).block(blocked=not on)

    def contact_json(self, contact: Contact) -> Json:
        known = self.conversations.contact(contact.id)
        return super().contact_json(contact) | {"switches": {"allowed": not known.blocked}}

    def describe(self, exchange: Exchange) -> Json:
        return exchange_title(exchange)

    def masked(self, text: str) -> str:
        for secret in filter(None, (self.settings.token, self.settings.secret_token)):
            text = text.replace(secret, f"•••{secret[-4:]}")
        return text

    def notify(self, kind: str, content: Json, chat: str, message: str) -> None:
        """Send the bot an update; `message` is the id of the message that it is about, or empty."""
        self.webhook_delivery.enqueue(kind, content, chat, message)

    def new_message_id(self) -> int:
        """Private chats and small groups of a bot share one row of ids."""
        return next(self._message_ids)

    def new_query(self) -> str:
        """The id of a tap."""
        query = str(10**17 + secrets.randbelow(9 * 10**17))
        self.queries.add(query)
        return query

    def is_private(self, message: Json) -> bool:
        """Whether a message of a group is none of the bot's business, as its privacy mode has it by default."""
        text = str(message.get("text") or message.get("caption") or "")
        answered = message.get("reply_to_message", {}).get("from", {}).get("id")
        return not (text.startswith("/") or f"@{self.settings.username}" in text or answered == self.settings.bot_id)


def telegram_of(request: Request) -> TelegramSimulator:
    simulator = request.app.state.simulator
    assert isinstance(simulator, TelegramSimulator)  # noqa: S101 - narrows the type; set in create_app
    return simulator
