"""The part of the control API that acts as Meta: the 24-hour window, the handshake, and statuses."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.simulator.control_api import json_object, message_of
from local.simulator.simulator import ControlError
from local.whatsapp_simulator.business_messages import STATUS_RANK, report_status
from local.whatsapp_simulator.graph_errors import GraphError
from local.whatsapp_simulator.simulator import whatsapp_of


async def post_window(request: Request) -> Response:
    """Open or close the 24-hour window of a contact: `{"contact": wa_id, "open": true}`."""
    body = await json_object(request)
    simulator, is_open = whatsapp_of(request), bool(body.get("open", True))
    wa_id = simulator.checked_contact(str(body.get("contact", "")))
    simulator.set_window(wa_id, is_open=is_open)
    return JSONResponse({"contact": wa_id, "open": is_open})


async def post_handshake(request: Request) -> Response:
    return JSONResponse(await whatsapp_of(request).webhook_client.handshake())


async def post_status(request: Request) -> Response:
    """Report a status of a message of the business: `{"wamid": ..., "status": ..., "code": for failed}`."""
    body, simulator = await json_object(request), whatsapp_of(request)
    message = simulator.conversations.find(message_of(body))
    if message is None or message.direction != "out":
        raise ControlError("No message of the business has this wamid", 404)
    status = str(body.get("status", ""))
    if status not in STATUS_RANK:
        raise ControlError(f"status must be one of {', '.join(STATUS_RANK)}")
    error = GraphError(int(body.get("code", 131026)), "Message undeliverable.") if status == "failed" else None
    report_status(simulator, message, status, error=error)
    return JSONResponse({"wamid": message.id, "status": message.status})


NUMBER_ROUTES = [
    Route("/handset/window", post_window, methods=["POST"]),
    Route("/handset/handshake", post_handshake, methods=["POST"]),
    Route("/handset/status", post_status, methods=["POST"]),
]
