"""Renders our messages as bodies for `sendMessage`. Pure.

A text goes out as it is, without `parse_mode`, so that nothing in it needs escaping. A message that exceeds a limit is
rendered in the next plainer form; no text of a flow is dropped.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatflow.channels.telegram.profile import LIMITS
from chatflow.messages import Choices, Option, OutgoingMessage, Text

_WITHOUT_BUTTONS = replace(LIMITS, buttons=0)

Body = dict[str, Any]


def render(message: OutgoingMessage, contact: str) -> list[Body]:
    """The bodies to send, in order; none for an empty text."""
    if isinstance(message, Choices):
        return _choices(message, contact)
    assert isinstance(message, Text)  # noqa: S101 - narrows the type
    return text_bodies(message.body, contact, preview_url=message.preview_url)


def text_bodies(text: str, contact: str, *, preview_url: bool = False) -> list[Body]:
    """The bodies of a text."""
    return [_body(piece, contact, preview_url=preview_url) for piece in LIMITS.split(text, LIMITS.text)]


def split_caption(caption: str) -> tuple[str, str]:
    """What stands below a file, and the rest, which follows as a text."""
    first = (LIMITS.split(caption, LIMITS.caption) or [""])[0]
    return first, caption.strip().removeprefix(first).strip()


def _choices(message: Choices, contact: str) -> list[Body]:
    """The question with one button a line. Of a question that is too long, only the last piece carries the buttons."""
    limits = LIMITS if all(_fits(each) for each in message.options) else _WITHOUT_BUTTONS
    form, text = limits.present(message)
    bodies = text_bodies(text, contact)
    if form == "buttons":
        keyboard = [[{"text": each.title, "callback_data": each.id}] for each in message.options]
        bodies[-1]["reply_markup"] = {"inline_keyboard": keyboard}
    return bodies


def _fits(option: Option) -> bool:
    """`callback_data` is measured in bytes, unlike everything else ("InlineKeyboardButton")."""
    return len(option.id.encode("utf-8", "surrogatepass")) <= LIMITS.button_id


def _body(text: str, contact: str, *, preview_url: bool = False) -> Body:
    body: Body = {"chat_id": contact, "text": text}
    return body if preview_url else {**body, "link_preview_options": {"is_disabled": True}}
