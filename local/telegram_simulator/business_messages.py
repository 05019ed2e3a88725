"""Messages of the bot: checked, shown to the customer, and answered as the Bot API answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.simulator.media_store import Media
from local.telegram_simulator.bot_errors import bad_request, forbidden
from local.telegram_simulator.bot_files import BotFile
from local.telegram_simulator.message_rules import (
    check_upload,
    checked_caption,
    checked_keyboard,
    checked_text,
    parsed_json,
)
from local.telegram_simulator.simulator import TelegramContact, TelegramSimulator
from local.telegram_simulator.updates import chat_object, content_object, photo_object

Json = dict[str, Any]

TYPING_SECONDS = 5

# The kind of a file in the Bot API, and the kind under which the chat page shows it.
SENDS = {
    "photo": "image",
    "document": "document",
    "voice": "audio",
    "audio": "audio",
    "video": "video",
    "animation": "video",
}


@dataclass(frozen=True)
class Upload:
    """A file that came with the request, in the part of this name."""

    part: str
    media: Media


def send_message(simulator: TelegramSimulator, values: Json) -> Json:
    """`sendMessage`; raises BotError."""
    contact = recipient(simulator, values)
    text, entities = checked_text(values)
    keyboard = checked_keyboard(values)
    content: Json = {"text": text, **({"entities": entities} if entities else {})}
    return _sent(simulator, contact, "text", content, values, keyboard=keyboard, text=text, entities=entities)


def send_file(simulator: TelegramSimulator, kind: str, values: Json, upload: Upload | None) -> Json:
    """`sendPhoto`, `sendDocument` and the others, by upload or by the id of a file; raises BotError."""
    contact = recipient(simulator, values)
    caption, entities = checked_caption(values)
    keyboard = checked_keyboard(values)
    file = _file(simulator, kind, values, upload)
    described = {"photo": photo_object([file])} if kind == "photo" else content_object(file, kind)
    content: Json = {**described, **({"caption": caption} if caption else {})}
    if entities:
        content["caption_entities"] = entities
    media = file.media
    return _sent(
        simulator, contact, SENDS[kind], content, values, keyboard=keyboard,
        caption=caption, entities=entities, filename=media.filename if kind == "document" else "",
        voice=kind == "voice", mime=media.mime, size=media.size, sha256=media.sha256_hex, media=media.id,
    )  # fmt: skip


def send_chat_action(simulator: TelegramSimulator, values: Json) -> bool:
    """`sendChatAction`: the customer sees that the bot is typing for at most five seconds."""
    contact = recipient(simulator, values)
    if not values.get("action"):
        raise bad_request("wrong parameter action in request")
    contact.typing_until = simulator.clock() + TYPING_SECONDS
    simulator.conversations.mark_changed()
    return True


def answer_callback_query(simulator: TelegramSimulator, values: Json) -> bool:
    """`answerCallbackQuery`: the button stops to show that it is working. Raises BotError for an unknown query."""
    query = str(values.get("callback_query_id") or "")
    if query not in simulator.queries:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    tap = simulator.conversations.find(query)
    if tap is not None:
        tap.status = "read"
        simulator.conversations.mark_changed(tap)
    return True


def recipient(simulator: TelegramSimulator, values: Json) -> TelegramContact:
    """The chat that the request names; raises BotError when the bot may not write to it."""
    chat = str(values.get("chat_id") or "")
    if not chat:
        raise bad_request("chat_id is empty")
    contact = simulator.conversations.contacts.get(chat)
    if contact is None or not contact.started:
        raise bad_request("chat not found")
    if contact.blocked:
        raise forbidden("bot was blocked by the user")
    return contact


def _file(simulator: TelegramSimulator, kind: str, values: Json, upload: Upload | None) -> BotFile:
    named = str(values.get(kind) or "")
    attached = named.removeprefix("attach://") if named.startswith("attach://") else kind
    if upload and upload.part == attached:
        check_upload(kind, upload.media)
        return simulator.files.add(upload.media, kind)
    if not named or named.startswith("attach://"):
        raise bad_request(f"there is no {kind} in the request")
    return simulator.files.get(named, kind)


def _sent(
    simulator: TelegramSimulator,
    contact: TelegramContact,
    shown_kind: str,
    content: Json,
    values: Json,
    *,
    keyboard: list[list[Json]],
    **shown: Any,
) -> Json:
    number = simulator.new_message_id()
    payload: Json = {
        "message_id": number,
        "from": simulator.settings.bot(),
        "chat": chat_object(contact),
        "date": int(simulator.clock()),
        **content,
    }
    reply_to = str(parsed_json(values, "reply_parameters", {}).get("message_id") or "")
    if reply_to in simulator.sent:
        payload["reply_to_message"] = simulator.sent[reply_to]
    if keyboard:
        payload["reply_markup"] = {"inline_keyboard": keyboard}
    buttons = [
        {"id": str(button["callback_data"]), "title": str(button["text"])}
        for row in keyboard
        for button in row
        if "callback_data" in button
    ]
    contact.typing_until = 0.0
    # Telegram reports nothing after it took a message, so the customer has it.
    message = simulator.conversations.add(
        contact.id, "out", shown_kind, id=str(number), status="delivered", buttons=buttons, reply_to=reply_to, **shown
    )
    simulator.sent[message.id] = payload
    return payload
