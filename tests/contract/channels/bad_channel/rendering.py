"""Breaks what rendering promises: no JSON, no options, and not the whole text."""

from __future__ import annotations

from typing import Any

from chatflow.messages import Choices, OutgoingMessage, Text


def render(message: OutgoingMessage, contact: str) -> list[dict[str, Any]]:
    body = message.body[:100] if isinstance(message, Text | Choices) else message.media_id
    return [{"to": contact.encode(), "text": body}]
