"""Whether Meta would take an interactive message: reply buttons and lists (limits of OpenAPI v23.0)."""

from __future__ import annotations

from typing import Any

from local.whatsapp_simulator.refusals import bad_value, invalid, missing_value, required, too_long, unexpected_key

Json = dict[str, Any]

BODY_LIMIT = 1024
SHORT_TEXT_LIMIT = 60  # header and footer
MOST_BUTTONS, BUTTON_TITLE_LIMIT, BUTTON_ID_LIMIT = 3, 20, 256
MOST_ROWS, ROW_TITLE_LIMIT, ROW_ID_LIMIT, DESCRIPTION_LIMIT = 10, 24, 200, 72
MOST_SECTIONS, SECTION_TITLE_LIMIT = 10, 24


def check_interactive(interactive: Json) -> None:
    """Raise Refusal for what Meta would not show."""
    for key in interactive.keys() - {"type", "header", "body", "footer", "action"}:
        raise unexpected_key(key, "interactive")
    kind = interactive.get("type")
    if kind not in ("button", "list"):
        raise bad_value(f"Interactive type must be one of: button, list. Got: {kind}")
    _text_of(interactive, "body", BODY_LIMIT, needed=True)
    _text_of(interactive, "footer", SHORT_TEXT_LIMIT)
    header = interactive.get("header") or {}
    if header.get("type") == "text":
        _text_of(interactive, "header", SHORT_TEXT_LIMIT)
    elif header and kind == "list":
        raise bad_value("Header of a list message must be of type text.")
    action = interactive.get("action")
    if not isinstance(action, dict):
        raise required("interactive['action']")
    if kind == "button":
        _buttons(action)
    else:
        _list(action)


def _text_of(interactive: Json, part: str, limit: int, *, needed: bool = False) -> None:
    text = (interactive.get(part) or {}).get("text")
    if needed and not text:
        raise required(f"interactive['{part}']['text']")
    if len(text or "") > limit:
        raise too_long(f"interactive['{part}']['text']", limit)


def _buttons(action: Json) -> None:
    for key in action.keys() - {"buttons"}:
        raise unexpected_key(key, "interactive['action']")
    buttons = action.get("buttons") or []
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        raise bad_value(f"Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: {MOST_BUTTONS}")
    if any(button.get("type") != "reply" for button in buttons):
        raise bad_value("Button type must be reply")
    replies = [button.get("reply") or {} for button in buttons]
    for reply in replies:
        _length("Button title", reply.get("title"), BUTTON_TITLE_LIMIT)
        _length("Button id", reply.get("id"), BUTTON_ID_LIMIT)
        if reply["id"] != reply["id"].strip():
            raise bad_value("Button id must not have leading or trailing spaces")
    _different("button ids", [reply["id"] for reply in replies])
    _different("button titles", [reply["title"] for reply in replies])


def _list(action: Json) -> None:
    for key in action.keys() - {"button", "sections"}:
        raise unexpected_key(key, "interactive['action']")
    _length("List button", action.get("button"), BUTTON_TITLE_LIMIT)
    sections = action.get("sections") or []
    if not 1 <= len(sections) <= MOST_SECTIONS:
        raise bad_value(f"Invalid sections count. Min allowed sections: 1, Max allowed sections: {MOST_SECTIONS}")
    for section in sections:
        if len(sections) > 1 and not section.get("title"):
            raise missing_value("Section title is required when there is more than one section")
        if len(section.get("title") or "") > SECTION_TITLE_LIMIT:
            raise too_long("section['title']", SECTION_TITLE_LIMIT)
    rows = [row for section in sections for row in section.get("rows") or []]
    if not 1 <= len(rows) <= MOST_ROWS:
        raise bad_value(f"Total row count exceed max allowed count: {MOST_ROWS}" if rows else "A list needs a row")
    for row in rows:
        _length("Row title", row.get("title"), ROW_TITLE_LIMIT)
        _length("Row id", row.get("id"), ROW_ID_LIMIT)
        if len(row.get("description") or "") > DESCRIPTION_LIMIT:
            raise bad_value(f"Row description is too long. Max length: {DESCRIPTION_LIMIT}")
    _different("row ids", [row["id"] for row in rows])


def _length(what: str, text: Any, limit: int) -> None:
    if not isinstance(text, str):
        raise invalid(f"{what} must be a string.")
    if not 1 <= len(text) <= limit:
        raise bad_value(f"{what} length invalid. Min length: 1, Max length: {limit}")


def _different(what: str, values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise bad_value(f"Duplicated {what}: every one must be unique")
