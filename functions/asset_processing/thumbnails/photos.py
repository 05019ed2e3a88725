"""The thumbnail of a photo: upright, in the colours of a screen."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from asset_processing.thumbnails.limits import MOST_PIXELS, SIDE, NotDrawable

_FORMS = ("JPEG", "PNG")
_GREYS_OF_16_BITS = {"I", "I;16", "I;16B", "I;16L"}


def photo(file: Path) -> Image.Image:
    """The first picture of the file. Raises NotDrawable for one of too many pixels, before any is decoded."""
    with Image.open(file, formats=_FORMS) as opened:
        form = "PNG" if opened.format == "PNG" else "JPEG"
        if opened.width * opened.height > MOST_PIXELS[form]:
            raise NotDrawable(f"{opened.width} x {opened.height} pixels")
        opened.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG is decoded at a fraction of its size
        opened.load()
        profile = opened.info.get("icc_profile")
        shown: Image.Image = opened
        if opened.mode in _GREYS_OF_16_BITS:
            shown = opened.convert("I").point(lambda value: value / 256).convert("L")
        elif opened.mode == "P":
            shown = opened.convert("RGBA" if "transparency" in opened.info else "RGB")
        shown = ImageOps.exif_transpose(_reduced(shown))
        return _as_on_a_screen(shown, profile)


def _reduced(picture: Image.Image) -> Image.Image:
    """Near its final size, so that what follows works on few pixels."""
    factor = max(picture.size) // (2 * SIDE)
    if factor < 2:
        return picture
    reduced = picture.reduce(factor)
    reduced.info = picture.info
    reduced.getexif().update(picture.getexif())
    return reduced


def _as_on_a_screen(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB: a thumbnail keeps no colour profile, so that another's colours would be shown wrong."""
    if not profile:
        return picture
    with suppress(ImageCms.PyCMSError, OSError, ValueError):
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode=mode) or picture
    return picture
