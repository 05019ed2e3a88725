"""The parts of the stand-in, put together."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.requests import Request

from local.whatsapp_simulator.conversations import Conversations
from local.whatsapp_simulator.faults import Faults
from local.whatsapp_simulator.identity import contact_part
from local.whatsapp_simulator.media_shelf import Media, MediaShelf
from local.whatsapp_simulator.settings import Settings
from local.whatsapp_simulator.webhook_calls import WebhookCalls
from local.whatsapp_simulator.webhook_payloads import Notice
from local.whatsapp_simulator.webhooks import Webhooks
from local.whatsapp_simulator.wire import Wire


class Handset:
    """Everything that one stand-in remembers; lives in one event loop."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.clock = clock
        self.conversations = Conversations(clock)
        self.shelf = MediaShelf(settings.data / "media", clock)
        self.faults = Faults()
        self.wire = Wire()
        self.calls = WebhookCalls(settings, self.wire, self.conversations.touch)
        self.webhooks = Webhooks(settings, self.calls, self._progress)
        self.stopping = False

    def report(self, field: str, part: dict[str, object], wa_id: str, wamid: str) -> None:
        """Tell the business of a message or a status of this customer."""
        contact = self.conversations.contact(wa_id)
        with_user_id = self.settings.user_ids_in_webhooks
        person = contact_part(wa_id, contact.name, contact.username, with_user_id=with_user_id)
        self.webhooks.report(Notice(field, part, person, wamid))

    def address(self, media: Media) -> str:
        """A short-lived address of the media, as a lookup or a webhook gives it."""
        return self.shelf.address(media, self.settings.public_url, self.settings.media_url_seconds)

    def stop(self) -> None:
        """End every long poll and event stream, so that the server need not wait for them."""
        self.stopping = True
        self.conversations.wake_all()
        self.wire.wake()

    def _progress(self, notice: Notice, state: str, attempts: int, error: str) -> None:
        message = self.conversations.find(notice.wamid)
        if notice.field != "messages" or message is None:
            return
        message.attempts, message.error = attempts, error
        if message.status != "read":
            message.status = state
        self.conversations.touch(message)


def handset_of(request: Request) -> Handset:
    handset = request.app.state.handset
    assert isinstance(handset, Handset)  # noqa: S101 - tells the type checker; set in create_app
    return handset
