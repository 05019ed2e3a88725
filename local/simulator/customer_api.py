"""The part of the control API that acts as a customer: messages, taps, files and contacts."""

from __future__ import annotations

import mimetypes
import secrets
from typing import Any, BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.simulator.control_api import contact_of, json_object, message_of
from local.simulator.conversations import Message
from local.simulator.customer import Customer, NoSuchMessage, NoSuchOption
from local.simulator.media_store import CUSTOMER, Media
from local.simulator.samples import all_samples, bare_mime, default_kind
from local.simulator.simulator import ControlError, Simulator, simulator_of

CHUNK = 1024 * 1024  # bytes

# The type that a phone's recorder announces.
VOICE_MIME = "audio/ogg; codecs=opus"


async def post_contact(request: Request) -> Response:
    """Create or change a contact: `{"id": ..., "name": ...}`, and what the channel knows beside."""
    body, simulator = await json_object(request), simulator_of(request)
    contact = simulator.checked_contact(str(body.get("id") or body.get("wa_id") or ""))
    simulator.conversations.contact(contact, str(body.get("name", "")))
    simulator.change_contact(contact, body)
    simulator.conversations.mark_changed()
    return JSONResponse(simulator.contact_json(simulator.conversations.contact(contact)))


async def post_text(request: Request) -> Response:
    body = await json_object(request)
    text = body.pop("text", None)
    if not isinstance(text, str) or not text:
        raise ControlError("text is missing")
    customer = customer_of(request, body)
    return created(request, customer.send_text(text, str(body.pop("reply_to", "")), **body))


async def post_edit(request: Request) -> Response:
    body = await json_object(request)
    try:
        edited = customer_of(request, body).edit(str(body.get("text", "")), message_of(body))
    except NoSuchMessage as error:
        raise ControlError(str(error), 409) from None
    return created(request, edited)


async def post_choice(request: Request) -> Response:
    body = await json_object(request)
    try:
        chosen = customer_of(request, body).choose(str(body.get("id", "")), message_of(body))
    except NoSuchOption as error:
        raise ControlError(str(error), 409) from None
    return created(request, chosen)


async def post_location(request: Request) -> Response:
    body = await json_object(request)
    if not all(isinstance(body.get(key), int | float) for key in ("latitude", "longitude")):
        raise ControlError("latitude and longitude must be numbers")
    location: dict[str, Any] = {
        key: body[key] for key in ("latitude", "longitude", "name", "address", "url") if key in body
    }
    return created(request, customer_of(request, {}).send_location(location))


async def post_media(request: Request) -> Response:
    """Send the files of a form; several files are one album.

    Fields: `file` (repeatable), `kind`, `caption` (repeatable, in the order of the files), `voice`; `mime` and
    `filename` override the values of the part.
    """
    async with request.form(max_files=30) as form:
        files = [part for part in form.getlist("file") if isinstance(part, UploadFile)]
        fields = {name: str(value) for name, value in form.items() if isinstance(value, str)}
        captions = [value for value in form.getlist("caption") if isinstance(value, str)]
        if not files:
            raise ControlError("No file: send multipart/form-data with one or more parts named `file`")
        simulator, contact = simulator_of(request), contact_of(request)
        if fields.get("kind", "image") not in simulator.file_kinds:
            raise ControlError(f"kind must be one of {', '.join(simulator.file_kinds)}")
        stored = [
            await run_in_threadpool(_store, simulator, file.file, file.filename or "", file.content_type or "", fields)
            for file in files
        ]
    messages = _send_files(simulator.customer(contact, fields.get("name", "")), stored, fields, captions)
    return JSONResponse({"messages": [simulator.message_json(message) for message in messages]}, 201)


async def post_sample(request: Request) -> Response:
    """Send one of the samples: `{"sample": name, "caption": ...}`."""
    body = await json_object(request)
    simulator, contact = simulator_of(request), contact_of(request)
    samples = {sample.name: sample for sample in await run_in_threadpool(all_samples, simulator.settings)}
    sample = samples.get(str(body.get("sample", "")))
    if sample is None:
        raise ControlError(f"There is no such sample; there are {', '.join(samples)}", 404)
    fields = {"kind": sample.kind, "voice": str(sample.voice).lower()}
    stored = []
    for path in sample.files:
        with path.open("rb") as file:
            stored.append(_store(simulator, file, path.name, "", fields))
    messages = _send_files(simulator.customer(contact), stored, fields, [str(body.get("caption", ""))])
    return JSONResponse({"messages": [simulator.message_json(message) for message in messages]}, 201)


def customer_of(request: Request, body: dict[str, Any]) -> Any:
    """The customer in the path, under the name that the body may give; a channel's customer can do more than all."""
    return simulator_of(request).customer(contact_of(request), str(body.pop("name", "")))


def created(request: Request, message: Message) -> Response:
    return JSONResponse(simulator_of(request).message_json(message), 201)


def _send_files(customer: Customer, stored: list[Media], fields: dict[str, str], captions: list[str]) -> list[Message]:
    album = secrets.token_hex(4) if len(stored) > 1 else ""
    voice = fields.get("voice", "").lower() in ("1", "true", "yes", "on")
    return [
        customer.send_media(
            media,
            fields.get("kind") or default_kind(media.mime),
            caption=captions[index] if index < len(captions) else "",
            voice=voice,
            album=album,
        )
        for index, media in enumerate(stored)
    ]


def _store(simulator: Simulator, file: BinaryIO, filename: str, mime: str, fields: dict[str, str]) -> Media:
    filename = fields.get("filename") or filename or "file"
    if mime in ("", "application/octet-stream"):
        mime = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    if bare_mime(mime) in ("audio/ogg", "audio/opus", "video/ogg", "application/ogg"):
        mime = VOICE_MIME
    writer = simulator.media_store.writer()
    while chunk := file.read(CHUNK):
        writer.write(chunk)
    return simulator.media_store.add(writer, fields.get("mime") or mime, filename, CUSTOMER)


CONTACT = "/handset/contacts/{contact}"

CUSTOMER_ROUTES = [
    Route("/handset/contacts", post_contact, methods=["POST"]),
    Route(CONTACT + "/text", post_text, methods=["POST"]),
    Route(CONTACT + "/edit", post_edit, methods=["POST"]),
    Route(CONTACT + "/choice", post_choice, methods=["POST"]),
    Route(CONTACT + "/location", post_location, methods=["POST"]),
    Route(CONTACT + "/media", post_media, methods=["POST"]),
    Route(CONTACT + "/sample", post_sample, methods=["POST"]),
]
