"""The control API: conversations, the wire log, settings and fault injection, for the chat page, scripts and tests."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.whatsapp_simulator.business_messages import STATUS_RANK, report_status
from local.whatsapp_simulator.faults import InvalidFault
from local.whatsapp_simulator.graph_errors import GraphError
from local.whatsapp_simulator.settings import InvalidSetting
from local.whatsapp_simulator.simulator import simulator_of

MAX_WAIT = 60.0  # seconds of a long poll


class ControlError(Exception):
    """An invalid request to the control API; the response is `{"error": ...}`."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


async def control_error_response(_: Request, error: Exception) -> Response:
    """The exception handler of ControlError."""
    return JSONResponse({"error": str(error)}, getattr(error, "status", 500))


async def json_object(request: Request) -> dict[str, Any]:
    """The body, a JSON object; an empty body is an empty object."""
    raw = await request.body()
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        raise ControlError("The body is not JSON") from None
    if not isinstance(body, dict):
        raise ControlError("The body must be a JSON object")
    return body


def customer_number(request: Request) -> str:
    """The customer's number in the path: digits only, as Meta writes a number."""
    return checked_number(str(request.path_params["wa_id"]))


def checked_number(number: str) -> str:
    digits = re.sub(r"[ +()-]", "", number)
    if not re.fullmatch(r"[0-9]{5,20}", digits):
        raise ControlError(f"{number!r} is no phone number: 5 to 20 digits with the country code")
    return digits


def whole_number(request: Request, name: str) -> int:
    value = request.query_params.get(name, "0")
    if not value.isdigit():
        raise ControlError(f"{name} must be a whole number, not {value!r}")
    return int(value)


def wait_seconds(request: Request) -> float:
    """The time in seconds that the caller wants to wait for something new; at most MAX_WAIT."""
    try:
        return min(max(float(request.query_params.get("wait", "0")), 0.0), MAX_WAIT)
    except ValueError:
        raise ControlError("wait must be a number of seconds") from None


async def get_messages(request: Request) -> Response:
    """The messages after a sequence number; with `wait`, a long poll until there is one."""
    simulator, wa_id = simulator_of(request), customer_number(request)
    after, changed_after = whole_number(request, "after"), whole_number(request, "changed_after")
    direction = request.query_params.get("direction", "")
    deadline = asyncio.get_running_loop().time() + wait_seconds(request)
    while True:
        messages = simulator.conversations.select(wa_id, after, changed_after, direction)
        remaining = deadline - asyncio.get_running_loop().time()
        if messages or remaining <= 0 or simulator.stopping:
            break
        await simulator.conversations.wait(remaining, wa_id)
    last = max((message["seq"] for message in messages), default=after)
    return JSONResponse({"messages": messages, "last": last, "version": simulator.conversations.version})


async def get_wire(request: Request) -> Response:
    wire_log, after = simulator_of(request).wire_log, whole_number(request, "after")
    if not wire_log.after(after) and wait_seconds(request):
        await wire_log.wait(wait_seconds(request))
    return JSONResponse({"exchanges": wire_log.after(after), "last": wire_log.last})


async def get_settings(request: Request) -> Response:
    return JSONResponse(simulator_of(request).settings.to_json())


async def post_settings(request: Request) -> Response:
    simulator = simulator_of(request)
    try:
        simulator.settings.update(await json_object(request))
    except InvalidSetting as error:
        raise ControlError(str(error)) from None
    simulator.webhook_client.health.state = "unknown" if simulator.settings.webhook_url else "unset"
    simulator.webhook_delivery.retry_pending()
    simulator.conversations.mark_changed()
    return JSONResponse(simulator.settings.to_json())


async def get_faults(request: Request) -> Response:
    return JSONResponse(simulator_of(request).faults.to_json())


async def post_faults(request: Request) -> Response:
    faults = simulator_of(request).faults
    try:
        faults.plan(await json_object(request))
    except (InvalidFault, TypeError, ValueError) as error:
        raise ControlError(str(error)) from None
    return JSONResponse(faults.to_json())


async def post_window(request: Request) -> Response:
    """Open or close the 24-hour window of a contact: `{"contact": wa_id, "open": true}`."""
    body = await json_object(request)
    wa_id, is_open = checked_number(str(body.get("contact", ""))), bool(body.get("open", True))
    simulator_of(request).conversations.set_window(wa_id, is_open=is_open)
    return JSONResponse({"contact": wa_id, "open": is_open})


async def post_handshake(request: Request) -> Response:
    return JSONResponse(await simulator_of(request).webhook_client.handshake())


async def post_redeliver(request: Request) -> Response:
    """Deliver the POSTs about a message again, byte for byte: `{"wamid": ..., "times": 1}`."""
    body = await json_object(request)
    count = simulator_of(request).webhook_delivery.redeliver(str(body.get("wamid", "")), int(body.get("times", 1)))
    if not count:
        raise ControlError("Nothing was delivered about this message, or too long ago", 404)
    return JSONResponse({"deliveries": count})


async def post_status(request: Request) -> Response:
    """Report a status of a message of the business: `{"wamid": ..., "status": ..., "code": for failed}`."""
    body, simulator = await json_object(request), simulator_of(request)
    message = simulator.conversations.find(str(body.get("wamid", "")))
    if message is None or message.direction != "out":
        raise ControlError("No message of the business has this wamid", 404)
    status = str(body.get("status", ""))
    if status not in STATUS_RANK:
        raise ControlError(f"status must be one of {', '.join(STATUS_RANK)}")
    error = GraphError(int(body.get("code", 131026)), "Message undeliverable.") if status == "failed" else None
    report_status(simulator, message, status, error=error)
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
