"""Messages of a customer: each action on the phone becomes one of Meta's messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.simulator.conversations import Message
from local.simulator.customer import NoSuchMessage, NoSuchOption
from local.simulator.media_store import Media
from local.whatsapp_simulator.contacts import new_wamid
from local.whatsapp_simulator.webhook_payloads import UNSUPPORTED_ERROR, change_part, media_part, sender_part

if TYPE_CHECKING:
    from local.whatsapp_simulator.simulator import WhatsAppSimulator

Json = dict[str, Any]


class WhatsAppCustomer:
    """One customer. Every action opens the 24-hour window and is reported to the webhook."""

    def __init__(self, simulator: WhatsAppSimulator, wa_id: str, name: str = "") -> None:
        self._simulator = simulator
        self._contact = simulator.conversations.contact(wa_id, name)

    def send_text(
        self, body: str, reply_to: str = "", *, forwarded: Any = False, referral: Any = None, **_: Any
    ) -> Message:
        content: Json = {"text": {"body": body}, **({"referral": referral} if isinstance(referral, dict) else {})}
        return self._send("text", content, reply_to=reply_to, forwarded=forwarded is True, text=body)

    def edit(self, text: str, message_id: str = "") -> Message:
        """Edit a text, by default the newest. Raises NoSuchMessage."""
        for message in self._simulator.conversations.newest_first(self._contact.id):
            if message.direction == "in" and message.type == "text" and message_id in ("", message.id):
                message.text = text
                self._simulator.conversations.mark_changed(message)
                changed = {"type": "text", "text": {"body": text}}
                edit = {"edit": {"original_message_id": message.id, "message": changed}}
                return self._send("edit", edit, text=f"(edited) {text}")
        raise NoSuchMessage(f"{self._contact.id} sent no such text")

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

    def choose(self, option: str, message_id: str = "") -> Message:
        """Tap a button or a list row of the newest message that offers it; raises NoSuchOption."""
        for message in self._simulator.conversations.newest_first(self._contact.id):
            if message.direction != "out" or message_id not in ("", message.id):
                continue
            for form, options in (("button_reply", message.buttons), ("list_reply", message.rows)):
                for offered in options:
                    if offered["id"] == option:
                        keys = ("id", "title", "description")
                        reply = {key: offered[key] for key in keys if offered.get(key)}
                        return self._send(
                            "interactive",
                            {"interactive": {"type": form, form: reply}},
                            reply_to=message.id,
                            text=reply["title"],
                            choice=reply,
                        )
        raise NoSuchOption(f"No message to {self._contact.id} offers the option {option!r}")

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

    def change_number(self, wa_id: str) -> Message:
        """Go on under another number, and under the other user id that comes with it. Meta tells the business."""
        new = self._simulator.conversations.contact(wa_id, self._contact.name)
        new.username, new.hides_number = self._contact.username, self._contact.hides_number
        new.window_until = self._contact.window_until
        return self._send("system", {"system": change_part(self._contact, new)}, text=f"Changed to {wa_id}")

    def _send(self, kind: str, content: Json, reply_to: str = "", *, forwarded: bool = False, **shown: Any) -> Message:
        conversations, settings = self._simulator.conversations, self._simulator.settings
        wa_id = self._contact.id
        payload: Json = {
            **sender_part(self._contact, with_user_id=settings.user_ids_in_webhooks),
            "id": new_wamid(wa_id),
            "timestamp": str(int(self._simulator.clock())),
            "type": kind,
            **content,
        }
        if reply_to:
            payload["context"] = {"from": settings.display_phone_number, "id": reply_to}
        if forwarded:
            payload["context"] = {**payload.get("context", {}), "forwarded": True}
        self._simulator.set_window(wa_id)
        message = conversations.add(wa_id, "in", kind, id=payload["id"], reply_to=reply_to, **shown)
        self._simulator.notify("messages", payload, wa_id, message.id)
        return message
