"""The webhook's side of the Bot API: compares the secret header, parses a POST, writes the answer to it. Pure.

Telegram posts one update at a time, those of one person in order, and repeats one until it gets a status of 2xx, for a
day at most (Bot API, "setWebhook"). The body does not say which bot it is for: the address does.

The answer may hold a call, which Telegram then executes without telling us its result ("Making requests when getting
updates"; decision record 0033). It serves what needs no result: a tap is acknowledged, or its button would show that
it is working, and a group is told that the bot is for private chats.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

from chatflow.channels.telegram.updates import chat_of, read_edited, read_message, read_tap
from chatflow.channels.untrusted_json import json_object, loggable_word, optional_text, whole_number
from chatflow.errors import BadSignature, InvalidInput
from chatflow.messages import Webhook
from chatflow.strict_json import strict_json

# What `setWebhook` asks for. `my_chat_member` says that the bot was added to a group, and that a person blocked it.
ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")
GROUP_TEXT: Final = "Thank you for adding me. I can only help in a private chat: please write to me there."

_HEADER = "x-telegram-bot-api-secret-token"
_LONGEST_QUERY_ID = 64  # characters; Telegram's have about 19
_GROUPS = ("group", "supergroup")
_OUTSIDE = ("left", "kicked")  # "ChatMember": states of who is no member

Json = dict[str, Any]


def verify(headers: Mapping[str, str], _body: bytes, secret: Mapping[str, Any]) -> None:
    """Compare the secret header in constant time. Header names are lower case. Raises BadSignature.

    During a rotation the secret's field holds a list of the new text and the old one. An empty text never counts.
    """
    given = headers.get(_HEADER, "").encode("utf-8", "replace")
    value = secret.get("secret_token")
    known = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str) and each]
    matches = [hmac.compare_digest(each.encode("utf-8", "replace"), given) for each in known]
    if not any(matches):
        raise BadSignature("the webhook does not know this bot's secret token")


def parse(body: bytes, account: str) -> Webhook:
    """Parse one POST for the bot `account`. Raises InvalidInput when it is no update, or when no bot is named."""
    if not account:
        raise InvalidInput("the webhook's address does not name the bot")
    try:
        update = json_object(strict_json(body), "the webhook")
    except ValueError:
        raise InvalidInput("the webhook is not JSON of the documented shape") from None
    number = whole_number(update.get("update_id"), "update_id")
    kinds = [kind for kind in update if kind != "update_id"]
    kind = next((each for each in ALLOWED_UPDATES if each in update), kinds[0] if kinds else "")
    try:
        return _read(kind, update, number, account)
    except InvalidInput:
        return Webhook(skipped=[f"{loggable_word(kind)}:{_where(update.get(kind))}"])


def _read(kind: str, update: Json, number: int, account: str) -> Webhook:
    """What an update holds. Of a kind that is not asked for, only the name is kept."""
    if kind == "message":
        return Webhook(messages=[read_message(update[kind], account)])
    if kind == "edited_message":
        edited = read_edited(update[kind], account, number)
        return Webhook(messages=[edited] if edited else [])
    if kind == "callback_query":
        return _read_tap(update[kind], account, number)
    if kind == "my_chat_member":
        return Webhook(answer=_answer_to_group(json_object(update[kind], kind)))
    return Webhook(skipped=[f"update:{loggable_word(kind)}"])


def _read_tap(query: Any, account: str, number: int) -> Webhook:
    """A tap. It is acknowledged also when it is on nothing of ours: the person waits for it."""
    answer = _acknowledgement(json_object(query, "callback_query"))
    try:
        return Webhook(messages=[read_tap(query, account, number)], answer=answer)
    except InvalidInput:
        return Webhook(skipped=[f"callback_query:{_where(query)}"], answer=answer)


def _acknowledgement(query: Json) -> str:
    id = optional_text(query, "id")
    if not id or len(id) > _LONGEST_QUERY_ID:
        return ""
    return json.dumps({"method": "answerCallbackQuery", "callback_query_id": id})


def _answer_to_group(change: Json) -> str:
    """The text for a group that the bot was just added to, "" for any other change.

    What people write in groups is not answered, so a group hears this once each time that somebody adds the bot. A
    channel would show it to all of its readers, so it is told nothing.
    """
    id, kind = chat_of(change)
    was, is_now = (_status(change.get(key)) for key in ("old_chat_member", "new_chat_member"))
    if kind not in _GROUPS or was not in _OUTSIDE or is_now not in ("member", "administrator"):
        return ""
    return json.dumps({"method": "sendMessage", "chat_id": id, "text": GROUP_TEXT})


def _status(member: Any) -> str:
    return optional_text(member, "status") if isinstance(member, dict) else ""


def _where(update: Any) -> str:
    """The type of the chat that an update is about, for the log."""
    holder = update.get("message") if isinstance(update, dict) and "chat" not in update else update
    try:
        return loggable_word(chat_of(json_object(holder, "update"))[1])
    except InvalidInput:
        return "unknown"
