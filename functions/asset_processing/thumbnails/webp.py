"""The last step of every thumbnail: small, in WebP, and with nothing of the file but what can be seen."""

from __future__ import annotations

import io

from PIL import Image

from asset_processing.thumbnails.limits import SIDE

_QUALITY = 82
_WITH_ALPHA = {"RGBA", "LA", "PA", "RGBa", "La"}


def fitted(picture: Image.Image) -> Image.Image:
    """At most `SIDE` pixels on its longer side, its proportions kept; a small picture is not blown up."""
    colours = "RGBA" if picture.mode in _WITH_ALPHA or "transparency" in picture.info else "RGB"
    share = min(1.0, SIDE / max(picture.size))
    size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
    shown = picture if picture.mode == colours else picture.convert(colours)
    return shown if shown.size == size else shown.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def written(picture: Image.Image) -> bytes:
    """As a file without metadata."""
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, "WEBP", quality=_QUALITY, method=4)
    return out.getvalue()
