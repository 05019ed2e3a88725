"""Reads what a customer's message holds: text, a file, a place, cards, a form's answers, a tap. Pure.

What no flow can use becomes kind `other` and keeps Meta's name for it, so that the customer gets an answer. The same
holds for content that Meta could not deliver, or that has another shape than documented: only what is missing is lost,
never the message.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from chatflow.channels.untrusted_json import (
    Cut,
    bounded_json,
    degrees,
    json_list,
    json_object,
    loggable_word,
    optional_number,
    optional_text,
    required_text,
    sha256_hex,
    text,
    whole_number,
)
from chatflow.errors import InvalidInput
from chatflow.messages import UNAVAILABLE, IncomingMedia
from chatflow.strict_json import strict_json

Json = dict[str, Any]

_UNSUPPORTED = ("unsupported", "unknown", "errors")  # Meta's types for what its API does not carry
_WITHHELD = 131060  # "This message is unavailable": the first message to a number of the WhatsApp Business app
_REFERRAL = ("source_type", "source_id", "source_url", "headline", "body", "media_type", "ctwa_clid")
_LONGEST_FACT = 2048  # characters of a name, an address, a URL
_MOST_CARDS = 20
_LARGEST_CARDS = 16_384  # bytes of all cards of a message, which travels through the state machine
_MOST_OF_A_CARD = 10  # phone numbers, and e-mail addresses


def read_content(message: Json) -> Json:
    """The fields of `IncomingMessage` that depend on the message's type. Raises InvalidInput without a type."""
    kind = required_text(message, "type")
    read = _READERS.get(kind)
    if kind in _UNSUPPORTED:
        return _unsupported(message)
    if read is None or kind not in message:
        return _other(kind)
    cut = Cut()
    try:
        content = read(message[kind], kind, cut)
    except InvalidInput:
        return _other(kind)
    return {**content, "cut": cut.happened}


def read_context(message: Json) -> Json:
    """What the customer did not write: what the message answers, where it came from, whether it was forwarded."""
    context, referral = message.get("context"), message.get("referral")
    found: Json = {}
    if isinstance(context, dict):
        forwarded = any(context.get(key) is True for key in ("forwarded", "frequently_forwarded"))
        found = {"reply_to": optional_text(context, "id"), "forwarded": forwarded}
    if isinstance(referral, dict):
        found["referral"] = _facts(referral, _REFERRAL) or None
    return found


def _other(kind: Any) -> Json:
    return {"kind": "other", "other": loggable_word(kind)}


def _unsupported(message: Json) -> Json:
    """A message without its content, by Meta's name for what it was: an edit, a pin, a vote in a poll, an image."""
    if _WITHHELD in _error_codes(message):
        return _other(UNAVAILABLE)
    named = message.get("unsupported")
    kind = optional_text(named, "type") if isinstance(named, dict) else ""
    return _other(kind or "unsupported")


def _error_codes(message: Json) -> Iterator[int]:
    errors = message.get("errors")
    for error in errors if isinstance(errors, list) else ():
        try:
            yield whole_number(json_object(error, "error").get("code"), "code")
        except InvalidInput:
            continue


def _text(content: Any, _kind: str, cut: Cut) -> Json:
    body = text(json_object(content, "text"), "body", cut)
    if not body:
        raise InvalidInput("the text is empty")
    return {"kind": "text", "text": body}


def _media(content: Any, kind: str, cut: Cut) -> Json:
    content = json_object(content, kind)
    media = IncomingMedia(
        id=required_text(content, "id"),
        kind="audio" if kind == "voice" else kind,
        mime=optional_text(content, "mime_type"),
        sha256=sha256_hex(optional_text(content, "sha256")),
        size=optional_number(content, "file_size"),
        filename=optional_text(content, "filename"),
        url=optional_text(content, "url"),
    )
    # `voice` as a type is the older API's name; today a voice note is `audio` with a flag.
    voice = kind == "voice" or (kind == "audio" and content.get("voice") is True)
    return {"kind": "media", "media": media, "text": optional_text(content, "caption", cut), "voice": voice}


def _location(content: Any, kind: str, _cut: Cut) -> Json:
    content = json_object(content, kind)
    location: Json = {
        "latitude": degrees(content.get("latitude"), 90),
        "longitude": degrees(content.get("longitude"), 180),
    }
    return {"kind": "location", "location": location | _facts(content, ("name", "address", "url"))}


def _contacts(content: Any, kind: str, cut: Cut) -> Json:
    cards = [card for each in json_list(content, kind) if isinstance(each, dict) and (card := _card(each))]
    if not cards:
        raise InvalidInput("the cards are empty")
    kept: list[Json] = []
    left = _LARGEST_CARDS
    for card in cards[:_MOST_CARDS]:
        left -= len(json.dumps(card, ensure_ascii=False).encode("utf-8", "replace"))
        if left >= 0:
            kept.append(card)
    cut.happened = len(kept) < len(cards)
    # A single card that is too large keeps its name.
    return {"kind": "contacts", "contacts": kept or [{"name": cards[0].get("name", "")}]}


def _card(content: Json) -> Json:
    name, company = content.get("name"), content.get("org")
    names = _facts(name, ("formatted_name", "first_name", "last_name")) if isinstance(name, dict) else {}
    spelled = names.get("formatted_name") or " ".join(names[key] for key in ("first_name", "last_name") if key in names)
    card: Json = {
        "name": spelled,
        "phones": _each(content.get("phones"), "phone"),
        "emails": _each(content.get("emails"), "email"),
        "company": optional_text(company, "company")[:_LONGEST_FACT] if isinstance(company, dict) else "",
    }
    return {key: value for key, value in card.items() if value}


def _each(entries: Any, key: str) -> list[str]:
    found = (
        [optional_text(each, key) for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
    )
    return [each[:_LONGEST_FACT] for each in found if each][:_MOST_OF_A_CARD]


def _facts(holder: Json, keys: tuple[str, ...]) -> dict[str, str]:
    """The texts under these keys, those that there are."""
    return {key: value[:_LONGEST_FACT] for key in keys if (value := optional_text(holder, key))}


def _template_button(content: Any, kind: str, _cut: Cut) -> Json:
    content = json_object(content, kind)
    title = optional_text(content, "text")
    return {
        "kind": "choice",
        "choice": optional_text(content, "payload") or title or required_text(content, "text"),
        "text": title,
        "from_template": True,
    }


def _interactive(content: Any, kind: str, cut: Cut) -> Json:
    content = json_object(content, kind)
    kind = required_text(content, "type")
    if kind == "nfm_reply":
        return _form(json_object(content.get(kind), kind), cut)
    if kind not in ("button_reply", "list_reply"):
        return _other(kind)
    reply = json_object(content.get(kind), kind)
    return {"kind": "choice", "choice": required_text(reply, "id"), "text": optional_text(reply, "title")}


def _form(reply: Json, cut: Cut) -> Json:
    """The answers to a WhatsApp Flow. Files in it are described by Meta (id, file_name, mime_type, sha256)."""
    written = reply.get("response_json")
    try:
        answers = strict_json(written.encode("utf-8", "replace")) if isinstance(written, str) else written
    except ValueError:
        raise InvalidInput("the form's answers are not JSON") from None
    return {"kind": "form", "form": bounded_json(json_object(answers, "response_json"), cut)}


def _edit(content: Any, kind: str, cut: Cut) -> Json:
    """A changed text, for the transcript: what it says now, and the id of the message that it changes."""
    content = json_object(content, kind)
    changed = content.get("message")
    parts = [each for each in changed.values() if isinstance(each, dict)] if isinstance(changed, dict) else []
    texts = (optional_text(part, key, cut) for part in parts for key in ("body", "caption"))
    return {**_other(kind), "text": next(filter(None, texts), ""), "original": _original(content)}


def _revocation(content: Any, kind: str, _cut: Cut) -> Json:
    return {**_other(kind), "original": _original(json_object(content, kind))}


def _original(content: Json) -> str:
    return optional_text(content, "original_message_id")


_READERS: dict[str, Callable[[Any, str, Cut], Json]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "button": _template_button,
    "interactive": _interactive,
    "edit": _edit,
    "revoke": _revocation,
    **dict.fromkeys(("image", "video", "audio", "voice", "document", "sticker"), _media),
}
