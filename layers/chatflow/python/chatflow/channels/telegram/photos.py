"""Decides from a picture's first bytes whether Telegram shows it as a photo. Pure.

Bot API, "sendPhoto": width and height of at most 10,000 together, neither more than 20 times the other, and 10 MB.
Everything else goes out as a document, which shows the picture as well, and keeps it as it is.
"""

from __future__ import annotations

import struct
from typing import Final

from chatflow.channels.telegram.profile import LARGEST_PHOTO

HEAD: Final = 64 * 1024  # bytes that mostly hold a picture's size: all of a PNG's, and what cameras write into a JPEG

_LONGEST_SIDES: Final = 10_000  # together
_WIDEST: Final = 20
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers of a frame (ITU-T T.81, table B.1)


def is_shown_as_photo(mime: str, size: int, head: bytes) -> bool:
    """Whether a picture of `size` bytes may be sent as a photo. What `head` does not tell, Telegram decides."""
    if mime not in ("image/jpeg", "image/png") or size > LARGEST_PHOTO:
        return False
    sides = _sides(head)
    if sides is None:
        return True
    shorter, longer = sorted(sides)
    return shorter + longer <= _LONGEST_SIDES and longer <= _WIDEST * shorter


def _sides(head: bytes) -> tuple[int, int] | None:
    """Width and height, None where the head does not hold them."""
    if head.startswith(_PNG):
        return struct.unpack_from(">II", head, 16) if len(head) >= 24 else None
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        at += 1 if marker == 0xFF else 2 + struct.unpack_from(">H", head, at + 2)[0]
    return None
