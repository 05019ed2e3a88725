"""The files that WhatsApp accepts: Meta's table 'Supported media types', as far as Chatflow has formats."""

from __future__ import annotations

from chatflow.media.profiles import FORMATS, MB, Profile

_LARGEST = {"document": 100 * MB, "image": 5 * MB, "audio": 16 * MB, "video": 16 * MB}
_NOT_ACCEPTED = {"usdz"}

PROFILE = Profile(
    "whatsapp",
    {each.name: _LARGEST[each.kind] for each in FORMATS.values() if each.name not in _NOT_ACCEPTED},
)
