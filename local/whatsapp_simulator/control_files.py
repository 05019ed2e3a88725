"""Files that a customer sends: uploaded to the control API, or one of the samples."""

from __future__ import annotations

import mimetypes
import secrets
from dataclasses import asdict
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.whatsapp_simulator.control_input import Declined, customer_number, json_object
from local.whatsapp_simulator.customer import Customer
from local.whatsapp_simulator.handset import Handset, handset_of
from local.whatsapp_simulator.media_rules import KINDS, bare, kind_of
from local.whatsapp_simulator.media_shelf import CUSTOMER, Media
from local.whatsapp_simulator.message import Message
from local.whatsapp_simulator.samples import all_samples

STEP = 1024 * 1024

# What a phone's recorder announces, and what Meta writes into the webhook of a voice note.
VOICE_MIME = "audio/ogg; codecs=opus"


async def post_media(request: Request) -> Response:
    """Send the files of a form, as one album when there are several.

    Fields: `file` (may be repeated), `kind`, `caption` (the first is the first file's), `voice`; `mime` and `filename`
    replace what the part says.
    """
    async with request.form(max_files=30) as form:
        files = [part for part in form.getlist("file") if isinstance(part, UploadFile)]
        fields = {name: str(value) for name, value in form.items() if isinstance(value, str)}
        captions = [value for value in form.getlist("caption") if isinstance(value, str)]
        if not files:
            raise Declined("No file: send multipart/form-data with one or more parts named `file`")
        if fields.get("kind", "image") not in KINDS:
            raise Declined(f"kind must be one of {', '.join(KINDS)}")
        handset, wa_id = handset_of(request), customer_number(request)
        stored = [
            await run_in_threadpool(_store, handset, file.file, file.filename or "", file.content_type or "", fields)
            for file in files
        ]
    messages = send_files(Customer(handset, wa_id, fields.get("name", "")), stored, fields, captions)
    return JSONResponse({"messages": [asdict(message) for message in messages]}, 201)


async def post_sample(request: Request) -> Response:
    """Send one of the built-in samples: `{"sample": name, "caption": ...}`."""
    body = await json_object(request)
    handset, wa_id = handset_of(request), customer_number(request)
    samples = {sample.name: sample for sample in await run_in_threadpool(all_samples, handset.settings)}
    sample = samples.get(str(body.get("sample", "")))
    if sample is None:
        raise Declined(f"There is no such sample; there are {', '.join(samples)}", 404)
    fields = {"kind": sample.kind, "voice": str(sample.voice).lower()}
    stored = []
    for path in sample.files:
        with path.open("rb") as file:
            stored.append(_store(handset, file, path.name, "", fields))
    messages = send_files(Customer(handset, wa_id), stored, fields, [str(body.get("caption", ""))])
    return JSONResponse({"messages": [asdict(message) for message in messages]}, 201)


def send_files(customer: Customer, stored: list[Media], fields: dict[str, str], captions: list[str]) -> list[Message]:
    album = secrets.token_hex(4) if len(stored) > 1 else ""
    voice = fields.get("voice", "").lower() in ("1", "true", "yes", "on")
    return [
        customer.media(
            media,
            fields.get("kind") or kind_of(media.mime),
            caption=captions[number] if number < len(captions) else "",
            voice=voice,
            album=album,
        )
        for number, media in enumerate(stored)
    ]


def _store(handset: Handset, file: BinaryIO, filename: str, mime: str, fields: dict[str, str]) -> Media:
    filename = fields.get("filename") or filename or "file"
    if mime in ("", "application/octet-stream"):
        mime = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    if bare(mime) in ("audio/ogg", "audio/opus", "video/ogg", "application/ogg"):
        mime = VOICE_MIME
    writer = handset.shelf.writer()
    while chunk := file.read(STEP):
        writer.write(chunk)
    return handset.shelf.keep(writer, fields.get("mime") or mime, filename, CUSTOMER)
