"""Messages of a customer: each action on the phone becomes one of Telegram's updates."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from PIL import Image, UnidentifiedImageError

from local.simulator.conversations import Message
from local.simulator.customer import NoSuchMessage, NoSuchOption
from local.simulator.media_store import CUSTOMER, Media
from local.telegram_simulator.bot_files import BotFile
from local.telegram_simulator.updates import (
    chat_object,
    command_entities,
    content_object,
    is_group,
    photo_object,
    user_object,
)

if TYPE_CHECKING:
    from local.telegram_simulator.simulator import TelegramSimulator

Json = dict[str, Any]

# The kinds of the chat page, as the Bot API names them. A page's audio is a voice note when it was recorded.
KINDS = {"image": "photo", "document": "document", "audio": "audio", "video": "video", "sticker": "sticker"}

# What only Telegram has, and the kind under which the chat page shows it.
SHOWN = {"animation": "video", "video_note": "video"}

WITHOUT_CAPTION = ("sticker", "video_note")
THUMBNAIL = (320, 320)


class TelegramCustomer:
    """One chat: a person who writes to the bot, or a group in which a member writes."""

    def __init__(self, simulator: TelegramSimulator, chat: str, name: str = "") -> None:
        self._simulator = simulator
        self._contact = simulator.conversations.contact(chat, name)

    def send_text(self, body: str, reply_to: str = "", *, forwarded: Any = False, **_: Any) -> Message:
        entities = command_entities(body)
        content: Json = {"text": body, **({"entities": entities} if entities else {})}
        if forwarded is True:
            origin = {"type": "hidden_user", "sender_user_name": "Somebody", "date": self._now()}
            content["forward_origin"] = origin
        return self._send("text", content, reply_to=reply_to, text=body)

    def edit(self, text: str, message_id: str = "") -> Message:
        """Edit a text, by default the newest. Raises NoSuchMessage."""
        for message in self._simulator.conversations.newest_first(self._contact.id):
            if message.direction == "in" and message.type == "text" and message_id in ("", message.id):
                message.text = text
                self._simulator.conversations.mark_changed(message)
                edited = self._simulator.sent[message.id] | {"text": text, "edit_date": self._now()}
                self._simulator.sent[message.id] = edited
                self._simulator.notify("edited_message", edited, self._contact.id, message.id)
                return message
        raise NoSuchMessage(f"{self._contact.id} sent no such text")

    def choose(self, option: str, message_id: str = "") -> Message:
        """Tap a button of the newest message that offers it; raises NoSuchOption."""
        for message in self._simulator.conversations.newest_first(self._contact.id):
            if message.direction != "out" or message_id not in ("", message.id):
                continue
            for button in message.buttons:
                if button["id"] == option:
                    return self._tap(message, button)
        raise NoSuchOption(f"No message to {self._contact.id} offers the option {option!r}")

    def send_media(
        self, media: Media, kind: str, *, caption: str = "", voice: bool = False, album: str = ""
    ) -> Message:
        """Send one file; the files of an album carry the same `media_group_id`."""
        named = "voice" if kind == "audio" and voice else KINDS.get(kind, kind)
        caption = "" if named in WITHOUT_CAPTION else caption
        if named == "photo":
            content: Json = {"photo": photo_object(self._sizes(media))}
        else:
            content = content_object(self._simulator.files.add(media, named), named)
        if caption:
            content["caption"] = caption
        if album and named in ("photo", "video", "document", "audio"):
            content["media_group_id"] = str(int(album, 16))
        return self._send(
            SHOWN.get(kind, kind),
            content,
            caption=caption,
            filename=media.filename if named == "document" else "",
            mime=media.mime,
            size=media.size,
            sha256=media.sha256_hex,
            media=media.id,
            voice=voice,
            album=album,
        )

    def send_location(self, location: Json) -> Message:
        point = {key: location[key] for key in ("latitude", "longitude")}
        content: Json = {"location": point}
        if location.get("name"):
            venue = {"location": point, "title": location["name"], "address": str(location.get("address", ""))}
            content["venue"] = venue
        return self._send("location", content, location=location)

    def send_unsupported(self) -> Message:
        """Share a game, which no bot but its own can play."""
        game = {"title": "Chess", "description": "Play a move", "photo": []}
        return self._send("unsupported", {"game": game}, text="A game of chess")

    def send_contact(self, phone_number: str, first_name: str) -> Message:
        content = {"contact": {"phone_number": phone_number, "first_name": first_name}}
        return self._send("contacts", content, text=f"{first_name} {phone_number}")

    def send_raw(self, content: Json) -> Message:
        """Send any content of a message; ids, sender, chat and date are filled in."""
        return self._send("raw", content, text="(raw message)")

    def block(self, *, blocked: bool) -> None:
        """Block the bot, or let it write again: Telegram tells the bot."""
        self._contact.blocked = blocked
        was, now = ("member", "kicked") if blocked else ("kicked", "member")
        self._membership(was, now)
        self._simulator.conversations.mark_changed()

    def add_bot(self) -> None:
        """Add the bot to this group."""
        self._contact.started = True
        self._membership("left", "member")

    def _membership(self, was: str, now: str) -> None:
        bot = self._simulator.settings.bot()
        update: Json = {"chat": chat_object(self._contact), "from": user_object(self._contact), "date": self._now()}
        update["old_chat_member"] = {"user": bot, "status": was}
        update["new_chat_member"] = {"user": bot, "status": now} | ({"until_date": 0} if now == "kicked" else {})
        self._simulator.notify("my_chat_member", update, self._contact.id, "")

    def _tap(self, message: Message, button: dict[str, str]) -> Message:
        query = self._simulator.new_query()
        shown = self._simulator.conversations.add(
            self._contact.id,
            "in",
            "tap",
            id=query,
            text=button["title"],
            choice=button,
            reply_to=message.id,
            entities=[],
        )
        content = {
            "id": query,
            "from": user_object(self._contact),
            "message": self._simulator.sent[message.id],
            "chat_instance": f"-{self._contact.id.lstrip('-')}1",
            "data": button["id"],
        }
        self._simulator.notify("callback_query", content, self._contact.id, query)
        return shown

    def _sizes(self, media: Media) -> list[BotFile]:
        """A small size of a photo where one can be made, and the photo itself, which is the largest."""
        whole = self._simulator.files.add(media, "photo")
        try:
            with Image.open(media.path) as picture:
                picture.draft("RGB", THUMBNAIL)
                picture.thumbnail(THUMBNAIL)
                small = BytesIO()
                picture.convert("RGB").save(small, "JPEG")
        except (UnidentifiedImageError, OSError):
            return [whole]
        writer = self._simulator.media_store.writer()
        writer.write(small.getvalue())
        thumbnail = self._simulator.media_store.add(writer, "image/jpeg", "small.jpg", CUSTOMER)
        return [self._simulator.files.add(thumbnail, "photo"), whole]

    def _send(self, kind: str, content: Json, reply_to: str = "", **shown: Any) -> Message:
        self._contact.started = True
        number = self._simulator.new_message_id()
        payload: Json = {
            "message_id": number,
            "from": user_object(self._contact),
            "chat": chat_object(self._contact),
            "date": self._now(),
            **content,
        }
        if reply_to in self._simulator.sent:
            payload["reply_to_message"] = self._simulator.sent[reply_to]
        shown.setdefault("entities", [])
        message = self._simulator.conversations.add(
            self._contact.id, "in", kind, id=str(number), reply_to=reply_to, **shown
        )
        self._simulator.sent[message.id] = payload
        if not (is_group(self._contact.id) and self._simulator.is_private(payload)):
            self._simulator.notify("message", payload, self._contact.id, message.id)
        return message

    def _now(self) -> int:
        return int(self._simulator.clock())
