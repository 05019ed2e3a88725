"""The part of the control API that acts as a customer: messages, taps, files and contacts."""

from __future__ import annotations

import mimetypes
import secrets
from dataclasses import asdict
from typing import Any, BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.whatsapp_simulator.chat_page import contact_json
from local.whatsapp_simulator.control_api import ControlError, checked_number, customer_number, json_object
from local.whatsapp_simulator.conversations import Message
from local.whatsapp_simulator.customer_messages import Customer, NoSuchMessage, NoSuchOption
from local.whatsapp_simulator.media_store import CUSTOMER, Media
from local.whatsapp_simulator.message_rules import MEDIA_KINDS, bare_mime, default_kind
from local.whatsapp_simulator.samples import all_samples
from local.whatsapp_simulator.simulator import Simulator, simulator_of
from local.whatsapp_simulator.webhook_payloads import UNSUPPORTED_ERROR

CHUNK = 1024 * 1024  # bytes

# The type that a phone's recorder announces, and that Meta writes into the webhook of a voice note.
VOICE_MIME = "audio/ogg; codecs=opus"


async def post_contact(request: Request) -> Response:
    body = await json_object(request)
    wa_id = checked_number(str(body.get("wa_id", "")))
    simulator = simulator_of(request)
    contact = simulator.conversations.contact(wa_id, str(body.get("name", "")))
    contact.username = str(body.get("username", contact.username))
    return JSONResponse(contact_json(simulator, contact))


async def post_text(request: Request) -> Response:
    body = await json_object(request)
    text = body.get("text")
    if not isinstance(text, str) or not text:
        raise ControlError("text is missing")
    referral = body.get("referral")
    sent = _customer(request, body).send_text(
        text,
        str(body.get("reply_to", "")),
        forwarded=body.get("forwarded") is True,
        referral=referral if isinstance(referral, dict) else None,
    )
    return _created(sent)


async def post_edit(request: Request) -> Response:
    body = await json_object(request)
    try:
        return _created(_customer(request, body).edit(str(body.get("text", "")), str(body.get("wamid", ""))))
    except NoSuchMessage as error:
        raise ControlError(str(error), 409) from None


async def post_contacts(request: Request) -> Response:
    body = await json_object(request)
    cards = body.get("contacts")
    if not isinstance(cards, list) or not all(isinstance(card, dict) for card in cards):
        raise ControlError("contacts must be a list of contact cards")
    return _created(_customer(request, {}).send_contacts(cards))


async def post_form(request: Request) -> Response:
    body = await json_object(request)
    if not isinstance(body.get("answers"), dict):
        raise ControlError("answers must be an object")
    return _created(_customer(request, {}).send_form(body["answers"], str(body.get("reply_to", ""))))


async def post_welcome(request: Request) -> Response:
    return _created(_customer(request, await json_object(request)).open_chat())


async def post_choice(request: Request) -> Response:
    body = await json_object(request)
    try:
        return _created(_customer(request, body).choose(str(body.get("id", "")), str(body.get("wamid", ""))))
    except NoSuchOption as error:
        raise ControlError(str(error), 409) from None


async def post_location(request: Request) -> Response:
    body = await json_object(request)
    if not all(isinstance(body.get(key), int | float) for key in ("latitude", "longitude")):
        raise ControlError("latitude and longitude must be numbers")
    location: dict[str, Any] = {
        key: body[key] for key in ("latitude", "longitude", "name", "address", "url") if key in body
    }
    return _created(_customer(request, {}).send_location(location))


async def post_unsupported(request: Request) -> Response:
    body = await json_object(request)
    code = body.get("code", UNSUPPORTED_ERROR["code"])
    if not isinstance(code, int):
        raise ControlError("code must be a number")
    return _created(_customer(request, body).send_unsupported(str(body.get("kind", "")), code))


async def post_raw(request: Request) -> Response:
    return _created(_customer(request, {}).send_raw(await json_object(request)))


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
        if fields.get("kind", "image") not in MEDIA_KINDS:
            raise ControlError(f"kind must be one of {', '.join(MEDIA_KINDS)}")
        simulator, wa_id = simulator_of(request), customer_number(request)
        stored = [
            await run_in_threadpool(_store, simulator, file.file, file.filename or "", file.content_type or "", fields)
            for file in files
        ]
    messages = _send_files(Customer(simulator, wa_id, fields.get("name", "")), stored, fields, captions)
    return JSONResponse({"messages": [asdict(message) for message in messages]}, 201)


async def post_sample(request: Request) -> Response:
    """Send one of the samples: `{"sample": name, "caption": ...}`."""
    body = await json_object(request)
    simulator, wa_id = simulator_of(request), customer_number(request)
    samples = {sample.name: sample for sample in await run_in_threadpool(all_samples, simulator.settings)}
    sample = samples.get(str(body.get("sample", "")))
    if sample is None:
        raise ControlError(f"There is no such sample; there are {', '.join(samples)}", 404)
    fields = {"kind": sample.kind, "voice": str(sample.voice).lower()}
    stored = []
    for path in sample.files:
        with path.open("rb") as file:
            stored.append(_store(simulator, file, path.name, "", fields))
    messages = _send_files(Customer(simulator, wa_id), stored, fields, [str(body.get("caption", ""))])
    return JSONResponse({"messages": [asdict(message) for message in messages]}, 201)


def _customer(request: Request, body: dict[str, Any]) -> Customer:
    return Customer(simulator_of(request), customer_number(request), str(body.get("name", "")))


def _created(message: Message) -> Response:
    return JSONResponse(asdict(message), 201)


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


CONTACT = "/handset/contacts/{wa_id}"

CUSTOMER_ROUTES = [
    Route("/handset/contacts", post_contact, methods=["POST"]),
    Route(CONTACT + "/text", post_text, methods=["POST"]),
    Route(CONTACT + "/choice", post_choice, methods=["POST"]),
    Route(CONTACT + "/media", post_media, methods=["POST"]),
    Route(CONTACT + "/sample", post_sample, methods=["POST"]),
    Route(CONTACT + "/location", post_location, methods=["POST"]),
    Route(CONTACT + "/edit", post_edit, methods=["POST"]),
    Route(CONTACT + "/cards", post_contacts, methods=["POST"]),
    Route(CONTACT + "/form", post_form, methods=["POST"]),
    Route(CONTACT + "/welcome", post_welcome, methods=["POST"]),
    Route(CONTACT + "/unsupported", post_unsupported, methods=["POST"]),
    Route(CONTACT + "/raw", post_raw, methods=["POST"]),
]
