"""The objects of the Bot API: users, chats, messages and their files."""

from __future__ import annotations

from typing import Any

from PIL import Image, UnidentifiedImageError

from local.simulator.conversations import Contact
from local.simulator.samples import bare_mime
from local.telegram_simulator.bot_files import BotFile

Json = dict[str, Any]

# The member of a group who writes there. Groups have negative ids.
MEMBER_ID = 700000001

# Telegram says no language for some apps; this one is that of the first contacts.
LANGUAGE = "en"


def is_group(chat: str) -> bool:
    return chat.startswith("-")


def user_object(contact: Contact) -> Json:
    """The person behind a contact, as a user of Telegram."""
    first, _, last = contact.name.partition(" ")
    user: Json = {
        "id": MEMBER_ID if is_group(contact.id) else int(contact.id),
        "is_bot": False,
        "first_name": "Mara" if is_group(contact.id) else first,
    }
    if last and not is_group(contact.id):
        user["last_name"] = last
    if contact.username:
        user["username"] = contact.username
    return user | {"language_code": LANGUAGE}


def chat_object(contact: Contact) -> Json:
    if is_group(contact.id):
        kind = "supergroup" if contact.id.startswith("-100") else "group"
        return {"id": int(contact.id), "title": contact.name, "type": kind}
    user = user_object(contact)
    names: Json = {key: user[key] for key in ("first_name", "last_name", "username") if key in user}
    return {"id": user["id"], **names, "type": "private"}


def file_object(file: BotFile) -> Json:
    """The file object of a message, without what a kind adds."""
    return {"file_id": file.id, "file_unique_id": file.unique_id, "file_size": file.media.size}


def photo_object(sizes: list[BotFile]) -> list[Json]:
    """The sizes of a photo, ascending; a photo has neither a type nor a name."""
    return [file_object(size) | dict(zip(("width", "height"), dimensions(size), strict=True)) for size in sizes]


def content_object(file: BotFile, kind: str) -> Json:
    """What a message of this kind carries beside its caption."""
    described = file_object(file)
    named = {"mime_type": bare_mime(file.media.mime)}
    if kind not in ("voice", "video_note", "sticker"):
        named["file_name"] = file.media.filename
    if kind == "document":
        return {"document": described | named}
    if kind == "audio":
        return {"audio": described | named | {"duration": 5}}
    if kind == "voice":
        return {"voice": described | named | {"duration": 5}}
    if kind == "video":
        return {"video": described | named | {"width": 640, "height": 480, "duration": 4}}
    if kind == "animation":
        animation = described | named | {"width": 320, "height": 240, "duration": 2}
        return {"animation": animation, "document": described | named}
    if kind == "video_note":
        return {"video_note": described | {"length": 240, "duration": 4}}
    sticker = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False, "emoji": "👍"}
    return {"sticker": described | sticker}


def dimensions(file: BotFile) -> tuple[int, int]:
    """Width and height of a picture; of one that cannot be read, what a phone's camera would give."""
    try:
        with Image.open(file.media.path) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError):
        return 1280, 960


def text_length(text: str) -> int:
    """The length of a text in UTF-16 units, in which Telegram counts offsets and lengths."""
    return len(text.encode("utf-16-le")) // 2


def command_entities(text: str) -> list[Json]:
    """The entity that Telegram adds to a command such as `/start`."""
    command = text.split(maxsplit=1)[0] if text.startswith("/") else ""
    return [{"type": "bot_command", "offset": 0, "length": text_length(command)}] if len(command) > 1 else []
