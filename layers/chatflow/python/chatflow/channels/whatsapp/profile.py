"""The files and the messages that WhatsApp accepts.

Files: Meta's table 'Supported media types', as far as Chatflow has formats.
Of encodings, it shows the usual ones: H.264 and AAC in a video, pictures of 8 bits in RGB. Others are accepted when
they are sent, and fail after that.
Messages: Meta's OpenAPI v23.0 and the pages 'Interactive reply buttons messages' and 'Interactive list messages'. No
page says how Meta counts, so the limits hold for the largest of the usual counts.
"""

from __future__ import annotations

from chatflow.channels.message_limits import MessageLimits
from chatflow.media.profiles import FORMATS, MB, Profile

_LARGEST = {"document": 100 * MB, "image": 5 * MB, "audio": 16 * MB, "video": 16 * MB}
_NOT_ACCEPTED = {"usdz"}

PROFILE = Profile(
    "whatsapp",
    {each.name: _LARGEST[each.kind] for each in FORMATS.values() if each.name not in _NOT_ACCEPTED},
    shows_every_encoding=False,
)

LIMITS = MessageLimits(
    text=4096,
    caption=1024,
    captioned=frozenset({"image", "video"}),
    named=frozenset({"document"}),
    question=1024,  # the page on lists says 4096, the OpenAPI document says 1024: this holds for both
    buttons=3,
    button_title=20,
    button_id=256,
    rows=10,
    row_title=24,
    row_description=72,
    row_id=200,
    list_button=20,
    unit="utf-16",
)
