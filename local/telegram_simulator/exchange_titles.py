"""The titles of HTTP exchanges with Telegram in the wire drawer."""

from __future__ import annotations

import json
from typing import Any

from local.simulator.wire_log import TO_BUSINESS, Exchange

# What a message may hold, the more telling first.
CONTENTS = (
    *("text", "photo", "animation", "document", "voice", "audio", "video", "video_note", "sticker"),
    *("venue", "location", "contact", "game"),
)


def exchange_title(exchange: Exchange) -> dict[str, Any]:
    """`title` and `kind` (webhook or call) of an exchange."""
    if exchange["direction"] == TO_BUSINESS:
        update = json.loads(exchange["request"]["body"] or "{}")
        again = f", try {exchange['attempt']}" if exchange["attempt"] > 1 else ""
        return {"title": f"Update: {_update_name(update)}{again}", "kind": "webhook"}
    path = exchange["url"].partition("?")[0]
    fault = " (fault asked for)" if exchange.get("fault") else ""
    if path.startswith("/file/"):
        return {"title": f"Download, {exchange['response']['size']:,} bytes{fault}", "kind": "call"}
    names = [part["filename"] for part in exchange.get("parts", []) if part.get("filename")]
    return {"title": " ".join([path.rpartition("/")[2], *names[:1]]) + fault, "kind": "call"}


def _update_name(update: dict[str, Any]) -> str:
    kind = next((key for key in update if key != "update_id"), "nothing")
    content = update.get(kind, {})
    sender = content.get("from", {}).get("first_name", "?")
    if kind == "callback_query":
        return f"tap of {sender}"
    if kind == "my_chat_member":
        return f"bot is {content['new_chat_member']['status']} for {sender}"
    what = next((name for name in CONTENTS if name in content), "message")
    return f"{'edited ' if kind == 'edited_message' else ''}{what} from {sender}"
