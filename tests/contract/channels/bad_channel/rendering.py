"""Breaks what rendering promises: no JSON, no options, and not the whole text."""

from __future__ import annotations

from typing import Any

from chatflow.messages import OutgoingMessage


def render(message: OutgoingMessage, contact: str) -> list[dict[str, Any]]:
    return [{"to": contact.encode(), "text": message.body[:100]}]
