"""Whether Meta would take a message of the business, judged by the body alone.

Limits are those of Meta's OpenAPI v23.0 (`business-messaging-api`) and its message pages. What only the state can tell
(does the media exist, is the window open) is judged in `sending`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from local.whatsapp_simulator.interactive_rules import check_interactive
from local.whatsapp_simulator.media_rules import KINDS
from local.whatsapp_simulator.refusals import (
    Refusal,
    bad_value,
    invalid,
    missing_value,
    required,
    too_long,
    unexpected_key,
)

Json = dict[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
CALLBACK_DATA_LIMIT = 512
ENVELOPE_KEYS = {
    *("messaging_product", "recipient_type", "to", "recipient", "type", "context"),
    *("biz_opaque_callback_data", "recipient_identity_key_hash"),
}


def check_message(body: Json) -> str:
    """Return the type of a message that may be sent; raises Refusal."""
    check_product(body)
    if not body.get("to") and not body.get("recipient"):
        raise required("to")
    if body.get("to") and not re.fullmatch(r"\+?[0-9][0-9 ()-]{4,24}", str(body["to"])):
        raise bad_value("Recipient phone number not valid.")
    if body.get("recipient_type", "individual") != "individual":
        raise bad_value("Param recipient_type must be one of {INDIVIDUAL}.")
    kind = body.get("type", "text")
    if kind not in RULES:
        raise Refusal(131051, f'Param type must be one of {{{", ".join(sorted(RULES))}}} - got "{kind}".')
    for key in body.keys() - ENVELOPE_KEYS - {kind}:
        raise invalid(f'Unexpected key "{key}": the message is of type "{kind}".')
    if not isinstance(body.get(kind), dict if kind != "contacts" else list):
        raise required(kind)
    if len(str(body.get("biz_opaque_callback_data") or "")) > CALLBACK_DATA_LIMIT:
        raise too_long("biz_opaque_callback_data", CALLBACK_DATA_LIMIT)
    RULES[kind](body[kind])
    return str(kind)


def check_product(body: Json) -> None:
    if body.get("messaging_product") != "whatsapp":
        raise required("messaging_product")


def _text(text: Json) -> None:
    _only(text, "text", "body", "preview_url")
    if not isinstance(text.get("body"), str) or not text["body"]:
        raise required("text['body']")
    if len(text["body"]) > TEXT_LIMIT:
        raise too_long("text['body']", TEXT_LIMIT)


def _media(kind: str) -> Callable[[Json], None]:
    def check(media: Json) -> None:
        allowed = ["id", "link"] + [key for key in ("caption", "filename") if getattr(KINDS[kind], key)]
        _only(media, kind, *allowed, *(["voice"] if kind == "audio" else []))
        if media.get("id") and media.get("link"):
            raise invalid(f"Param {kind} must have either 'id' or 'link', not both.")
        if not media.get("id") and not media.get("link"):
            raise required(f"{kind}['id']")
        if media.get("link") and not re.match(r"https?://[^/\s]", str(media["link"])):
            raise invalid(f"Param {kind}['link'] is not a valid URI.")
        if len(str(media.get("caption") or "")) > CAPTION_LIMIT:
            raise too_long(f"{kind}['caption']", CAPTION_LIMIT)

    return check


def _reaction(reaction: Json) -> None:
    _only(reaction, "reaction", "message_id", "emoji")
    if not reaction.get("message_id"):
        raise required("reaction['message_id']")


def _location(location: Json) -> None:
    _only(location, "location", "latitude", "longitude", "name", "address")
    for key in ("latitude", "longitude"):
        if location.get(key) is None:
            raise required(f"location['{key}']")


def _contacts(contacts: list[Any]) -> None:
    if not 1 <= len(contacts) <= 5:
        raise invalid("Param contacts must have between 1 and 5 elements.")


def _template(template: Json) -> None:
    if not template.get("name") or not (template.get("language") or {}).get("code"):
        raise missing_value("Parameters name and language code are required for a template.")


def _only(part: Json, param: str, *keys: str) -> None:
    for key in part.keys() - set(keys):
        raise unexpected_key(key, param)


RULES: dict[str, Callable[[Any], None]] = {
    "text": _text,
    **{kind: _media(kind) for kind in KINDS},
    "interactive": check_interactive,
    "reaction": _reaction,
    "location": _location,
    "contacts": _contacts,
    "template": _template,
}
