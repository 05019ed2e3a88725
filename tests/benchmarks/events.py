"""The functions whose events are measured, and their events, each as the function gets it in production."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from chatflow.conversation.event_bodies import event_body
from chatflow.conversation.events import message_event
from chatflow.messages import IncomingMedia, IncomingMessage
from infrastructure.packaging.contents import ROOT
from tests.benchmarks.deployed import (
    ACCOUNT,
    BUSINESS_URL,
    CHANNEL,
    CREDENTIALS,
    NEW_CONTACT,
    PHOTO_FLOW,
    PHOTO_NODE,
    WAITED_FOR,
    deployed,
    key_of,
    text_message,
)
from tests.fakes.aws_over_tls import AwsOverTls

Json = dict[str, Any]
PHOTO: Final = 6_000  # bytes
_SECONDS: Final = 120  # until the deadline of a visit


@dataclass(frozen=True, eq=False)
class Measured:
    """An event of a function. `event` makes the one with this number. `answer`: what the handler must answer, in part.

    `layers` are those of the function beside its own package.
    """

    name: str
    folder: str
    event: Callable[[AwsOverTls, int], Json]
    answer: Json
    layers: tuple[str, ...] = ("dependencies", "chatflow")


def _webhook(_: AwsOverTls, number: int) -> Json:
    """One POST of the channel, signed, with one text."""
    text = {"type": "text", "text": {"body": "Hello"}, "id": f"wamid.{number}", "timestamp": str(int(time.time()))}
    contact = {"profile": {"name": "Ann"}, "wa_id": NEW_CONTACT}
    account = {"display_phone_number": "15550783881", "phone_number_id": ACCOUNT}
    value = {"metadata": account, "contacts": [contact], "messages": [{"from": NEW_CONTACT, **text}]}
    change = {"field": "messages", "value": {"messaging_product": CHANNEL, **value}}
    entry = {"id": "102290129340398", "changes": [change]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]})
    signature = hmac.new(CREDENTIALS["app_secret"].encode(), body.encode(), hashlib.sha256).hexdigest()
    path = f"/webhooks/{CHANNEL}/{ACCOUNT}"
    return {
        "version": "2.0",
        "routeKey": "POST /webhooks/{channel}/{account}",
        "rawPath": path,
        "headers": {"X-Hub-Signature-256": f"sha256={signature}", "content-type": "application/json"},
        "pathParameters": {"channel": CHANNEL, "account": ACCOUNT},
        "requestContext": {"http": {"method": "POST", "path": path, "sourceIp": "192.0.2.1"}},
        "body": body,
        "isBase64Encoded": False,
    }


def _queued(make: Callable[[AwsOverTls, int], Json]) -> Callable[[AwsOverTls, int], Json]:
    def event(server: AwsOverTls, number: int) -> Json:
        queued = make(server, number)
        attributes = {"ApproximateReceiveCount": "1", "MessageGroupId": queued["conversation"]}
        return {
            "Records": [
                {"messageId": "m", "receiptHandle": "r", "body": event_body(queued), "attributes": attributes},
            ]
        }

    return event


def _text_event(_: AwsOverTls, number: int) -> Json:
    return text_message(NEW_CONTACT, number)


def _photo_event(size: int = PHOTO) -> Callable[[AwsOverTls, int], Json]:
    def event(server: AwsOverTls, number: int) -> Json:
        media = IncomingMedia("m1", "image", "image/jpeg", url=f"https://{server.host('channel')}/file/{size}")
        now = int(time.time())
        message = IncomingMessage(f"wamid.{number}", CHANNEL, ACCOUNT, WAITED_FOR, "media", now, media=media)
        return message_event(message, key_of(WAITED_FOR))

    return event


def _file(size: int) -> Json:
    """A photo that the conversation has; the last part of its key is its size, which the fake S3 reads."""
    named = {"key": f"media/{key_of(WAITED_FOR)}/{size}", "sha256": "0" * 64, "mime": "image/jpeg", "kind": "image"}
    return {**named, "size": size, "filename": "photo.jpg", "caption": ""}


def _visit(of: str, config: Json | None = None, *, size: int = PHOTO, **more: Any) -> Callable[[AwsOverTls, int], Json]:
    """A visit of a node of the example flows; with `config`, the node has this one."""

    def event(server: AwsOverTls, number: int) -> Json:
        flow, _, node = of.partition("/")
        business = f"https://{server.host('business')}"
        given = json.loads(json.dumps(config or deployed().configs[of]).replace(BUSINESS_URL, business))
        now = time.time()
        who = {
            "channel": CHANNEL,
            "account": ACCOUNT,
            "contact": WAITED_FOR,
            "name": "Ann",
            "last_message_at": int(now),
        }
        variables = {"plate": "B AB 77", "claim": {"id": "C-1", "status": "review"}, "photo": _file(size)}
        return {
            "flow": flow,
            "node": node,
            "session": "s_1",
            "turn": number,
            "visit": 5,
            "phase": "enter",
            "memo": {},
            "variables": variables,
            "config": given,
            "conversation": {"key": key_of(WAITED_FOR), **who},
            "retention_days": 30,
            "deadline": round((now + _SECONDS) * 1000),
            "event": _photo_event(size)(server, number),
            **more,
        }

    return event


def management_request(method: str, path: str, body: Json | None = None) -> Callable[[AwsOverTls, int], Json]:
    """A request of an administrator to the management API."""

    def event(_: AwsOverTls, number: int) -> Json:
        claims = {"username": "ada", "token_use": "access", "cognito:groups": "[admin]"}
        return {
            "version": "2.0",
            "routeKey": f"{method} /api/v1{path}",
            "rawPath": f"/api/v1{path}",
            "rawQueryString": "",
            "queryStringParameters": None,
            "headers": {"content-type": "application/json"} if body else {},
            "body": json.dumps(body) if body else None,
            "isBase64Encoded": False,
            "requestContext": {
                "stage": "$default",
                "requestId": f"request-{number}",
                "http": {"method": method, "path": f"/api/v1{path}", "sourceIp": "192.0.2.1"},
                "authorizer": {"jwt": {"claims": claims, "scopes": None}},
            },
        }

    return event


def _validation(server: AwsOverTls, number: int) -> Json:
    """A changed text of a published flow."""
    text = (ROOT / "flows" / f"{PHOTO_FLOW}.yaml").read_text().replace("I am sorry", "We are sorry")
    return management_request("POST", f"/flows/{PHOTO_FLOW}/validate", {"yaml": text})(server, number)


_DOWNLOAD: Final = "three-files-out/get_report"
_SHOWN: Final = {"direction": "outbound", "source": {"media": "[[photo]]"}, "caption": "", "filename": ""}
_SET: Final = {"set": {"greeting": "Hello [[contact:name]]", "plate": "[[upper:plate]]"}}
_API: Final = ("dependencies", "chatflow", "layers/publishing")


def _download(server: AwsOverTls, number: int) -> Json:
    config = {**deployed().configs[_DOWNLOAD], "parameters": {"name": str(PHOTO)}}
    return _visit(_DOWNLOAD, config)(server, number)


WEBHOOK = Measured("webhook", "webhook", _webhook, {"statusCode": 200})
TEXT_TURN = Measured("conversation, a text", "conversation", _queued(_text_event), {})
PHOTO_TURN = Measured("conversation, a photo", "conversation", _queued(_photo_event()), {})
TEXT = Measured("text", "nodes/text", _visit("damage-report/in_review"), {"exit": "sent"})
INPUT = Measured("input", "nodes/input", _visit("damage-report/ask_plate"), {"exit": ""})
MENU = Measured("menu", "nodes/menu", _visit("damage-report/what_happened"), {"exit": ""})
CONDITION = Measured("condition", "nodes/condition", _visit("damage-report/how_far"), {"exit": "case_2"})
SET_VARIABLE = Measured("set_variable", "nodes/set_variable", _visit("damage-report/set", _SET), {"exit": "done"})
MEDIA_IN = Measured(
    "media, in", "nodes/media", _visit(f"{PHOTO_FLOW}/{PHOTO_NODE}", phase="resume"), {"exit": "received"}
)
MEDIA_OUT = Measured("media, out", "nodes/media", _visit("one-file-out/send_report", _SHOWN), {"exit": "sent"})
API_UP = Measured(
    "api_integration, up", "nodes/api_integration", _visit("damage-report/upload_photo"), {"exit": "success"}
)
API_DOWN = Measured("api_integration, down", "nodes/api_integration", _download, {"exit": "success"})
MANAGEMENT = Measured(
    "management, a list", "management", management_request("GET", "/flows"), {"statusCode": 200}, _API
)
VALIDATION = replace(MANAGEMENT, name="management, a validation", event=_validation)

MEASURED: Final = (
    *(WEBHOOK, TEXT_TURN, PHOTO_TURN, TEXT, INPUT, MENU, CONDITION, SET_VARIABLE),
    *(MEDIA_IN, MEDIA_OUT, API_UP, API_DOWN, MANAGEMENT),
)
# What answers a text, and what takes a photo, hands it over and says thanks: one function after the other.
TEXT_REPLY: Final = (WEBHOOK, TEXT_TURN, TEXT)
PHOTO_HANDED_OVER: Final = (WEBHOOK, PHOTO_TURN, MEDIA_IN, API_UP, TEXT)


def photo_handed_over(size: int) -> tuple[Measured, ...]:
    """The same for a photo of so many bytes."""
    received = replace(MEDIA_IN, event=_visit(f"{PHOTO_FLOW}/{PHOTO_NODE}", size=size, phase="resume"))
    uploaded = replace(API_UP, event=_visit("damage-report/upload_photo", size=size))
    return WEBHOOK, PHOTO_TURN, received, uploaded, TEXT
