"""The files that WhatsApp accepts: Meta's table 'Supported media types', as far as Chatflow has formats.

Of encodings, it shows the usual ones: H.264 and AAC in a video, pictures of 8 bits in RGB. Others are accepted when
they are sent, and fail after that.
"""

from __future__ import annotations

from chatflow.media.profiles import FORMATS, MB, Profile

_LARGEST = {"document": 100 * MB, "image": 5 * MB, "audio": 16 * MB, "video": 16 * MB}
_NOT_ACCEPTED = {"usdz"}

PROFILE = Profile(
    "whatsapp",
    {each.name: _LARGEST[each.kind] for each in FORMATS.values() if each.name not in _NOT_ACCEPTED},
    shows_every_encoding=False,
)
