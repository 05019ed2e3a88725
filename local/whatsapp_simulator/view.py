"""What the chat page shows, as data: people, messages, and whether the business can be reached."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from local.whatsapp_simulator.conversations import Contact
from local.whatsapp_simulator.handset import Handset, handset_of
from local.whatsapp_simulator.identity import user_id

HEARTBEAT_SECONDS = 15.0
SETTLING_SECONDS = 0.03  # what changes together is told together


def contact_view(handset: Handset, contact: Contact) -> dict[str, Any]:
    """A contact in JSON form; times are milliseconds since the epoch."""
    return {
        "wa_id": contact.wa_id,
        "name": contact.name,
        "username": contact.username,
        "user_id": user_id(contact.wa_id),
        "window_open": contact.window_until > handset.clock(),
        "window_until": int(contact.window_until * 1000),
        "typing_until": int(contact.typing_until * 1000),
    }


def changes(handset: Handset, after: int) -> dict[str, Any]:
    """Everything that changed after a version: whole messages, all contacts, the state of the webhook."""
    conversations, settings = handset.conversations, handset.settings
    return {
        "version": conversations.version,
        "messages": [asdict(message) for message in conversations.messages if message.version > after],
        "contacts": [contact_view(handset, contact) for contact in conversations.contacts.values()],
        "webhook": {"url": settings.webhook_url, **asdict(handset.calls.health)},
        "business": {"name": settings.verified_name, "number": settings.display_phone_number},
        "wire": handset.wire.last,
    }


async def get_contacts(request: Request) -> Response:
    handset = handset_of(request)
    people = handset.conversations.contacts.values()
    return JSONResponse({"contacts": [contact_view(handset, contact) for contact in people]})


async def get_events(request: Request) -> Response:
    """Server-sent events: at once all that is known, then each change."""
    handset = handset_of(request)

    async def stream() -> AsyncIterator[str]:
        seen = 0
        while not handset.stopping:
            news = changes(handset, seen)
            seen = news["version"]
            yield f"id: {seen}\ndata: {json.dumps(news)}\n\n"
            await asyncio.sleep(SETTLING_SECONDS)
            while handset.conversations.version == seen and not handset.stopping:
                if not await handset.conversations.wait(HEARTBEAT_SECONDS):
                    yield ": still here\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"cache-control": "no-store"})


VIEW_ROUTES = [
    Route("/handset/contacts", get_contacts, methods=["GET"]),
    Route("/handset/events", get_events, methods=["GET"]),
]
