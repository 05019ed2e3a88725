"""The rules of the Bot API for what a bot sends: lengths, formatting, keyboards, and files."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

from PIL import Image, UnidentifiedImageError

from local.simulator.media_store import Media
from local.telegram_simulator.bot_errors import BotError, bad_request, too_large
from local.telegram_simulator.bot_files import MEGABYTE
from local.telegram_simulator.updates import text_length

Json = dict[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
BUTTON_DATA_LIMIT = 64  # bytes
MAX_BUTTONS = 100
PHOTO_LIMIT = 10 * MEGABYTE
UPLOAD_LIMIT = 50 * MEGABYTE
PHOTO_SIDES = 10_000  # the most of width and height together
PHOTO_RATIO = 20

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "tg-spoiler": "spoiler",
    "blockquote": "blockquote",
}


def checked_text(values: Json) -> tuple[str, list[Json]]:
    """The text of a message and its entities; raises BotError."""
    text, entities = _formatted(values, "text", "entities")
    if not text.strip():
        raise bad_request("message text is empty")
    if text_length(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return text, entities


def checked_caption(values: Json) -> tuple[str, list[Json]]:
    """The caption of a file and its entities; raises BotError."""
    caption, entities = _formatted(values, "caption", "caption_entities")
    if text_length(caption) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return caption, entities


def checked_keyboard(values: Json) -> list[list[Json]]:
    """The rows of an inline keyboard, empty without one; raises BotError."""
    markup = parsed_json(values, "reply_markup", {})
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('can\'t parse inline keyboard: Field "inline_keyboard" must be of type Array')
    buttons = [button for row in rows for button in row]
    if len(buttons) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    for button in buttons:
        if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"].strip():
            raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')
        if "callback_data" not in button and "url" not in button:
            raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        data = str(button.get("callback_data", "-"))
        if not 1 <= len(data.encode()) <= BUTTON_DATA_LIMIT:
            raise bad_request("BUTTON_DATA_INVALID")
    return rows


def check_upload_size(length: int) -> None:
    """Raise BotError for a request that is too large to be read at all. `length` is its Content-Length."""
    if length > UPLOAD_LIMIT + MEGABYTE:
        raise too_large()


def check_upload(kind: str, media: Media) -> None:
    """Raise BotError when these bytes may not be sent as this kind of file."""
    if media.size == 0:
        raise bad_request("file must be non-empty")
    if media.size > UPLOAD_LIMIT:
        raise too_large()
    if kind != "photo":
        return
    if media.size > PHOTO_LIMIT:
        limit = f"the maximum size is {PHOTO_LIMIT} bytes"
        raise bad_request(f"file of size {media.size} bytes is too big for a photo; {limit}")
    try:
        with Image.open(media.path) as picture:
            width, height = picture.size
    except (UnidentifiedImageError, OSError):
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    if width + height > PHOTO_SIDES or max(width, height) > PHOTO_RATIO * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def parsed_json(values: Json, name: str, missing: Any) -> Any:
    """A parameter that is an object or a list; in a form it is JSON in a string. Raises BotError."""
    value = values.get(name)
    if value is None or value == "":
        return missing
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None


def _formatted(values: Json, name: str, entities_name: str) -> tuple[str, list[Json]]:
    text = values.get(name)
    text = "" if text is None else str(text)
    mode = str(values.get("parse_mode") or "").lower()
    if not mode:
        return text, parsed_json(values, entities_name, [])
    if mode != "html":
        # Only HTML is simulated, of the three modes that Telegram knows.
        raise bad_request("unsupported parse_mode")
    parser = _HtmlText()
    parser.feed(text)
    parser.close()
    if parser.open:
        raise bad_request(
            f"can't parse entities: Can't find end tag corresponding to start tag \"{parser.open[-1][0]}\""
        )
    return parser.text, parser.entities


class _HtmlText(HTMLParser):
    """Text and entities of Telegram's HTML style."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.entities: list[Json] = []
        self.open: list[tuple[str, Json]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise _unparsed(f'Unsupported start tag "{tag}"')
        entity: Json = {"type": TAGS[tag], "offset": text_length(self.text)}
        if tag == "a":
            entity["url"] = dict(attrs).get("href") or ""
        self.open.append((tag, entity))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            raise _unparsed(f'Unexpected end tag "{tag}"')
        _, entity = self.open.pop()
        entity["length"] = text_length(self.text) - entity["offset"]
        if entity["length"]:
            self.entities.append(entity)
            self.entities.sort(key=lambda each: (each["offset"], -each["length"]))

    def handle_data(self, data: str) -> None:
        self.text += data


def _unparsed(text: str) -> BotError:
    return bad_request(f"can't parse entities: {text}")
