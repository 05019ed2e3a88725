"""The control API's customer side: what a person does on the phone, for the chat page, scripts and tests."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.whatsapp_simulator.control_files import post_media, post_sample
from local.whatsapp_simulator.control_input import Declined, checked_number, customer_number, json_object
from local.whatsapp_simulator.customer import Customer, NoSuchOption
from local.whatsapp_simulator.handset import handset_of
from local.whatsapp_simulator.message import Message
from local.whatsapp_simulator.view import contact_view


async def post_contact(request: Request) -> Response:
    body = await json_object(request)
    wa_id = checked_number(str(body.get("wa_id", "")))
    handset = handset_of(request)
    contact = handset.conversations.contact(wa_id, str(body.get("name", "")))
    contact.username = str(body.get("username", contact.username))
    return JSONResponse(contact_view(handset, contact))


async def post_text(request: Request) -> Response:
    body = await json_object(request)
    text = body.get("text")
    if not isinstance(text, str) or not text:
        raise Declined("text is missing")
    return _sent(_customer(request, body).text(text, str(body.get("reply_to", ""))))


async def post_choice(request: Request) -> Response:
    body = await json_object(request)
    try:
        return _sent(_customer(request, body).choose(str(body.get("id", "")), str(body.get("wamid", ""))))
    except NoSuchOption as none:
        raise Declined(str(none), 409) from None


async def post_location(request: Request) -> Response:
    body = await json_object(request)
    if not all(isinstance(body.get(key), int | float) for key in ("latitude", "longitude")):
        raise Declined("latitude and longitude must be numbers")
    place: dict[str, Any] = {
        key: body[key] for key in ("latitude", "longitude", "name", "address", "url") if key in body
    }
    return _sent(_customer(request, {}).location(place))


async def post_unsupported(request: Request) -> Response:
    return _sent(_customer(request, await json_object(request)).unsupported())


async def post_raw(request: Request) -> Response:
    return _sent(_customer(request, {}).raw(await json_object(request)))


def _customer(request: Request, body: dict[str, Any]) -> Customer:
    return Customer(handset_of(request), customer_number(request), str(body.get("name", "")))


def _sent(message: Message) -> Response:
    return JSONResponse(asdict(message), 201)


CONTACT = "/handset/contacts/{wa_id}"

CUSTOMER_ROUTES = [
    Route("/handset/contacts", post_contact, methods=["POST"]),
    Route(CONTACT + "/text", post_text, methods=["POST"]),
    Route(CONTACT + "/choice", post_choice, methods=["POST"]),
    Route(CONTACT + "/media", post_media, methods=["POST"]),
    Route(CONTACT + "/sample", post_sample, methods=["POST"]),
    Route(CONTACT + "/location", post_location, methods=["POST"]),
    Route(CONTACT + "/unsupported", post_unsupported, methods=["POST"]),
    Route(CONTACT + "/raw", post_raw, methods=["POST"]),
]
