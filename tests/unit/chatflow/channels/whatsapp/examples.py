"""Webhooks and API answers in the shapes that Meta documents, with values of our own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from chatflow.channels.manifest import ChannelManifest, load
from chatflow.messages import IncomingMedia
from chatflow.settings import channel_version
from tests.contract.channels.channel_under_test import FILE
from tests.fakes.fetch import Reply, Request

SECRET = {
    "access_token": "EAAtokenOfTheExamplesWhichIsLongEnough123",
    "app_secret": "0123456789abcdef0123456789abcdef",
    "verify_token": "a-word-that-both-sides-know",
    "phone_number_id": "106540352242922",
}
ACCOUNT = "106540352242922"
CONTACT = "16505551234"
NAME = "Sheena Nelson"
USER_ID = "US.13491208655302741918"
AT = 1744344496
FILE_HASH = hashlib.sha256(FILE)
VERSIONS = ("v23.0", "v26.0")  # the oldest that is tested, and the manifest's own
MEDIA_HOST = "lookaside.fbsbx.com"
MEDIA_URL = f"https://{MEDIA_HOST}/whatsapp_business/attachments/?mid=1003383421387256&ext=1744344796&hash=abc"
MEDIA = IncomingMedia("1003383421387256", "image", "image/jpeg", FILE_HASH.hexdigest())

Json = dict[str, Any]


def at_version(url: str = "") -> ChannelManifest:
    """The channel's manifest, as a deployment with the present environment reads it."""
    return load("whatsapp").at(url, channel_version("whatsapp"))


def sign(body: bytes, secret: Mapping[str, Any]) -> dict[str, str]:
    signature = hmac.new(secret["app_secret"].encode(), body, hashlib.sha256).hexdigest()
    return {"x-hub-signature-256": f"sha256={signature}", "content-type": "application/json"}


def handshake_query(secret: Mapping[str, Any]) -> dict[str, str]:
    return {"hub.mode": "subscribe", "hub.verify_token": secret["verify_token"], "hub.challenge": "1158201444"}


def message(kind: str, content: Any = None, /, **more: Any) -> Json:
    """A message of CONTACT; a field given as None is left out."""
    whole = {"from": CONTACT, "id": "wamid.1", "timestamp": str(AT), "type": kind, kind: content, **more}
    return {key: value for key, value in whole.items() if value is not None}


def value(**parts: Any) -> Json:
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": ACCOUNT},
        "contacts": [{"profile": {"name": NAME}, "wa_id": CONTACT, "user_id": USER_ID}],
        **parts,
    }


def document(*values: Any) -> Json:
    changes = [{"field": "messages", "value": each} for each in values]
    return {"object": "whatsapp_business_account", "entry": [{"id": "419561257915477", "changes": changes}]}


def posted(*values: Any) -> bytes:
    return json.dumps(document(*values)).encode()


def messages(*each: Any) -> bytes:
    return posted(value(messages=list(each)))


def text_webhook(message_id: str, text: str) -> bytes:
    return messages(message("text", {"body": text}, id=message_id))


def webhook_with_a_bad_part(message_id: str) -> bytes:
    return messages(message("image", media(), id=None), message("text", {"body": "hello"}, id=message_id))


def status_webhook(message_id: str, tag: str) -> bytes:
    status = {"id": message_id, "status": "delivered", "timestamp": str(AT), "recipient_id": CONTACT}
    return posted(value(statuses=[{**status, "biz_opaque_callback_data": tag}]))


def media(**more: Any) -> Json:
    sha256 = base64.b64encode(FILE_HASH.digest()).decode()
    return {"mime_type": "image/jpeg", "sha256": sha256, "id": "1003383421387256", **more}


def answer(request: Request) -> Reply:
    """The Cloud API when all is well."""
    if request.path.endswith("/messages"):
        return _json(
            {"messaging_product": "whatsapp", "messages": [{"id": "wamid.sent", "message_status": "accepted"}]}
        )
    if request.path.endswith("/media"):
        return _json({"id": "2871834006348767"})
    if request.path.endswith(f"/{ACCOUNT}"):
        return _json({"verified_name": "Example", "display_phone_number": "15550783881", "id": ACCOUNT})
    if MEDIA_HOST in request.url:
        return Reply(200, FILE, {"content-type": "image/jpeg"})
    return _json({"url": MEDIA_URL, "mime_type": "image/jpeg", "sha256": FILE_HASH.hexdigest(), "file_size": len(FILE)})


def refuse(request: Request) -> Reply:
    return error(131026, "refused")


def error(code: int, details: str, status: int = 400) -> Reply:
    body = {
        "message": f"(#{code}) Something is wrong",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details},
        "fbtrace_id": "AbC123",
    }
    return _json({"error": body}, status)


def _json(body: Json, status: int = 200) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"content-type": "application/json"})
