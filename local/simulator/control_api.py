"""The control API: conversations, the wire log, settings and fault injection, for the chat page, scripts and tests."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.simulator.faults import InvalidFault
from local.simulator.settings import InvalidSetting
from local.simulator.simulator import ControlError, simulator_of

MAX_WAIT = 60.0  # seconds of a long poll


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


def contact_of(request: Request) -> str:
    """The contact in the path, in its usual form."""
    return simulator_of(request).checked_contact(str(request.path_params["contact"]))


def message_of(body: dict[str, Any]) -> str:
    """The message that a body names; `wamid` is WhatsApp's word for its id."""
    return str(body.get("message") or body.get("wamid") or "")


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
    simulator, contact = simulator_of(request), contact_of(request)
    after, changed_after = whole_number(request, "after"), whole_number(request, "changed_after")
    direction = request.query_params.get("direction", "")
    deadline = asyncio.get_running_loop().time() + wait_seconds(request)
    while True:
        messages = simulator.conversations.select(contact, after, changed_after, direction)
        remaining = deadline - asyncio.get_running_loop().time()
        if messages or remaining <= 0 or simulator.stopping:
            break
        await simulator.conversations.wait(remaining, contact)
    last = max((message.seq for message in messages), default=after)
    shown = [simulator.message_json(message) for message in messages]
    return JSONResponse({"messages": shown, "last": last, "version": simulator.conversations.version})


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
    simulator.webhook_changed()
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


async def post_redeliver(request: Request) -> Response:
    """Deliver the POSTs about a message again, byte for byte: `{"message": id, "times": 1}`."""
    body = await json_object(request)
    count = simulator_of(request).webhook_delivery.redeliver(message_of(body), int(body.get("times", 1)))
    if not count:
        raise ControlError("Nothing was delivered about this message, or too long ago", 404)
    return JSONResponse({"deliveries": count})


async def post_switch(request: Request) -> Response:
    """Press a switch of the chat page: `{"switch": name, "on": true}`."""
    body, simulator, contact = await json_object(request), simulator_of(request), contact_of(request)
    simulator.set_switch(contact, str(body.get("switch", "")), on=bool(body.get("on", True)))
    return JSONResponse(simulator.contact_json(simulator.conversations.contact(contact)))


CONTROL_ROUTES = [
    Route("/handset/contacts/{contact}/messages", get_messages, methods=["GET"]),
    Route("/handset/contacts/{contact}/switch", post_switch, methods=["POST"]),
    Route("/handset/wire", get_wire, methods=["GET"]),
    Route("/handset/settings", get_settings, methods=["GET"]),
    Route("/handset/settings", post_settings, methods=["POST"]),
    Route("/handset/faults", get_faults, methods=["GET"]),
    Route("/handset/faults", post_faults, methods=["POST"]),
    Route("/handset/redeliver", post_redeliver, methods=["POST"]),
]
