"""One message of a conversation, and the ids that Meta gives to messages."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Message:
    """One message as the chat page and scripts see it: `in` comes from the customer, `out` from the business.

    `status` of `in`: pending, sent (the webhook did not answer 200 yet), delivered, failed, read (we got a receipt).
    `status` of `out`: accepted, then the highest of sent, delivered, read and failed that was reported.
    """

    seq: int
    contact: str
    direction: str
    wamid: str
    type: str
    at: int  # milliseconds since the epoch
    text: str = ""
    caption: str = ""
    filename: str = ""
    mime: str = ""
    size: int = 0  # bytes
    sha256: str = ""  # hex
    media: str = ""  # id; the bytes are at /handset/media/{id}
    link: str = ""  # media that the business named by address
    voice: bool = False
    album: str = ""  # same for the files that were sent together
    header: str = ""
    footer: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list)  # id, title
    list_button: str = ""
    rows: list[dict[str, str]] = field(default_factory=list)  # id, title, description, section
    choice: dict[str, str] | None = None
    location: dict[str, Any] | None = None
    reply_to: str = ""
    reaction: str = ""
    status: str = "pending"
    attempts: int = 0  # deliveries of the webhook tried
    error: str = ""
    version: int = 0


def new_wamid(contact: str) -> str:
    """A message id in Meta's form: base64 of the number and a random part, so it may hold `+`, `/` and `=`."""
    raw = b"\x1c\x18" + bytes([len(contact)]) + contact.encode() + b"\x15\x02\x00\x12\x18\x14" + secrets.token_bytes(20)
    return "wamid." + base64.b64encode(raw + b"\x00").decode()
