"""Writes letters. Pure."""

from __future__ import annotations

from chatflow.messages import Choices, OutgoingMessage

from .profile import LIMITS


def render(message: OutgoingMessage, contact: str) -> list[dict[str, str]]:
    text = LIMITS.present(message)[1] if isinstance(message, Choices) else message.body
    return [{"to": contact, "text": piece} for piece in LIMITS.split(text, LIMITS.text)]
