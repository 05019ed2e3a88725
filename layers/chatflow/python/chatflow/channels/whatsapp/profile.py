"""What WhatsApp takes: Meta's table 'Supported media types', the part of it that Chatflow has formats for."""

from __future__ import annotations

from chatflow.media.profiles import FORMATS, MB, Profile

_LARGEST = {"document": 100 * MB, "image": 5 * MB, "audio": 16 * MB, "video": 16 * MB}
_NOT_TAKEN = {"usdz"}

PROFILE = Profile(
    "whatsapp",
    {each.name: _LARGEST[each.kind] for each in FORMATS.values() if each.name not in _NOT_TAKEN},
)
