"""Meta's rules for the body of a message and for media: types, sizes, lengths and counts.

Limits are those of Meta's OpenAPI v23.0 (`business-messaging-api`) and its message pages. Checks that need state (does
the media exist, is the 24-hour window open) are in `business_messages`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.simulator.samples import bare_mime
from local.whatsapp_simulator.graph_errors import (
    GraphError,
    invalid_parameter,
    invalid_value,
    missing_parameter,
    missing_value,
    too_long,
    unexpected_key,
)

Json = dict[str, Any]

MEGABYTE = 1024 * 1024

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
CALLBACK_DATA_LIMIT = 512
ENVELOPE_KEYS = {
    *("messaging_product", "recipient_type", "to", "recipient", "type", "context"),
    *("biz_opaque_callback_data", "recipient_identity_key_hash"),
}

INTERACTIVE_BODY_LIMIT = 1024
HEADER_FOOTER_LIMIT = 60
MAX_BUTTONS, BUTTON_TITLE_LIMIT, BUTTON_ID_LIMIT = 3, 20, 256
MAX_ROWS, ROW_TITLE_LIMIT, ROW_ID_LIMIT, DESCRIPTION_LIMIT = 10, 24, 200, 72
MAX_SECTIONS, SECTION_TITLE_LIMIT = 10, 24


@dataclass(frozen=True)
class MediaKind:
    """One kind of media message: its MIME types, its size limit in bytes, and the fields it may carry."""

    mimes: frozenset[str]
    limit: int
    caption: bool = False
    filename: bool = False


MEDIA_KINDS = {
    "audio": MediaKind(
        frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus"}), 16 * MEGABYTE
    ),
    "document": MediaKind(
        frozenset(
            {
                "text/plain",
                "application/pdf",
                "application/msword",
                "application/vnd.ms-excel",
                "application/vnd.ms-powerpoint",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            }
        ),
        100 * MEGABYTE,
        caption=True,
        filename=True,
    ),
    "image": MediaKind(frozenset({"image/jpeg", "image/png"}), 5 * MEGABYTE, caption=True),
    # 500 KB when animated, 100 KB when not. Only the bytes tell which it is, so the larger limit applies here.
    "sticker": MediaKind(frozenset({"image/webp"}), 500 * 1024),
    "video": MediaKind(frozenset({"video/mp4", "video/3gpp", "video/3gp"}), 16 * MEGABYTE, caption=True),
}

UPLOADABLE_MIMES = frozenset().union(*(kind.mimes for kind in MEDIA_KINDS.values()))


def check_upload_type(mime: str) -> None:
    """Raise GraphError when a business may not upload a file of this type."""
    if bare_mime(mime) not in UPLOADABLE_MIMES:
        allowed = ", ".join(sorted(UPLOADABLE_MIMES))
        raise invalid_parameter(
            f"Param file must be a file with one of the following types: {allowed}. Received '{mime}'."
        )


def upload_limit(mime: str) -> int:
    """The maximum size of an upload of this type in bytes; 0 when the type cannot be uploaded."""
    return max((kind.limit for kind in MEDIA_KINDS.values() if bare_mime(mime) in kind.mimes), default=0)


def check_upload_size(mime: str, size: int) -> None:
    """Raise GraphError when an upload is empty or larger than its type allows."""
    if size == 0:
        raise invalid_parameter("Param file must not be empty.")
    if size > upload_limit(mime):
        raise GraphError(131053, f"File size {size} exceeds the limit of {upload_limit(mime)} bytes for type {mime}.")


def check_message_media(kind: str, mime: str, size: int) -> None:
    """Raise GraphError when stored media may not be sent as this kind of message."""
    allowed = MEDIA_KINDS[kind]
    if bare_mime(mime) not in allowed.mimes:
        raise GraphError(131053, f"Media of type '{mime}' cannot be sent as a message of type '{kind}'.")
    if size > allowed.limit:
        raise GraphError(131053, f"Media of {size} bytes exceeds the limit of {allowed.limit} bytes for '{kind}'.")


def check_message(body: Json) -> str:
    """Return the type of a message that may be sent; raises GraphError."""
    check_product(body)
    if not body.get("to") and not body.get("recipient"):
        raise missing_parameter("to")
    if body.get("to") and not re.fullmatch(r"\+?[0-9][0-9 ()-]{4,24}", str(body["to"])):
        raise invalid_value("Recipient phone number not valid.")
    if body.get("recipient_type", "individual") != "individual":
        raise invalid_value("Param recipient_type must be one of {INDIVIDUAL}.")
    kind = body.get("type", "text")
    if kind not in CHECKS:
        raise GraphError(131051, f'Param type must be one of {{{", ".join(sorted(CHECKS))}}} - got "{kind}".')
    for key in body.keys() - ENVELOPE_KEYS - {kind}:
        raise invalid_parameter(f'Unexpected key "{key}": the message is of type "{kind}".')
    if not isinstance(body.get(kind), dict if kind != "contacts" else list):
        raise missing_parameter(kind)
    if len(str(body.get("biz_opaque_callback_data") or "")) > CALLBACK_DATA_LIMIT:
        raise too_long("biz_opaque_callback_data", CALLBACK_DATA_LIMIT)
    CHECKS[kind](body[kind])
    return str(kind)


def check_product(body: Json) -> None:
    if body.get("messaging_product") != "whatsapp":
        raise missing_parameter("messaging_product")


def _check_text(text: Json) -> None:
    _check_keys(text, "text", "body", "preview_url")
    if not isinstance(text.get("body"), str) or not text["body"]:
        raise missing_parameter("text['body']")
    if len(text["body"]) > TEXT_LIMIT:
        raise too_long("text['body']", TEXT_LIMIT)


def _media_check(kind: str) -> Callable[[Json], None]:
    def check(media: Json) -> None:
        allowed = ["id", "link"] + [key for key in ("caption", "filename") if getattr(MEDIA_KINDS[kind], key)]
        _check_keys(media, kind, *allowed, *(["voice"] if kind == "audio" else []))
        if media.get("id") and media.get("link"):
            raise invalid_parameter(f"Param {kind} must have either 'id' or 'link', not both.")
        if not media.get("id") and not media.get("link"):
            raise missing_parameter(f"{kind}['id']")
        if media.get("link") and not re.match(r"https?://[^/\s]", str(media["link"])):
            raise invalid_parameter(f"Param {kind}['link'] is not a valid URI.")
        if len(str(media.get("caption") or "")) > CAPTION_LIMIT:
            raise too_long(f"{kind}['caption']", CAPTION_LIMIT)

    return check


def _check_reaction(reaction: Json) -> None:
    _check_keys(reaction, "reaction", "message_id", "emoji")
    if not reaction.get("message_id"):
        raise missing_parameter("reaction['message_id']")


def _check_location(location: Json) -> None:
    _check_keys(location, "location", "latitude", "longitude", "name", "address")
    for key in ("latitude", "longitude"):
        if location.get(key) is None:
            raise missing_parameter(f"location['{key}']")


def _check_contacts(contacts: list[Any]) -> None:
    if not 1 <= len(contacts) <= 5:
        raise invalid_parameter("Param contacts must have between 1 and 5 elements.")


def _check_template(template: Json) -> None:
    if not template.get("name") or not (template.get("language") or {}).get("code"):
        raise missing_value("Parameters name and language code are required for a template.")


def _check_interactive(interactive: Json) -> None:
    _check_keys(interactive, "interactive", "type", "header", "body", "footer", "action")
    kind = interactive.get("type")
    if kind not in ("button", "list"):
        raise invalid_value(f"Interactive type must be one of: button, list. Got: {kind}")
    _check_interactive_text(interactive, "body", INTERACTIVE_BODY_LIMIT, required=True)
    _check_interactive_text(interactive, "footer", HEADER_FOOTER_LIMIT)
    header = interactive.get("header") or {}
    if header.get("type") == "text":
        _check_interactive_text(interactive, "header", HEADER_FOOTER_LIMIT)
    elif header and kind == "list":
        raise invalid_value("Header of a list message must be of type text.")
    action = interactive.get("action")
    if not isinstance(action, dict):
        raise missing_parameter("interactive['action']")
    if kind == "button":
        _check_buttons(action)
    else:
        _check_list(action)


def _check_interactive_text(interactive: Json, part: str, limit: int, *, required: bool = False) -> None:
    text = (interactive.get(part) or {}).get("text")
    if required and not text:
        raise missing_parameter(f"interactive['{part}']['text']")
    if len(text or "") > limit:
        raise too_long(f"interactive['{part}']['text']", limit)


def _check_buttons(action: Json) -> None:
    _check_keys(action, "interactive['action']", "buttons")
    buttons = action.get("buttons") or []
    if not 1 <= len(buttons) <= MAX_BUTTONS:
        raise invalid_value(f"Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: {MAX_BUTTONS}")
    if any(button.get("type") != "reply" for button in buttons):
        raise invalid_value("Button type must be reply")
    replies = [button.get("reply") or {} for button in buttons]
    for reply in replies:
        _check_length("Button title", reply.get("title"), BUTTON_TITLE_LIMIT)
        _check_length("Button id", reply.get("id"), BUTTON_ID_LIMIT)
        if reply["id"] != reply["id"].strip():
            raise invalid_value("Button id must not have leading or trailing spaces")
    _check_unique("button ids", [reply["id"] for reply in replies])
    _check_unique("button titles", [reply["title"] for reply in replies])


def _check_list(action: Json) -> None:
    _check_keys(action, "interactive['action']", "button", "sections")
    _check_length("List button", action.get("button"), BUTTON_TITLE_LIMIT)
    sections = action.get("sections") or []
    if not 1 <= len(sections) <= MAX_SECTIONS:
        raise invalid_value(f"Invalid sections count. Min allowed sections: 1, Max allowed sections: {MAX_SECTIONS}")
    for section in sections:
        if len(sections) > 1 and not section.get("title"):
            raise missing_value("Section title is required when there is more than one section")
        if len(section.get("title") or "") > SECTION_TITLE_LIMIT:
            raise too_long("section['title']", SECTION_TITLE_LIMIT)
    rows = [row for section in sections for row in section.get("rows") or []]
    if not 1 <= len(rows) <= MAX_ROWS:
        raise invalid_value(f"Total row count exceed max allowed count: {MAX_ROWS}" if rows else "A list needs a row")
    for row in rows:
        _check_length("Row title", row.get("title"), ROW_TITLE_LIMIT)
        _check_length("Row id", row.get("id"), ROW_ID_LIMIT)
        if len(row.get("description") or "") > DESCRIPTION_LIMIT:
            raise invalid_value(f"Row description is too long. Max length: {DESCRIPTION_LIMIT}")
    _check_unique("row ids", [row["id"] for row in rows])


def _check_keys(part: Json, param: str, *allowed: str) -> None:
    for key in part.keys() - set(allowed):
        raise unexpected_key(key, param)


def _check_length(name: str, text: Any, limit: int) -> None:
    if not isinstance(text, str):
        raise invalid_parameter(f"{name} must be a string.")
    if not 1 <= len(text) <= limit:
        raise invalid_value(f"{name} length invalid. Min length: 1, Max length: {limit}")


def _check_unique(name: str, values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise invalid_value(f"Duplicated {name}: every one must be unique")


CHECKS: dict[str, Callable[[Any], None]] = {
    "text": _check_text,
    **{kind: _media_check(kind) for kind in MEDIA_KINDS},
    "interactive": _check_interactive,
    "reaction": _check_reaction,
    "location": _check_location,
    "contacts": _check_contacts,
    "template": _check_template,
}
