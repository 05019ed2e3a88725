"""The thumbnail of a video: a frame of it that shows something, upright."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import av
from PIL import Image, ImageStat

from asset_processing.thumbnails.limits import MOST_PIXELS, NotDrawable

_PLACES = (0.1, 0.3, 0.5, 0.7, 0.9, 0.0)  # shares of its length, in the order in which they are looked at
_DARK = 24  # mean brightness of 255 below which a frame counts as black
_FLAT = 6  # deviation below which it counts as one colour
_SECONDS = 12  # of looking for a better frame
_FRAMES_AFTER_A_KEY = 8


def frame(file: Path) -> Image.Image:
    """The first frame that is neither black nor of one colour, else the liveliest one. Raises NotDrawable."""
    best: tuple[float, Image.Image] | None = None
    until = time.monotonic() + _SECONDS
    try:
        for shown in _frames(file):
            brightness, liveliness = _look(shown)
            if brightness >= _DARK and liveliness >= _FLAT:
                return shown
            if best is None or brightness + liveliness > best[0]:
                best = (brightness + liveliness, shown)
            if time.monotonic() > until:
                break
    except (av.FFmpegError, ValueError) as error:
        if best is None:
            raise NotDrawable(str(error)) from None
    if best is None:
        raise NotDrawable("no frame")
    return best[1]


def _frames(file: Path) -> Iterator[Image.Image]:
    with av.open(str(file), metadata_errors="ignore") as film:
        if not film.streams.video:
            raise NotDrawable("no picture in it")
        stream = film.streams.video[0]
        if stream.width * stream.height > MOST_PIXELS["PNG"]:
            raise NotDrawable(f"{stream.width} x {stream.height} pixels")
        stream.thread_type = "NONE"  # threads cost memory, and one frame gains nothing by them
        length = stream.duration or 0
        for place in _PLACES if length else (0.0,):
            film.seek(int((stream.start_time or 0) + place * length), stream=stream, backward=True)
            for number, decoded in enumerate(film.decode(stream)):
                yield _upright(decoded, stream)
                if number + 1 == _FRAMES_AFTER_A_KEY:
                    break


def _upright(decoded: av.VideoFrame, stream: av.VideoStream) -> Image.Image:
    """As a player shows it: its pixels square, and turned as the film says."""
    picture: Image.Image = decoded.to_image()  # type: ignore[no-untyped-call]
    shape = float(stream.sample_aspect_ratio or 1)
    if shape > 0 and abs(shape - 1) > 0.01:
        picture = picture.resize((max(1, round(picture.width * shape)), picture.height))
    turned = round(decoded.rotation / 90) % 4  # anticlockwise
    return picture.rotate(90 * turned, expand=True) if turned else picture


def _look(picture: Image.Image) -> tuple[float, float]:
    grey = ImageStat.Stat(picture.convert("L").resize((64, 64)))
    return grey.mean[0], grey.stddev[0]
