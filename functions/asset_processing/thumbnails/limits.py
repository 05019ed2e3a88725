"""Limits for creating one thumbnail. A file that exceeds them gets an icon."""

from __future__ import annotations

from typing import Final

SIDE: Final = 320  # pixels; the longer side of a thumbnail
RENDERED: Final = frozenset({"jpeg", "png", "pdf", "mp4"})  # formats with a picture of their own; others get an icon
SECONDS: Final = 40  # for one rendering, in total
CPU_SECONDS: Final = 30
ADDRESS_SPACE: Final = 850 * 1_048_576  # bytes; the function has 1024 MB, of which its own process takes some 90

# Pixels that are decoded at most. A JPEG is decoded at an eighth of its size, but a progressive one is first held whole
# as coefficients; a PNG is held whole in any case.
MAX_PIXELS: Final = {"JPEG": 80_000_000, "PNG": 50_000_000}


class NotRenderable(Exception):
    """The file has no picture, or its picture would exceed the limits."""
