"""Messages that a person of the business writes by hand, in the WhatsApp Business app on the same number.

Meta reports each to the webhook as an echo, if the field `smb_message_echoes` is subscribed.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.simulator.control_api import contact_of, json_object
from local.simulator.conversations import Message
from local.simulator.simulator import ControlError
from local.whatsapp_simulator.contacts import new_wamid
from local.whatsapp_simulator.simulator import WhatsAppSimulator, whatsapp_of
from local.whatsapp_simulator.webhook_payloads import addressee_part


def send_by_hand(simulator: WhatsAppSimulator, wa_id: str, message: dict[str, Any]) -> Message:
    """Show the customer a message of a person, and report it. `message` is any of Meta's, at least `type` and content.

    The app is not bound to the 24-hour window, and does not open it.
    """
    contact = simulator.conversations.contact(wa_id)
    kind = str(message["type"])
    to = addressee_part(contact, with_user_id=simulator.settings.user_ids_in_webhooks)
    echo = {
        "from": simulator.settings.display_phone_number,
        **to,
        "id": new_wamid(wa_id),
        "timestamp": str(int(simulator.clock())),
        **message,
    }
    content = message.get(kind)
    text = str(content.get("body", "")) if isinstance(content, dict) else ""
    shown = simulator.conversations.add(wa_id, "out", kind, id=echo["id"], text=text, by_hand=True, status="read")
    simulator.notify("message_echoes", echo, wa_id, shown.id)
    return shown


async def post_by_hand(request: Request) -> Response:
    """`{"text": ...}`, or any message object of Meta's, such as `{"type": "revoke", "revoke": {...}}`."""
    body, simulator = await json_object(request), whatsapp_of(request)
    text = body.pop("text", "")
    if isinstance(text, str) and text:
        body |= {"type": "text", "text": {"body": text}}
    elif isinstance(text, dict):
        body["text"] = text
    if not isinstance(body.get("type"), str):
        raise ControlError("text is missing, or the type of another message")
    message = send_by_hand(simulator, contact_of(request), body)
    return JSONResponse({"wamid": message.id, "seq": message.seq}, 201)


APP_ROUTES = [Route("/handset/contacts/{contact}/by-hand", post_by_hand, methods=["POST"])]
