"""Translates one update, a message, an edit or a tap, from Telegram's JSON into ours. Pure.

`contents` reads what a message holds. Here is what every update has: who, when, which message.

The id of a customer's message is its `message_id`, which counts all messages of a bot's private chats, its own
included, and never repeats. Edits and taps are events about a message, so theirs has the `update_id` behind it, which
a repeated webhook repeats.
"""

from __future__ import annotations

from typing import Any

from chatflow.channels.telegram.addresses import LARGEST_ID, normalize_address
from chatflow.channels.telegram.contents import read_content, read_edit, read_title
from chatflow.channels.untrusted_json import json_object, optional_text, required_text, whole_number
from chatflow.errors import InvalidInput
from chatflow.messages import IncomingMessage

CHANNEL = "telegram"
_LONGEST_NAME = 256  # characters; Telegram's first and last names have 64 each

Json = dict[str, Any]


def read_message(message: Any, account: str) -> IncomingMessage:
    """A customer's message. Raises InvalidInput for one that lacks what every message has."""
    message = json_object(message, "message")
    return IncomingMessage(
        id=message_id(message),
        at=whole_number(message.get("date"), "date"),
        forwarded=isinstance(message.get("forward_origin"), dict),
        reply_to=_replied_to(message),
        **_who(message, message.get("from"), account),
        **read_content(message),
    )


def read_edited(message: Any, account: str, update: int) -> IncomingMessage | None:
    """A message of the customer that says something else now; None for a live location, which has moved.

    Nobody expects an answer. A live location moves every few seconds. Raises InvalidInput as `read_message` does.
    """
    message = json_object(message, "message")
    if "location" in message:
        return None
    id = message_id(message)
    return IncomingMessage(
        id=f"{id}.edit.{update}",
        at=whole_number(message.get("edit_date") or message.get("date"), "edit_date"),
        **_who(message, message.get("from"), account),
        **read_edit(message, id),
    )


def read_tap(query: Any, account: str, update: int) -> IncomingMessage:
    """A tap on a button under one of our messages. Telegram does not say when it was tapped, so `at` is 0.

    Raises InvalidInput for a tap that is on no message of ours in a private chat.
    """
    query = json_object(query, "callback_query")
    message = json_object(query.get("message"), "message")
    data, id = required_text(query, "data"), message_id(message)
    return IncomingMessage(
        id=f"{id}.tap.{update}",
        at=0,
        kind="choice",
        choice=data,
        text=read_title(message, data),
        reply_to=id,
        **_who(message, query.get("from"), account),
    )


def message_id(message: Json) -> str:
    """The id of a message, ours or the customer's, as text. Raises InvalidInput."""
    id = whole_number(message.get("message_id"), "message_id")
    if not id:
        raise InvalidInput("message_id is 0: the message is only scheduled")
    return str(id)


def chat_of(holder: Json) -> tuple[int, str]:
    """The id of a chat and its type: private, group, supergroup or channel. Raises InvalidInput."""
    chat = json_object(holder.get("chat"), "chat")
    id = chat.get("id")
    if isinstance(id, bool) or not isinstance(id, int) or not id or abs(id) > LARGEST_ID:
        raise InvalidInput("the chat has no id")
    return id, required_text(chat, "type")


def _who(message: Json, sender: Any, account: str) -> Json:
    """The customer: in a private chat, the id of the chat is the id of the person."""
    id, kind = chat_of(message)
    if kind != "private" or id < 0:
        raise InvalidInput("only messages in private chats are addressed to a flow")
    person = sender if isinstance(sender, dict) else {}
    names = (optional_text(person, "first_name"), optional_text(person, "last_name"))
    return {
        "channel": CHANNEL,
        "account": account,
        "contact": str(id),
        "name": " ".join(filter(None, names))[:_LONGEST_NAME],
        "language": optional_text(person, "language_code")[:35].lower(),
        "other_addresses": _username(person),
    }


def _username(person: Json) -> tuple[str, ...]:
    try:
        return (normalize_address(f"@{required_text(person, 'username')}"),)
    except InvalidInput:
        return ()


def _replied_to(message: Json) -> str:
    original = message.get("reply_to_message")
    try:
        return message_id(original) if isinstance(original, dict) else ""
    except InvalidInput:
        return ""
