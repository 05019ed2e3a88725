"""Messages of a customer: each action on the phone becomes one of Meta's messages."""

from __future__ import annotations

import json
from typing import Any

from local.whatsapp_simulator.conversations import Message, new_wamid
from local.whatsapp_simulator.media_store import Media
from local.whatsapp_simulator.simulator import Simulator
from local.whatsapp_simulator.webhook_payloads import UNSUPPORTED_ERROR, media_part, sender_part

Json = dict[str, Any]


class NoSuchOption(LookupError):
    """No message of the business offers the option."""


class NoSuchMessage(LookupError):
    """The customer sent no such message."""


class Customer:
    """One customer. Every action opens the 24-hour window and is reported to the webhook."""

    def __init__(self, simulator: Simulator, wa_id: str, name: str = "") -> None:
        self._simulator = simulator
        self._contact = simulator.conversations.contact(wa_id, name)

    def send_text(
        self, body: str, reply_to: str = "", *, forwarded: bool = False, referral: Json | None = None
    ) -> Message:
        content: Json = {"text": {"body": body}, **({"referral": referral} if referral else {})}
        return self._send("text", content, reply_to=reply_to, forwarded=forwarded, text=body)

    def edit(self, text: str, wamid: str = "") -> Message:
        """Edit a text, by default the newest. Raises NoSuchMessage."""
        for message in self._simulator.conversations.newest_first(self._contact.wa_id):
            if message.direction == "in" and message.type == "text" and wamid in ("", message.wamid):
                message.text = text
                self._simulator.conversations.mark_changed(message)
                changed = {"type": "text", "text": {"body": text}}
                edit = {"edit": {"original_message_id": message.wamid, "message": changed}}
                return self._send("edit", edit, text=f"(edited) {text}")
        raise NoSuchMessage(f"{self._contact.wa_id} sent no such text")

    def send_contacts(self, cards: list[Json]) -> Message:
        names = ", ".join(str(card.get("name", {}).get("formatted_name", "")) for card in cards)
        return self._send("contacts", {"contacts": cards}, text=names)

    def send_form(self, answers: Json, reply_to: str = "") -> Message:
        """Answer a form (a WhatsApp Flow)."""
        reply = {"name": "flow", "body": "Sent", "response_json": json.dumps(answers)}
        content = {"interactive": {"type": "nfm_reply", "nfm_reply": reply}}
        return self._send("interactive", content, reply_to=reply_to, text="Sent")

    def open_chat(self) -> Message:
        """Open the chat without writing anything."""
        return self._send("request_welcome", {}, text="(opened the chat)")

    def choose(self, option: str, wamid: str = "") -> Message:
        """Tap a button or a list row of the newest message that offers it; raises NoSuchOption."""
        for message in self._simulator.conversations.newest_first(self._contact.wa_id):
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

    def send_media(
        self, media: Media, kind: str, *, caption: str = "", voice: bool = False, album: str = ""
    ) -> Message:
        """Send one file. The files of an album are separate messages that nothing connects on the wire."""
        url = self._simulator.media_url(media) if self._simulator.settings.media_url_in_webhooks else ""
        part = media_part(media, url, kind=kind, caption=caption, voice=voice)
        return self._send(
            kind,
            {kind: part},
            caption=part.get("caption", ""),
            filename=part.get("filename", ""),
            mime=media.mime,
            size=media.size,
            sha256=media.sha256_hex,
            media=media.id,
            voice=voice,
            album=album,
        )

    def send_location(self, location: Json) -> Message:
        return self._send("location", {"location": location}, location=location)

    def send_unsupported(self, kind: str = "", code: int = UNSUPPORTED_ERROR["code"]) -> Message:
        """Send a message that Meta cannot express, such as a poll (`kind` poll_creation), or withholds (131060)."""
        named = {"unsupported": {"type": kind}} if kind else {}
        content = {"errors": [{**UNSUPPORTED_ERROR, "code": code}], **named}
        return self._send("unsupported", content, text="Unsupported message")

    def send_raw(self, message: Json) -> Message:
        """Send any message object; missing values of id, from, timestamp and type are filled in."""
        return self._send(str(message.get("type", "text")), message, text="(raw message)")

    def _send(self, kind: str, content: Json, reply_to: str = "", *, forwarded: bool = False, **shown: Any) -> Message:
        conversations, settings = self._simulator.conversations, self._simulator.settings
        wa_id = self._contact.wa_id
        payload: Json = {
            **sender_part(wa_id, self._contact.username, with_user_id=settings.user_ids_in_webhooks),
            "id": new_wamid(wa_id),
            "timestamp": str(int(self._simulator.clock())),
            "type": kind,
            **content,
        }
        if reply_to:
            payload["context"] = {"from": settings.display_phone_number, "id": reply_to}
        if forwarded:
            payload["context"] = {**payload.get("context", {}), "forwarded": True}
        conversations.set_window(wa_id)
        message = conversations.add(wa_id, "in", kind, wamid=payload["id"], reply_to=reply_to, **shown)
        self._simulator.notify("messages", payload, wa_id, message.wamid)
        return message
