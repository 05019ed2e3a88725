"""What only a customer on WhatsApp can do: contact cards, forms, another number, messages that Meta cannot express."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.simulator.control_api import json_object
from local.simulator.customer_api import CONTACT, created, customer_of
from local.simulator.simulator import ControlError
from local.whatsapp_simulator.simulator import whatsapp_of
from local.whatsapp_simulator.webhook_payloads import UNSUPPORTED_ERROR


async def post_contacts(request: Request) -> Response:
    body = await json_object(request)
    cards = body.get("contacts")
    if not isinstance(cards, list) or not all(isinstance(card, dict) for card in cards):
        raise ControlError("contacts must be a list of contact cards")
    return created(request, customer_of(request, {}).send_contacts(cards))


async def post_form(request: Request) -> Response:
    body = await json_object(request)
    if not isinstance(body.get("answers"), dict):
        raise ControlError("answers must be an object")
    return created(request, customer_of(request, {}).send_form(body["answers"], str(body.get("reply_to", ""))))


async def post_welcome(request: Request) -> Response:
    return created(request, customer_of(request, await json_object(request)).open_chat())


async def post_number(request: Request) -> Response:
    """Change the customer's number: `{"wa_id": the new one}`. The new one is then a customer of its own here."""
    body = await json_object(request)
    return created(
        request,
        customer_of(request, {}).change_number(whatsapp_of(request).checked_contact(str(body.get("wa_id", "")))),
    )


async def post_unsupported(request: Request) -> Response:
    body = await json_object(request)
    code = body.get("code", UNSUPPORTED_ERROR["code"])
    if not isinstance(code, int):
        raise ControlError("code must be a number")
    return created(request, customer_of(request, body).send_unsupported(str(body.get("kind", "")), code))


async def post_raw(request: Request) -> Response:
    return created(request, customer_of(request, {}).send_raw(await json_object(request)))


CUSTOMER_ROUTES = [
    Route(CONTACT + "/number", post_number, methods=["POST"]),
    Route(CONTACT + "/cards", post_contacts, methods=["POST"]),
    Route(CONTACT + "/form", post_form, methods=["POST"]),
    Route(CONTACT + "/welcome", post_welcome, methods=["POST"]),
    Route(CONTACT + "/unsupported", post_unsupported, methods=["POST"]),
    Route(CONTACT + "/raw", post_raw, methods=["POST"]),
]
