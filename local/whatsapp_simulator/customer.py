"""What a customer does on the phone, turned into Meta's messages."""

from __future__ import annotations

from typing import Any

from local.whatsapp_simulator.handset import Handset
from local.whatsapp_simulator.identity import sender_part
from local.whatsapp_simulator.media_shelf import Media
from local.whatsapp_simulator.message import Message, new_wamid
from local.whatsapp_simulator.webhook_payloads import UNSUPPORTED_ERROR, media_part

Json = dict[str, Any]


class NoSuchOption(LookupError):
    """Nobody offered the option that a customer wants to tap."""


class Customer:
    """One customer at work; every act opens the 24-hour window and is reported to the webhook."""

    def __init__(self, handset: Handset, wa_id: str, name: str = "") -> None:
        self._handset = handset
        self._contact = handset.conversations.contact(wa_id, name)

    def text(self, body: str, reply_to: str = "") -> Message:
        return self._send("text", {"text": {"body": body}}, reply_to=reply_to, text=body)

    def choose(self, option: str, wamid: str = "") -> Message:
        """Tap a button or a row of a list, of the newest message that offers it; raises NoSuchOption."""
        for message in self._handset.conversations.newest_first(self._contact.wa_id):
            if message.direction != "out" or wamid not in ("", message.wamid):
                continue
            for form, options in (("button_reply", message.buttons), ("list_reply", message.rows)):
                for offered in options:
                    if offered["id"] == option:
                        keys = ("id", "title", "description")
                        reply = {key: offered[key] for key in keys if offered.get(key)}
                        return self._send(
                            "interactive",
                            {"interactive": {"type": form, form: reply}},
                            reply_to=message.wamid,
                            text=reply["title"],
                            choice=reply,
                        )
        raise NoSuchOption(f"No message to {self._contact.wa_id} offers the option {option!r}")

    def media(self, media: Media, kind: str, *, caption: str = "", voice: bool = False, album: str = "") -> Message:
        """Send one file; the files of an album are separate messages that nothing ties together on the wire."""
        settings = self._handset.settings
        address = self._handset.address(media) if settings.media_url_in_webhooks else ""
        part = media_part(media, address, kind=kind, caption=caption, voice=voice)
        return self._send(
            kind,
            {kind: part},
            caption=part.get("caption", ""),
            filename=part.get("filename", ""),
            mime=media.mime,
            size=media.size,
            sha256=media.hex,
            media=media.id,
            voice=voice,
            album=album,
        )

    def location(self, place: Json) -> Message:
        return self._send("location", {"location": place}, location=place)

    def unsupported(self) -> Message:
        """Send what Meta cannot express, a poll for example."""
        return self._send("unsupported", {"errors": [UNSUPPORTED_ERROR]}, text="Unsupported message")

    def raw(self, message: Json) -> Message:
        """Send any message object; what it leaves out of id, from, timestamp and type is filled in."""
        return self._send(str(message.get("type", "text")), message, text="(raw message)")

    def _send(self, kind: str, content: Json, reply_to: str = "", **shown: Any) -> Message:
        conversations = self._handset.conversations
        wa_id = self._contact.wa_id
        part: Json = {
            **sender_part(wa_id, self._contact.username, with_user_id=self._handset.settings.user_ids_in_webhooks),
            "id": new_wamid(wa_id),
            "timestamp": str(int(self._handset.clock())),
            "type": kind,
            **content,
        }
        if reply_to:
            part["context"] = {"from": self._handset.settings.display_phone_number, "id": reply_to}
        conversations.open_window(wa_id)
        message = conversations.add(wa_id, "in", kind, wamid=part["id"], reply_to=reply_to, **shown)
        self._handset.report("messages", part, wa_id, message.wamid)
        return message
