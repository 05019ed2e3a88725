"""Renders the picture of a file as a thumbnail: a photo, the first page of a PDF, or a frame of a video.

The library of each format is imported only where it is needed: together they have 200 MB.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from asset_processing.thumbnails.limits import MAX_PIXELS, SIDE, NotRenderable

if TYPE_CHECKING:
    import av

_QUALITY = 82
_ALPHA_MODES = {"RGBA", "LA", "PA", "RGBa", "La"}
_GREYS_OF_16_BITS = {"I", "I;16", "I;16B", "I;16L"}
_PAGE_OVERSAMPLING = 3  # rendered larger and scaled down: small type stays legible as grey
_POSITIONS = (0.1, 0.3, 0.5, 0.7, 0.9, 0.0)  # shares of a video's length, in the order in which they are tried
_BLACK = 24  # mean brightness of 255 below which a frame counts as black
_PLAIN = 6  # standard deviation below which a frame counts as one colour
_FRAME_SECONDS = 12  # for finding a better frame
_FRAMES_AFTER_A_KEYFRAME = 8


def render(format_name: str, file: Path) -> Image.Image:
    """The picture of a file of this format. Raises NotRenderable, and what the libraries raise for broken files."""
    if format_name == "pdf":
        return _first_page(file)
    if format_name == "mp4":
        return _video_frame(file)
    return _photo(file)


def fit(picture: Image.Image) -> Image.Image:
    """At most `SIDE` pixels on its longer side, in the same proportions; a small picture is not enlarged."""
    mode = "RGBA" if picture.mode in _ALPHA_MODES or "transparency" in picture.info else "RGB"
    share = min(1.0, SIDE / max(picture.size))
    size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
    converted = picture if picture.mode == mode else picture.convert(mode)
    return converted if converted.size == size else converted.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def encode_webp(picture: Image.Image) -> bytes:
    """The picture as a WebP file without metadata: it holds nothing of the original but what can be seen."""
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, "WEBP", quality=_QUALITY, method=4)
    return out.getvalue()


def _photo(file: Path) -> Image.Image:
    """The first picture of a JPEG or PNG, upright and in sRGB.

    Raises NotRenderable for a picture of too many pixels, before any is decoded.
    """
    from PIL import ImageOps

    with Image.open(file, formats=("JPEG", "PNG")) as opened:
        file_format = "PNG" if opened.format == "PNG" else "JPEG"
        if opened.width * opened.height > MAX_PIXELS[file_format]:
            raise NotRenderable(f"{opened.width} x {opened.height} pixels")
        opened.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG is decoded at a fraction of its size
        opened.load()
        profile = opened.info.get("icc_profile")
        picture: Image.Image = opened
        if opened.mode in _GREYS_OF_16_BITS:
            picture = opened.convert("I").point(lambda value: value / 256).convert("L")
        elif opened.mode == "P":
            picture = opened.convert("RGBA" if "transparency" in opened.info else "RGB")
        return _in_srgb(ImageOps.exif_transpose(_reduced(picture)), profile)


def _reduced(picture: Image.Image) -> Image.Image:
    """Near its final size, so that the next steps work on few pixels."""
    factor = max(picture.size) // (2 * SIDE)
    if factor < 2:
        return picture
    reduced = picture.reduce(factor)
    reduced.info = picture.info
    reduced.getexif().update(picture.getexif())
    return reduced


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Converted to sRGB: a thumbnail has no colour profile, so colours of another profile would look wrong."""
    if not profile:
        return picture
    from PIL import ImageCms

    with suppress(ImageCms.PyCMSError, OSError, ValueError):
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode=mode) or picture
    return picture


def _first_page(file: Path) -> Image.Image:
    """The first page of a PDF, on white. Raises NotRenderable for a document that is locked, broken or empty."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        raise NotRenderable(str(error)) from None
    try:
        if len(document) == 0:
            raise NotRenderable("no page")
        if document.get_formtype():
            document.init_forms()
        page = document[0]
        width, height = page.get_size()
        if min(width, height) <= 0:
            raise NotRenderable("a page without a size")
        scale = _PAGE_OVERSAMPLING * SIDE / max(width, height)
        picture: Image.Image = page.render(scale=scale, fill_color=(255, 255, 255, 255), rev_byteorder=True).to_pil()
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    except pypdfium2.PdfiumError as error:
        raise NotRenderable(str(error)) from None
    finally:
        document.close()


def _video_frame(file: Path) -> Image.Image:
    """The first frame that is neither black nor of one colour, else the best one. Raises NotRenderable."""
    import av

    best: tuple[float, Image.Image] | None = None
    until = time.monotonic() + _FRAME_SECONDS
    try:
        for picture in _frames(file):
            brightness, deviation = _statistics(picture)
            if brightness >= _BLACK and deviation >= _PLAIN:
                return picture
            if best is None or brightness + deviation > best[0]:
                best = (brightness + deviation, picture)
            if time.monotonic() > until:
                break
    except (av.FFmpegError, ValueError) as error:
        if best is None:
            raise NotRenderable(str(error)) from None
    if best is None:
        raise NotRenderable("no frame")
    return best[1]


def _frames(file: Path) -> Iterator[Image.Image]:
    import av

    with av.open(str(file), metadata_errors="ignore") as video:
        if not video.streams.video:
            raise NotRenderable("no picture in it")
        stream = video.streams.video[0]
        if stream.width * stream.height > MAX_PIXELS["PNG"]:
            raise NotRenderable(f"{stream.width} x {stream.height} pixels")
        stream.thread_type = "NONE"  # threads cost memory, and do not speed up a single frame
        length = stream.duration or 0
        for position in _POSITIONS if length else (0.0,):
            video.seek(int((stream.start_time or 0) + position * length), stream=stream, backward=True)
            for number, decoded in enumerate(video.decode(stream)):
                yield _upright(decoded, stream)
                if number + 1 == _FRAMES_AFTER_A_KEYFRAME:
                    break


def _upright(decoded: av.VideoFrame, stream: av.VideoStream) -> Image.Image:
    """As a player shows it: with square pixels, and rotated as the video says."""
    picture: Image.Image = decoded.to_image()  # type: ignore[no-untyped-call]
    pixel_shape = float(stream.sample_aspect_ratio or 1)
    if pixel_shape > 0 and abs(pixel_shape - 1) > 0.01:
        picture = picture.resize((max(1, round(picture.width * pixel_shape)), picture.height))
    quarter_turns = round(decoded.rotation / 90) % 4  # anticlockwise
    return picture.rotate(90 * quarter_turns, expand=True) if quarter_turns else picture


def _statistics(picture: Image.Image) -> tuple[float, float]:
    """Mean brightness and its standard deviation, of 255."""
    from PIL import ImageStat

    grey = ImageStat.Stat(picture.convert("L").resize((64, 64)))
    return grey.mean[0], grey.stddev[0]
