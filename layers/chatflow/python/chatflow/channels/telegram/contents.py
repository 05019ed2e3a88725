"""Reads what a message holds: text, a command, a file, a place, a contact card. Pure.

A message has one content, under the name of its type (Bot API, "Message"). What no flow can use becomes kind `other`
with that name, so that the customer gets an answer; what nobody wrote, such as a new photo of a chat, is quiet. The
same holds for content of another shape than documented: only what is missing is lost, never the message.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from chatflow.channels.untrusted_json import (
    Cut,
    degrees,
    json_list,
    json_object,
    optional_number,
    optional_text,
    required_text,
    text,
)
from chatflow.errors import InvalidInput
from chatflow.messages import IncomingMedia

Json = dict[str, Any]

LINK: Final = "link"  # `referral.source_type` of a message that a deep link led to
_LONGEST_FACT: Final = 2048  # characters of a name, an address, a number
# A command is a word of letters, digits and underscores, perhaps with the bot's name (Bot features, "Commands").
_COMMAND: Final = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@[A-Za-z0-9_]{1,32})?(?:\s+(.*))?", re.DOTALL)

# Nobody wrote these, or expects an answer to them. Our name of each says which of the quiet kinds it is.
_QUIET: Final = {
    **dict.fromkeys(("poll", "poll_option_added", "poll_option_deleted"), "poll"),
    "pinned_message": "pin",
    **dict.fromkeys(
        (
            *("new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo"),
            *("chat_owner_left", "chat_owner_changed", "group_chat_created", "supergroup_chat_created"),
            *("channel_chat_created", "message_auto_delete_timer_changed", "migrate_to_chat_id"),
            *("migrate_from_chat_id", "successful_payment", "refunded_payment", "users_shared", "chat_shared", "gift"),
            *("unique_gift", "gift_upgrade_sent", "connected_website", "write_access_allowed", "passport_data"),
            *("proximity_alert_triggered", "boost_added", "chat_background_set", "checklist_tasks_done"),
            *("checklist_tasks_added", "direct_message_price_changed", "forum_topic_created", "forum_topic_edited"),
            *("forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden"),
            *("general_forum_topic_unhidden", "giveaway_created", "giveaway", "giveaway_winners"),
            *("giveaway_completed", "managed_bot_created", "paid_message_price_changed", "suggested_post_approved"),
            *("suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid"),
            *("suggested_post_refunded", "video_chat_scheduled", "video_chat_started", "video_chat_ended"),
            *("video_chat_participants_invited", "web_app_data"),
        ),
        "system",
    ),
}
# What customers send and no flow reads, by Telegram's names. The first three are files that bots cannot use.
_UNREAD: Final = ("video_note", "story", "paid_media", "checklist", "game", "invoice", "rich_message")


def read_content(message: Json) -> Json:
    """The fields of `IncomingMessage` that depend on what a message holds."""
    unreadable = ""
    for kind, read in _READERS.items():
        if message.get(kind) is None:
            continue
        cut = Cut()
        try:
            return {**read(message, kind, cut), "cut": cut.happened}
        except InvalidInput:
            unreadable = unreadable or _FILES.get(kind, kind)
    unread = next((kind for kind in _UNREAD if kind in message), "")
    quiet = next((name for kind, name in _QUIET.items() if kind in message), "")
    return _other(unreadable or unread or quiet or "unknown")


def read_edit(message: Json, original: str) -> Json:
    """A changed message, for the transcript: what it says now, and the id of the message that it changes."""
    cut = Cut()
    new = next(filter(None, (optional_text(message, key, cut) for key in ("text", "caption"))), "")
    return {**_other("edit"), "text": new, "original": original, "cut": cut.happened}


def read_title(message: Json, data: str) -> str:
    """The label of the button that was tapped, from the keyboard of its message; "" where Telegram no longer has it."""
    try:
        rows = json_list(json_object(message.get("reply_markup") or {}, "reply_markup").get("inline_keyboard"), "rows")
        buttons = [each for row in rows for each in json_list(row, "row") if isinstance(each, dict)]
    except InvalidInput:
        return ""
    return next((optional_text(each, "text") for each in buttons if each.get("callback_data") == data), "")


def _other(kind: str) -> Json:
    return {"kind": "other", "other": kind}


def _text(message: Json, kind: str, cut: Cut) -> Json:
    """A text. A command is the text behind its slash, and a deep link's word is a text of its own.

    t.me/(bot)?start=(word) makes the app send "/start (word)" (Bot features, "Deep linking"), its button Start sends
    "/start". With either, a customer begins.
    """
    body = text(message, kind, cut)
    if not body:
        raise InvalidInput("the text is empty")
    found = _COMMAND.fullmatch(body.strip())
    if found is None:
        return {"kind": "text", "text": body}
    command, rest = found[1], (found[2] or "").strip()
    if command.lower() != "start":
        return {"kind": "text", "text": f"{command} {rest}".strip()}
    if not rest:
        return {"kind": "text", "text": command, "begins": True}
    link = {"source_type": LINK, "source_id": rest[:_LONGEST_FACT]}
    return {"kind": "text", "text": rest, "begins": True, "referral": link}


def _dice(message: Json, kind: str, _cut: Cut) -> Json:
    """An emoji that Telegram rolls: written as a text, it comes as this."""
    return {"kind": "text", "text": required_text(json_object(message[kind], kind), "emoji")}


def _photo(message: Json, kind: str, cut: Cut) -> Json:
    """The largest of a photo's sizes. Telegram's servers make them JPEG, and give no name."""
    found = [each for each in json_list(message[kind], kind) if isinstance(each, dict)]
    sizes = [each for each in found if optional_text(each, "file_id")]
    if not sizes:
        raise InvalidInput("the photo has no size")

    def extent(size: Json) -> tuple[int, int]:
        return optional_number(size, "width") * optional_number(size, "height"), optional_number(size, "file_size")

    return _media(message, max(sizes, key=extent), "image", cut, mime="image/jpeg")


def _file(message: Json, kind: str, cut: Cut) -> Json:
    return _media(message, json_object(message[kind], kind), _FILES[kind], cut)


def _media(message: Json, file: Json, kind: str, cut: Cut, *, mime: str = "") -> Json:
    """A file. Its address holds the bot's token, so none is stored: `getFile` names it when the file is fetched."""
    media = IncomingMedia(
        id=required_text(file, "file_id"),
        kind="audio" if kind == "voice" else kind,
        mime=mime or optional_text(file, "mime_type"),
        size=optional_number(file, "file_size"),
        filename=optional_text(file, "file_name"),
    )
    caption, album = optional_text(message, "caption", cut), optional_text(message, "media_group_id")
    return {"kind": "media", "media": media, "text": caption, "voice": kind == "voice", "album": album[:64]}


def _venue(message: Json, kind: str, _cut: Cut) -> Json:
    venue = json_object(message[kind], kind)
    named = {"name": optional_text(venue, "title"), "address": optional_text(venue, "address")}
    facts = {key: value[:_LONGEST_FACT] for key, value in named.items() if value}
    return {"kind": "location", "location": _place(venue.get("location")) | facts}


def _location(message: Json, kind: str, _cut: Cut) -> Json:
    return {"kind": "location", "location": _place(message[kind])}


def _place(value: Any) -> Json:
    place = json_object(value, "location")
    return {"latitude": degrees(place.get("latitude"), 90), "longitude": degrees(place.get("longitude"), 180)}


def _contact(message: Json, kind: str, _cut: Cut) -> Json:
    contact = json_object(message[kind], kind)
    name = " ".join(filter(None, (optional_text(contact, key) for key in ("first_name", "last_name"))))
    number = optional_text(contact, "phone_number")
    card: Json = {"name": name[:_LONGEST_FACT], "phones": [number[:_LONGEST_FACT]] if number else []}
    card = {key: value for key, value in card.items() if value}
    if not card:
        raise InvalidInput("the card is empty")
    return {"kind": "contacts", "contacts": [card]}


# Our kind of each file. `animation` stands before `document`, which Telegram sets beside it.
_FILES: Final = {
    "photo": "image",
    "animation": "video",
    "video": "video",
    "voice": "voice",
    "audio": "audio",
    "sticker": "sticker",
    "document": "document",
}
# In the order in which they are looked for: a venue comes with a location, a live photo with a photo.
_READERS: Final[dict[str, Callable[[Json, str, Cut], Json]]] = {
    "text": _text,
    **dict.fromkeys(_FILES, _file),
    "photo": _photo,
    "venue": _venue,
    "location": _location,
    "contact": _contact,
    "dice": _dice,
}
