"""What a person can do on the phone in every channel."""

from __future__ import annotations

from typing import Any, Protocol

from local.simulator.conversations import Message
from local.simulator.media_store import Media

# The kinds of files that the chat page shows and sends.
FILE_KINDS = ("audio", "document", "image", "sticker", "video")


class NoSuchOption(LookupError):
    """No message of the business offers the option."""


class NoSuchMessage(LookupError):
    """The customer sent no such message."""


class Customer(Protocol):
    """One customer. Every action becomes a message of the channel and is reported to the webhook."""

    def send_text(self, body: str, reply_to: str = "", **more: Any) -> Message:
        """Send a text. `more` are the fields of the request that only the channel knows."""

    def edit(self, text: str, message_id: str = "") -> Message:
        """Edit a text, by default the newest. Raises NoSuchMessage."""

    def choose(self, option: str, message_id: str = "") -> Message:
        """Tap an option of the newest message that offers it. Raises NoSuchOption."""

    def send_media(
        self, media: Media, kind: str, *, caption: str = "", voice: bool = False, album: str = ""
    ) -> Message:
        """Send one file; `album` is the same for files that are sent together."""

    def send_location(self, location: dict[str, Any]) -> Message:
        """Send a location: `latitude`, `longitude`, and maybe `name` and `address`."""
