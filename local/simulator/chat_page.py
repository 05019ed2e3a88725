"""The chat page and its data: static files, contacts, the event stream, media and samples."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from local.simulator.samples import all_samples, bare_mime
from local.simulator.simulator import ControlError, Simulator, simulator_of

FOLDER = Path(__file__).parent / "page"

# Types that the browser displays. Everything else is only offered for saving, because a document may hold a script.
INLINE = ("image/jpeg", "image/png", "image/webp", "image/gif", "audio/", "video/")

POLICY = "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; frame-ancestors 'none'"

HEARTBEAT_SECONDS = 15.0
DEBOUNCE_SECONDS = 0.03  # changes within this time are sent in one event


async def get_page(_: Request) -> Response:
    return FileResponse(FOLDER / "index.html", headers={"content-security-policy": POLICY, "cache-control": "no-cache"})


async def get_contacts(request: Request) -> Response:
    simulator = simulator_of(request)
    contacts = simulator.conversations.contacts.values()
    return JSONResponse({"contacts": [simulator.contact_json(contact) for contact in contacts]})


async def get_channel(request: Request) -> Response:
    """How the channel differs on the page, and what an empty chat proposes to write."""
    simulator = simulator_of(request)
    return JSONResponse({**simulator.page(), "suggestions": list(simulator.settings.suggestions)})


async def get_events(request: Request) -> Response:
    """Server-sent events: the complete state first, then each change."""
    simulator = simulator_of(request)

    async def stream() -> AsyncIterator[str]:
        version = 0
        while not simulator.stopping:
            state = _changes_after(simulator, version)
            version = state["version"]
            yield f"id: {version}\ndata: {json.dumps(state)}\n\n"
            await asyncio.sleep(DEBOUNCE_SECONDS)
            while simulator.conversations.version == version and not simulator.stopping:
                if not await simulator.conversations.wait(HEARTBEAT_SECONDS):
                    yield ": still here\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"cache-control": "no-store"})


def _changes_after(simulator: Simulator, version: int) -> dict[str, Any]:
    """Everything that changed after a version: whole messages, all contacts, the state of the webhook."""
    conversations, settings = simulator.conversations, simulator.settings
    return {
        "version": conversations.version,
        "messages": [
            simulator.message_json(message) for message in conversations.messages if message.version > version
        ],
        "contacts": [simulator.contact_json(contact) for contact in conversations.contacts.values()],
        "webhook": {"url": settings.webhook_url, **asdict(simulator.webhook_client.health)},
        "business": simulator.business(),
        "wire": simulator.wire_log.last,
    }


async def get_media(request: Request) -> Response:
    """The bytes of media of either side, without a token: this is the customer's own phone.

    `?as=` sets the filename. A customer saves a file under the name in the message, not under that of the upload.
    """
    media = simulator_of(request).media_store.find(request.path_params["media_id"])
    if media is None:
        raise ControlError("There is no such media", 404)
    filename = request.query_params.get("as", media.filename)
    inline = bare_mime(media.mime).startswith(INLINE)
    disposition = f"{'inline' if inline else 'attachment'}; filename*=utf-8''{quote(filename)}"
    mime = media.mime if inline else "application/octet-stream"
    headers = {"content-disposition": disposition, "x-content-type-options": "nosniff"}
    return FileResponse(media.path, media_type=mime, headers=headers)


async def get_samples(request: Request) -> Response:
    samples = await run_in_threadpool(all_samples, simulator_of(request).settings)
    return JSONResponse({"samples": [sample.to_json() for sample in samples]})


PAGE_ROUTES: list[BaseRoute] = [
    Route("/", get_page, methods=["GET"]),
    Route("/handset/channel", get_channel, methods=["GET"]),
    Route("/handset/contacts", get_contacts, methods=["GET"]),
    Route("/handset/events", get_events, methods=["GET"]),
    Route("/handset/media/{media_id}", get_media, methods=["GET"]),
    Route("/handset/samples", get_samples, methods=["GET"]),
    Mount("/page", StaticFiles(directory=FOLDER)),
]
