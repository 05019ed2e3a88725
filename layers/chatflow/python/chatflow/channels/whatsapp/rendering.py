"""Renders our messages as bodies for POST /{phone_number_id}/messages. Pure.

The limits are those of the channel's profile. A message that exceeds a limit is rendered in the next plainer form; no
text of a flow is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatflow.channels.whatsapp.profile import LIMITS
from chatflow.errors import InvalidInput
from chatflow.messages import Choices, Option, OutgoingMessage, Text

Body = dict[str, Any]


@dataclass(frozen=True)
class UploadedFile:
    """A file that WhatsApp holds as `media_id`."""

    kind: str  # image, document, audio, video
    media_id: str
    caption: str = ""
    filename: str = ""


def render(message: OutgoingMessage | UploadedFile, contact: str) -> list[Body]:
    """The bodies to send, in order; none for an empty text. Raises InvalidInput for an unknown file kind."""
    if isinstance(message, Text):
        contents = _text(message.body, preview_url=message.preview_url)
    elif isinstance(message, Choices):
        contents = _choices(message)
    else:
        contents = _file(message)
    return [{**_envelope(contact), **content} for content in contents]


def _envelope(contact: str) -> Body:
    """A phone number is addressed with `to`, a business-scoped user id ("US.1349...") with `recipient`."""
    recipient = "to" if contact.removeprefix("+").isdigit() else "recipient"
    return {"messaging_product": "whatsapp", "recipient_type": "individual", recipient: contact}


def _text(text: str, *, preview_url: bool = False) -> list[Body]:
    preview = {"preview_url": True} if preview_url else {}
    return [{"type": "text", "text": {"body": piece, **preview}} for piece in LIMITS.split(text, LIMITS.text)]


def _choices(message: Choices) -> list[Body]:
    form, text = LIMITS.present(message)
    if form == "buttons":
        buttons = [{"type": "reply", "reply": {"id": each.id, "title": each.title}} for each in message.options]
        return _interactive("button", text, {"buttons": buttons})
    if form == "list":
        action = {"button": _label(message.button), "sections": [{"rows": [_row(each) for each in message.options]}]}
        return _interactive("list", text, action)
    return _text(text)


def _interactive(kind: str, question: str, action: Body) -> list[Body]:
    """The question with its options. Of a question that is too long, only the last piece carries the options."""
    *first, last = LIMITS.split(question, LIMITS.question)
    interactive = {"type": "interactive", "interactive": {"type": kind, "body": {"text": last}, "action": action}}
    return [*({"type": "text", "text": {"body": piece}} for piece in first), interactive]


def _row(option: Option) -> Body:
    row = {"id": option.id, "title": option.title}
    return {**row, "description": option.description} if option.description else row


def _label(button: str) -> str:
    label = button.strip() or "Choose"
    fits = LIMITS.length(label) <= LIMITS.list_button
    return label if fits else LIMITS.split(label, LIMITS.list_button - 1)[0] + "…"


def _file(file: UploadedFile) -> list[Body]:
    """Images and videos show a caption, documents a name, audio files neither (Media node guide)."""
    media: Body = {"id": file.media_id}
    content: Body = {"type": file.kind, file.kind: media}
    if file.kind in LIMITS.captioned:
        caption, *rest = LIMITS.split(file.caption, LIMITS.caption) or [""]
        if caption:
            media["caption"] = caption
        return [content, *(body for piece in rest for body in _text(piece))]
    if file.kind in LIMITS.named and file.filename:
        media["filename"] = file.filename
    if file.kind in ("document", "audio"):
        return [content]
    raise InvalidInput("WhatsApp sends files of kind image, document, audio and video only")
