"""The files and the messages that Telegram takes.

Files: a bot downloads up to 20 MB (Bot API, "getFile"), and sends photos of up to 10 MB and other files of up to 50 MB
("Sending files"). One table serves both directions with the smaller size, which is nowhere below the product's own.
Telegram sends every format; what its apps do not show is a document there, see `file_sending`.

Messages: "sendMessage", "InlineKeyboardButton". Telegram counts "characters", which is UTF-16 at most. No page limits
the number of buttons or their titles; its apps show a hundred buttons of a keyboard, and cut what is wider than a line.
"""

from __future__ import annotations

from chatflow.channels.message_limits import MessageLimits
from chatflow.media.profiles import FORMATS, MB, Profile

LARGEST_PHOTO = 10 * MB  # bytes that are sent as a photo
LARGEST_DOWNLOAD = 20 * MB

_LARGEST = {"image": LARGEST_PHOTO, "document": LARGEST_DOWNLOAD, "audio": LARGEST_DOWNLOAD, "video": LARGEST_DOWNLOAD}

PROFILE = Profile("telegram", {each.name: _LARGEST[each.kind] for each in FORMATS.values()})

LIMITS = MessageLimits(
    text=4096,
    caption=1024,
    captioned=frozenset({"image", "document", "audio", "video"}),
    named=frozenset({"document", "audio"}),
    question=4096,
    buttons=100,
    button_title=64,
    button_id=64,  # bytes of `callback_data`; an id of more, in another script, is refused by Telegram
    unit="utf-16",
)
