"""Updates and answers in the shapes of the Bot API, with values of our own."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any

from chatflow.messages import IncomingMedia
from tests.contract.channels.channel_under_test import FILE
from tests.fakes.fetch import Reply, Request

ACCOUNT = "7012345678"
SECRET = {
    "bot_token": f"{ACCOUNT}:AAH-tokenOfTheExamples_0123456789abcde",
    "secret_token": "a-Word_that-both-sides-know",
    "bot_id": ACCOUNT,
}
CONTACT = "5012345678"
AT = 1744344496
FILE_ID = "BQACAgIAAxkBAAMFZ0123456789abcdefghijklmnopqrstuvwxyz"
MEDIA = IncomingMedia(FILE_ID, "document", "application/pdf", size=len(FILE), filename="claim.pdf")
UPDATE = 812_345_678

Json = dict[str, Any]


def sign(_body: bytes, secret: Mapping[str, Any]) -> dict[str, str]:
    return {"x-telegram-bot-api-secret-token": secret["secret_token"], "content-type": "application/json"}


def person(**more: Any) -> Json:
    names = {"first_name": "Sheena", "last_name": "Nelson", "username": "Sheena_N", "language_code": "pt-BR"}
    return {"id": int(CONTACT), "is_bot": False, **names, **more}


def chat(**more: Any) -> Json:
    return {"id": int(CONTACT), "type": "private", "first_name": "Sheena", "username": "Sheena_N", **more}


def message(**content: Any) -> Json:
    """A message of CONTACT; a field given as None is left out."""
    whole = {"message_id": 57, "from": person(), "chat": chat(), "date": AT, **content}
    return {key: value for key, value in whole.items() if value is not None}


def known(way: str, id: str = FILE_ID, name: str = "claim.pdf") -> str:
    """What is stored of a file that was sent in this way, under this name."""
    return f"{way}:{id}:{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def sent(**content: Any) -> Json:
    """A message of the bot, as an answer or beside a tap."""
    bot = {"id": int(ACCOUNT), "is_bot": True, "first_name": "Example", "username": "example_bot"}
    return message(**{"message_id": 58, "from": bot, **content})


def posted(kind: str, content: Any, update: int = UPDATE) -> bytes:
    return json.dumps({"update_id": update, kind: content}).encode()


def text_webhook(message_id: str, text: str) -> bytes:
    return posted("message", message(message_id=number(message_id), text=text))


def unknown_update() -> bytes:
    return posted("telepathy", {"id": "1"})


def album(count: int) -> list[bytes]:
    photos = [message(message_id=57 + at, photo=[file()], media_group_id="13579") for at in range(count)]
    return [posted("message", each, UPDATE + at) for at, each in enumerate(photos)]


def number(message_id: str) -> int:
    """A number for the name of a message: Telegram numbers the messages of a chat."""
    return zlib.crc32(message_id.encode()) or 1


def file(**more: Any) -> Json:
    return {"file_id": FILE_ID, "file_unique_id": "AgADBQ", "file_size": len(FILE), **more}


def tap(data: Any = "yes", **more: Any) -> Json:
    keyboard = {"inline_keyboard": [[{"text": "Yes, please", "callback_data": "yes"}], [{"text": "Site", "url": "x"}]]}
    query = {"id": "4382bfdwdsb323b2d9", "from": person(), "message": sent(text="Go on?", reply_markup=keyboard)}
    return {**query, "chat_instance": "-1", "data": data, **more}


def answer(request: Request) -> Reply:
    """The Bot API when all is well."""
    method = request.path.rpartition("/")[2]
    if request.path.startswith("/file/"):
        return Reply(200, FILE, {"content-type": "application/octet-stream"})
    if method == "getFile":
        return result(file(file_path="documents/file_5.pdf"))
    if method == "getMe":
        return result({"id": int(ACCOUNT), "is_bot": True, "first_name": "Example", "username": "example_bot"})
    if method in ("setWebhook", "deleteWebhook"):
        return result(True)
    if method == "getWebhookInfo":
        return result({"url": "https://x.example", "has_custom_certificate": False, "pending_update_count": 0})
    if method == "sendMessage":
        return result(sent(text="Hello"))
    name = method.removeprefix("send").lower()
    return result(sent(**{name: [file(file_id="small"), file()] if name == "photo" else file()}))


def refuse(_request: Request) -> Reply:
    return error(403, "Forbidden: refused")


def error(status: int, description: str, **parameters: Any) -> Reply:
    body: Json = {"ok": False, "error_code": status, "description": description}
    return _json({**body, "parameters": parameters} if parameters else body, status)


def result(value: Any) -> Reply:
    return _json({"ok": True, "result": value})


def _json(body: Json, status: int = 200) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"content-type": "application/json"})
