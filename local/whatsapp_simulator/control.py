"""The rest of the control API: what was said, what went over the wire, switches and trouble on demand."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.whatsapp_simulator.control_input import (
    Declined,
    checked_number,
    customer_number,
    json_object,
    wait_seconds,
    whole_number,
)
from local.whatsapp_simulator.faults import UnknownFault
from local.whatsapp_simulator.handset import handset_of
from local.whatsapp_simulator.refusals import Refusal
from local.whatsapp_simulator.settings import UnknownSetting
from local.whatsapp_simulator.statuses import RANK, report_status


async def get_messages(request: Request) -> Response:
    """The conversation after a sequence number; with `wait`, not before there is something or the time is up."""
    handset, wa_id = handset_of(request), customer_number(request)
    after, changed_after = whole_number(request, "after"), whole_number(request, "changed_after")
    direction = request.query_params.get("direction", "")
    deadline = asyncio.get_running_loop().time() + wait_seconds(request)
    while True:
        messages = handset.conversations.of(wa_id, after, changed_after, direction)
        left = deadline - asyncio.get_running_loop().time()
        if messages or left <= 0 or handset.stopping:
            break
        await handset.conversations.wait(left, wa_id)
    last = max((message["seq"] for message in messages), default=after)
    return JSONResponse({"messages": messages, "last": last, "version": handset.conversations.version})


async def get_wire(request: Request) -> Response:
    wire, after = handset_of(request).wire, whole_number(request, "after")
    if not wire.after(after) and wait_seconds(request):
        await wire.wait(wait_seconds(request))
    return JSONResponse({"exchanges": wire.after(after), "last": wire.last})


async def get_settings(request: Request) -> Response:
    return JSONResponse(handset_of(request).settings.shown())


async def post_settings(request: Request) -> Response:
    handset = handset_of(request)
    try:
        handset.settings.change(await json_object(request))
    except UnknownSetting as wrong:
        raise Declined(str(wrong)) from None
    handset.calls.health.state = "unknown" if handset.settings.webhook_url else "unset"
    handset.webhooks.retry_waiting()
    handset.conversations.touch()
    return JSONResponse(handset.settings.shown())


async def get_faults(request: Request) -> Response:
    return JSONResponse(handset_of(request).faults.shown())


async def post_faults(request: Request) -> Response:
    faults = handset_of(request).faults
    try:
        faults.plan(await json_object(request))
    except (UnknownFault, TypeError, ValueError) as wrong:
        raise Declined(str(wrong)) from None
    return JSONResponse(faults.shown())


async def post_window(request: Request) -> Response:
    """Open or close the 24-hour window of a contact: `{"contact": wa_id, "open": true}`."""
    body = await json_object(request)
    wa_id = checked_number(str(body.get("contact", "")))
    handset_of(request).conversations.open_window(wa_id, open_=bool(body.get("open", True)))
    return JSONResponse({"contact": wa_id, "open": bool(body.get("open", True))})


async def post_handshake(request: Request) -> Response:
    return JSONResponse(await handset_of(request).calls.handshake())


async def post_redeliver(request: Request) -> Response:
    """Deliver again, byte for byte, what reported a message: `{"wamid": ..., "times": 1}`."""
    body = await json_object(request)
    count = handset_of(request).webhooks.deliver_again(str(body.get("wamid", "")), int(body.get("times", 1)))
    if not count:
        raise Declined("Nothing was delivered about this message, or too long ago", 404)
    return JSONResponse({"deliveries": count})


async def post_status(request: Request) -> Response:
    """Report a status of a message of the business: `{"wamid": ..., "status": ..., "code": for failed}`."""
    body, handset = await json_object(request), handset_of(request)
    message = handset.conversations.find(str(body.get("wamid", "")))
    if message is None or message.direction != "out":
        raise Declined("No message of the business has this wamid", 404)
    status = str(body.get("status", ""))
    if status not in RANK:
        raise Declined(f"status must be one of {', '.join(RANK)}")
    refusal = Refusal(int(body.get("code", 131026)), "Message undeliverable.") if status == "failed" else None
    report_status(handset, message, status, refusal=refusal)
    return JSONResponse({"wamid": message.wamid, "status": message.status})


CONTROL_ROUTES = [
    Route("/handset/contacts/{wa_id}/messages", get_messages, methods=["GET"]),
    Route("/handset/wire", get_wire, methods=["GET"]),
    Route("/handset/settings", get_settings, methods=["GET"]),
    Route("/handset/settings", post_settings, methods=["POST"]),
    Route("/handset/faults", get_faults, methods=["GET"]),
    Route("/handset/faults", post_faults, methods=["POST"]),
    Route("/handset/window", post_window, methods=["POST"]),
    Route("/handset/handshake", post_handshake, methods=["POST"]),
    Route("/handset/redeliver", post_redeliver, methods=["POST"]),
    Route("/handset/status", post_status, methods=["POST"]),
]
