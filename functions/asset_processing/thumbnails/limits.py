"""What making one thumbnail may take. A file that wants more gets an icon."""

from __future__ import annotations

from typing import Final

SIDE: Final = 320  # pixels; the longer side of a thumbnail
DRAWN: Final = frozenset({"jpeg", "png", "pdf", "mp4"})  # formats with a picture of their own; all others get an icon
SECONDS: Final = 40  # of one attempt, all told
CPU_SECONDS: Final = 30
ADDRESS_SPACE: Final = 850 * 1_048_576  # bytes; the function has 1024 MB, of which its own process takes some 90

# Pixels that are decoded at most. A JPEG is decoded at an eighth of its size, but a progressive one is held whole as
# coefficients first; a PNG is held whole in any case.
MOST_PIXELS: Final = {"JPEG": 80_000_000, "PNG": 50_000_000}


class NotDrawable(Exception):
    """No picture can, or should, be made of this file."""
