"""Renders our messages as bodies for POST /{phone_number_id}/messages. Pure.

Every limit is Meta's, from its OpenAPI v23.0 and the pages 'Interactive reply buttons messages' and 'Interactive list
messages'. A message that exceeds a limit is rendered in the next plainer form; no text of a flow is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatflow.errors import InvalidInput
from chatflow.messages import Choices, Option, OutgoingMessage, Text

_TEXT = 4096
_CAPTION = 1024
_QUESTION = 1024  # the page on lists says 4096, the OpenAPI document says 1024: this holds for both
_BUTTONS, _BUTTON_TITLE, _BUTTON_ID = 3, 20, 256
_ROWS, _ROW_TITLE, _ROW_DESCRIPTION, _ROW_ID = 10, 24, 72, 200
_LIST_BUTTON = 20
_BORDERS = ("\n\n", "\n", " ")  # where a long text is cut, best first

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
    return [{"type": "text", "text": {"body": piece, **preview}} for piece in split(text, _TEXT)]


def _choices(message: Choices) -> list[Body]:
    options = message.options
    question = message.body.strip() or message.button.strip() or "?"
    if not options:
        return _text(question)
    if _fit_buttons(options):
        buttons = [{"type": "reply", "reply": {"id": each.id, "title": each.title}} for each in options]
        return _interactive("button", question, {"buttons": buttons})
    if _fit_rows(options):
        action = {"button": _label(message.button), "sections": [{"rows": [_row(each) for each in options]}]}
        return _interactive("list", question, action)
    numbered = [f"{number}. {_line(each)}" for number, each in enumerate(options, start=1)]
    return _text("\n".join([question, "", *numbered]))


def _interactive(kind: str, question: str, action: Body) -> list[Body]:
    """The question with its options. Of a question that is too long, only the last piece carries the options."""
    *first, last = split(question, _QUESTION)
    interactive = {"type": "interactive", "interactive": {"type": kind, "body": {"text": last}, "action": action}}
    return [*({"type": "text", "text": {"body": piece}} for piece in first), interactive]


def _fit_buttons(options: tuple[Option, ...]) -> bool:
    """Buttons show no descriptions, and Meta refuses two with one title."""
    return (
        len(options) <= _BUTTONS
        and len({each.title for each in options}) == len(options)
        and not any(each.description for each in options)
        and _fit(options, _BUTTON_TITLE, _BUTTON_ID)
    )


def _fit_rows(options: tuple[Option, ...]) -> bool:
    described = all(length(each.description) <= _ROW_DESCRIPTION for each in options)
    return len(options) <= _ROWS and described and _fit(options, _ROW_TITLE, _ROW_ID)


def _fit(options: tuple[Option, ...], longest_title: int, longest_id: int) -> bool:
    """An id must come back as it was sent, so it is never shortened. Meta trims blanks around it."""
    return len({each.id for each in options}) == len(options) and all(
        each.title.strip()
        and length(each.title) <= longest_title
        and each.id == each.id.strip() != ""
        and length(each.id) <= longest_id
        for each in options
    )


def _row(option: Option) -> Body:
    row = {"id": option.id, "title": option.title}
    return {**row, "description": option.description} if option.description else row


def _line(option: Option) -> str:
    return f"{option.title} - {option.description}" if option.description else option.title


def _label(button: str) -> str:
    label = button.strip() or "Choose"
    return label if length(label) <= _LIST_BUTTON else split(label, _LIST_BUTTON - 1)[0] + "…"


def _file(file: UploadedFile) -> list[Body]:
    """Images and videos show a caption, documents a name, audio files neither (Media node guide)."""
    media: Body = {"id": file.media_id}
    content: Body = {"type": file.kind, file.kind: media}
    if file.kind in ("image", "video"):
        caption, *rest = split(file.caption, _CAPTION) or [""]
        if caption:
            media["caption"] = caption
        return [content, *(body for piece in rest for body in _text(piece))]
    if file.kind == "document":
        if file.filename:
            media["filename"] = file.filename
        return [content]
    if file.kind == "audio":
        return [content]
    raise InvalidInput("WhatsApp sends files of kind image, document, audio and video only")


def length(text: str) -> int:
    """The length in UTF-16 units: no page says how Meta counts, and this is the largest of the usual counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int) -> list[str]:
    """The text in pieces of at most `limit` (2 or more), cut where a reader pauses. Only blanks at cuts are lost."""
    pieces = []
    rest = text.strip()
    while length(rest) > limit:
        cut = _cut(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def _cut(text: str, limit: int) -> int:
    """Where to cut: after a paragraph, else a line, else a word, unless that would leave less than half a piece."""
    most = limit
    while (excess := length(text[:most]) - limit) > 0:
        most -= (excess + 1) // 2
    for border in _BORDERS:
        position = text.rfind(border, 0, most + 1)
        if position >= most // 2:
            return position
    return most
