"""One message of a customer, from Meta's words into ours. Pure.

A type that a flow has no use for becomes kind `other` and keeps Meta's own word for it, so that the flow can answer the
customer. So does a type whose content Meta could not hand over (it then sends the type and an error).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatflow.channels.whatsapp.contacts import address, name_of
from chatflow.channels.whatsapp.untrusted import degrees, needed_text, sha256_hex, table, text, whole_number, word
from chatflow.errors import InvalidInput
from chatflow.messages import IncomingMedia, IncomingMessage

CHANNEL = "whatsapp"


def read_message(message: Any, contacts: list[Any], account: str) -> IncomingMessage:
    """Raises InvalidInput for a message that lacks what every message has, or whose content has another shape."""
    message = table(message, "message")
    if message.get("group_id"):
        raise InvalidInput("a message in a group is not addressed to a flow")
    contact = address(message, contacts, "from", "from_user_id")
    return IncomingMessage(
        id=needed_text(message, "id"),
        channel=CHANNEL,
        account=account,
        contact=contact,
        at=whole_number(message.get("timestamp"), "timestamp"),
        name=name_of(contact, contacts),
        **_content(message),
    )


def _content(message: dict[str, Any]) -> dict[str, Any]:
    kind = needed_text(message, "type")
    read = _READERS.get(kind)
    if read is None or kind not in message:
        return _other(kind)
    return read(table(message[kind], kind), kind)


def _other(kind: str) -> dict[str, Any]:
    return {"kind": "other", "other": word(kind)}


def _text(content: dict[str, Any], _kind: str) -> dict[str, Any]:
    return {"kind": "text", "text": needed_text(content, "body")}


def _media(content: dict[str, Any], kind: str) -> dict[str, Any]:
    media = IncomingMedia(
        id=needed_text(content, "id"),
        kind="audio" if kind == "voice" else kind,
        mime=text(content, "mime_type"),
        sha256=sha256_hex(text(content, "sha256")),
        size=whole_number(content.get("file_size", 0), "file_size"),
        filename=text(content, "filename"),
        url=text(content, "url"),
    )
    return {"kind": "media", "media": media, "text": text(content, "caption")}


def _location(content: dict[str, Any], _kind: str) -> dict[str, Any]:
    place: dict[str, Any] = {
        "latitude": degrees(content.get("latitude"), 90),
        "longitude": degrees(content.get("longitude"), 180),
    }
    place |= {key: said for key in ("name", "address") if (said := text(content, key))}
    return {"kind": "location", "location": place}


def _template_button(content: dict[str, Any], _kind: str) -> dict[str, Any]:
    title = text(content, "text")
    return {
        "kind": "choice",
        "choice": text(content, "payload") or title or needed_text(content, "text"),
        "text": title,
    }


def _interactive(content: dict[str, Any], _kind: str) -> dict[str, Any]:
    kind = needed_text(content, "type")
    if kind not in ("button_reply", "list_reply"):
        return _other(kind)
    reply = table(content.get(kind), kind)
    return {"kind": "choice", "choice": needed_text(reply, "id"), "text": text(reply, "title")}


_READERS: dict[str, Callable[[dict[str, Any], str], dict[str, Any]]] = {
    "text": _text,
    "location": _location,
    "button": _template_button,
    "interactive": _interactive,
    # `voice` was the older API's word; today a voice note is `audio` with a flag
    **dict.fromkeys(("image", "video", "audio", "voice", "document", "sticker"), _media),
}
