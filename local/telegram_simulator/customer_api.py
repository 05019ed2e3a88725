"""What only a customer on Telegram can do."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.simulator.control_api import json_object
from local.simulator.customer_api import CONTACT, created, customer_of
from local.telegram_simulator.simulator import telegram_of


async def post_unsupported(request: Request) -> Response:
    """A game, which no flow can use."""
    return created(request, customer_of(request, {}).send_unsupported())


async def post_card(request: Request) -> Response:
    """A contact card: `{"phone_number": ..., "first_name": ...}`."""
    body = await json_object(request)
    card = str(body.get("phone_number", "")), str(body.get("first_name", ""))
    return created(request, customer_of(request, {}).send_contact(*card))


async def post_raw(request: Request) -> Response:
    """Any content of a message object."""
    return created(request, customer_of(request, {}).send_raw(await json_object(request)))


async def post_forgotten(request: Request) -> Response:
    """Let Telegram forget a file's id: `{"file_id": ...}`."""
    body = await json_object(request)
    telegram_of(request).files.forget(str(body.get("file_id", "")))
    return JSONResponse({})


CUSTOMER_ROUTES = [
    Route(CONTACT + "/unsupported", post_unsupported, methods=["POST"]),
    Route(CONTACT + "/card", post_card, methods=["POST"]),
    Route(CONTACT + "/raw", post_raw, methods=["POST"]),
    Route("/handset/forgotten-files", post_forgotten, methods=["POST"]),
]
