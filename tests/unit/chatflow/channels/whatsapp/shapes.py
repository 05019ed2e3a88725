"""The shapes of messages as Meta publishes them, as complete examples, with the fields that may be missing.

Sources: Meta's OpenAPI document of the Business Messaging API v23.0 (components IncomingMessage and its variants), and
its pages 'Edit', 'Unsupported', 'Contacts' and 'Location messages webhook reference' (2026). What the document marks as
required, but Meta was seen to leave out, is listed as optional here.
"""

from __future__ import annotations

from typing import Any

from tests.unit.chatflow.channels.whatsapp.examples import Json, media, message

Path = tuple[str | int, ...]

CONTEXT: Json = {
    "from": "15550783881",
    "id": "wamid.ours",
    "forwarded": True,
    "frequently_forwarded": True,
    "referred_product": {"catalog_id": "194836987003835", "product_retailer_id": "di9ozbzfi4"},
}
REFERRAL: Json = {
    "source_url": "https://fb.me/3cr4Wqqkv",
    "source_id": "120226305854810726",
    "source_type": "ad",
    "body": "Summer succulents are here!",
    "headline": "Chat with us",
    "media_type": "image",
    "image_url": "https://scontent.xx.fbcdn.net/v/t45.1",
    "thumbnail_url": "https://example.com/thumbnail.jpg",
    "ctwa_clid": "Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27vDVwFjN80dp4_0NiNhEgpGo0AHemvuSoifXay",
    "welcome_message": {"text": "Hi there!"},
}
CARD: Json = {
    "name": {"formatted_name": "Lucía Gómez", "first_name": "Lucía", "last_name": "Gómez"},
    "org": {"company": "Google", "title": "Engineer"},
    "phones": [{"phone": "+1 (983) 555-2319", "wa_id": "19835552319", "type": "MOBILE"}],
    "emails": [{"email": "lucia@example.com", "type": "WORK"}],
    "urls": [{"url": "https://example.com"}],
    "addresses": [{"city": "Palo Alto"}],
    "birthday": "1990-01-01",
}
_FILE = media(file_size=1234, url="https://lookaside.fbsbx.com/x", filename="a.pdf", caption="Look", voice=True)
_AROUND: Json = {"context": CONTEXT, "referral": REFERRAL, "errors": [{"code": 131051, "title": "Unknown"}]}

EXAMPLES: dict[str, Json] = {
    "text": message("text", {"body": "Hello"}, **_AROUND),
    **{kind: message(kind, _FILE, **_AROUND) for kind in ("image", "video", "audio", "document", "sticker")},
    "location": message(
        "location", {"latitude": 37.4, "longitude": -122.1, "name": "HQ", "address": "1 Way", "url": "https://x"}
    ),
    "contacts": message("contacts", [CARD, CARD]),
    "button": message("button", {"payload": "stop", "text": "Unsubscribe"}, **_AROUND),
    "button_reply": message(
        "interactive", {"type": "button_reply", "button_reply": {"id": "yes", "title": "Yes"}}, **_AROUND
    ),
    "list_reply": message(
        "interactive",
        {"type": "list_reply", "list_reply": {"id": "nord", "title": "North", "description": "Up"}},
        **_AROUND,
    ),
    "nfm_reply": message(
        "interactive",
        {
            "type": "nfm_reply",
            "nfm_reply": {
                "name": "flow",
                "body": "Sent",
                "response_json": '{"flow_token":"t","plate":"B AB 1","photos":[{"id":1,"file_name":"a.jpg"}]}',
            },
        },
    ),
    "reaction": message("reaction", {"message_id": "wamid.0", "emoji": "👍"}),
    "order": message("order", {"catalog_id": "1", "text": "", "product_items": [{"quantity": 1}]}),
    "edit": message(
        "edit",
        {
            "original_message_id": "wamid.0",
            "message": {"context": CONTEXT, "type": "text", "text": {"body": "B AB 1234"}},
        },
    ),
    "revoke": message("revoke", {"original_message_id": "wamid.0"}),
    "unsupported": message("unsupported", {"type": "edit"}, errors=[{"code": 131051, "error_data": {"details": "x"}}]),
    "request_welcome": message("request_welcome"),
    "system": message("system", {"body": "changed", "wa_id": "16505550000", "type": "user_changed_number"}),
}

# What the message is nothing without: everything else may be missing, null or odd. The sender is one of two fields.
REQUIRED: dict[str, tuple[Path, ...]] = {
    "text": (("text",), ("text", "body")),
    **{kind: ((kind,), (kind, "id")) for kind in ("image", "video", "audio", "document", "sticker")},
    "location": (("location",), ("location", "latitude"), ("location", "longitude")),
    "contacts": (("contacts",), ("contacts", 0), ("contacts", 1)),
    "button": (("button",),),
    "button_reply": (
        ("interactive",),
        ("interactive", "type"),
        ("interactive", "button_reply"),
        ("interactive", "button_reply", "id"),
    ),
    "list_reply": (
        ("interactive",),
        ("interactive", "type"),
        ("interactive", "list_reply"),
        ("interactive", "list_reply", "id"),
    ),
    "nfm_reply": (
        ("interactive",),
        ("interactive", "type"),
        ("interactive", "nfm_reply"),
        ("interactive", "nfm_reply", "response_json"),
    ),
}
ALWAYS: tuple[Path, ...] = (("from",), ("id",), ("timestamp",), ("type",))


def paths(value: Any, path: Path = ()) -> list[Path]:
    """The place of every value in a message, but the message itself."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, each in entries for place in ((*path, key), *paths(each, (*path, key)))]


def optional_paths(name: str) -> list[Path]:
    """The places in an example of which nothing depends on any but itself."""
    needed = (*ALWAYS, *REQUIRED.get(name, ()))
    return [path for path in paths(EXAMPLES[name]) if path not in needed]
