"""What the customer sees of a message of the business."""

from __future__ import annotations

from typing import Any

from local.whatsapp_simulator.media_rules import KINDS
from local.whatsapp_simulator.media_shelf import Media

Json = dict[str, Any]


def shown_content(kind: str, part: Any, media: Media | None) -> Json:
    """The fields of `conversations.Message` that a checked message object fills."""
    if kind in KINDS:
        return _media(part, media)
    if kind == "interactive":
        return _interactive(part)
    if kind == "text":
        return {"text": part["body"]}
    if kind == "location":
        return {"location": part}
    if kind == "template":
        return {"text": f"Template “{part['name']}” ({part['language']['code']})"}
    names = [(person.get("name") or {}).get("formatted_name") or "?" for person in part]
    return {"text": "Contacts: " + ", ".join(names)}


def _media(part: Json, media: Media | None) -> Json:
    shown: Json = {"caption": part.get("caption") or "", "voice": bool(part.get("voice"))}
    if media is None:
        return shown | {"link": part["link"], "filename": part.get("filename") or ""}
    # A document without a filename is shown as "Untitled" by the customer's app, whatever the upload was called.
    return shown | {
        "filename": part.get("filename") or "",
        "mime": media.mime,
        "size": media.size,
        "sha256": media.hex,
        "media": media.id,
    }


def _interactive(part: Json) -> Json:
    action = part["action"]
    rows = [
        {
            "id": row["id"],
            "title": row["title"],
            "description": row.get("description") or "",
            "section": section.get("title") or "",
        }
        for section in action.get("sections") or []
        for row in section["rows"]
    ]
    return {
        "header": (part.get("header") or {}).get("text") or "",
        "text": part["body"]["text"],
        "footer": (part.get("footer") or {}).get("text") or "",
        "buttons": [{key: button["reply"][key] for key in ("id", "title")} for button in action.get("buttons") or []],
        "list_button": action.get("button") or "",
        "rows": rows,
    }
