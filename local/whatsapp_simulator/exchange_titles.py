"""The titles of HTTP exchanges with Meta in the wire drawer."""

from __future__ import annotations

import json
from typing import Any

from local.simulator.wire_log import TO_BUSINESS, Exchange


def exchange_title(exchange: Exchange) -> dict[str, Any]:
    """`title` and `kind` (webhook, status or call) of an exchange."""
    if exchange["direction"] == TO_BUSINESS:
        if exchange["method"] == "GET":
            return {"title": "Handshake", "kind": "webhook"}
        names, kinds = _webhook_names(_parsed(exchange["request"]["body"]))
        again = f", try {exchange['attempt']}" if exchange["attempt"] > 1 else ""
        return {"title": f"Webhook: {', '.join(names)}{again}", "kind": "status" if kinds == {"status"} else "webhook"}
    fault = " (fault asked for)" if exchange.get("fault") else ""
    return {"title": _call_name(exchange) + fault, "kind": "call"}


def _webhook_names(body: dict[str, Any]) -> tuple[list[str], set[str]]:
    names, kinds = [], set()
    for entry in body.get("entry", []):
        for change in entry["changes"]:
            value = change["value"]
            name = next((contact["profile"]["name"] for contact in value.get("contacts", [])), "the customer")
            for field in ("messages", "message_echoes"):
                names += [f"{message['type']} from {name}" for message in value.get(field, [])]
                kinds |= {"message"} if field in value else set()
            names += [f"status {status['status']}" for status in value.get("statuses", [])]
            kinds |= {"status"} if "statuses" in value else set()
    return names, kinds


def _call_name(exchange: Exchange) -> str:
    path = exchange["url"].partition("?")[0]
    if path.endswith("/messages"):
        body = _parsed(exchange["request"]["body"])
        if body.get("status"):
            return "Read receipt, typing" if body.get("typing_indicator") else "Read receipt"
        interactive = body.get("interactive")
        return (
            f"Send {interactive.get('type')} message"
            if isinstance(interactive, dict)
            else f"Send {body.get('type', 'message')}"
        )
    if path.endswith("/media"):
        return (
            f"Upload {next((part['filename'] for part in exchange.get('parts', []) if part.get('filename')), 'media')}"
        )
    if path.startswith("/whatsapp_business"):
        return f"Download, {exchange['response']['size']:,} bytes"
    return f"Look up {path.rpartition('/')[2]}"


def _parsed(body: str | None) -> dict[str, Any]:
    try:
        parsed = json.loads(body or "{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
