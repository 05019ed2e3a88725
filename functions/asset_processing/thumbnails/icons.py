"""Icons for what has no picture of its own (or none that can be made): told apart at a glance, by form and colour."""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image

from asset_processing.thumbnails.drawing import INK, WHITE, Canvas, Colour, mixed
from chatflow.media.profiles import Format

_BLUE: Colour = (37, 91, 178)
_GREEN: Colour = (24, 120, 72)
_ORANGE: Colour = (206, 82, 34)
_RED: Colour = (196, 36, 48)
_VIOLET: Colour = (112, 70, 190)
_TEAL: Colour = (14, 124, 134)
_SLATE: Colour = (72, 88, 116)

# Twenty-one bars, as a voice looks when it is recorded.
_WAVE = [0.18, 0.32, 0.24, 0.5, 0.72, 0.46, 0.86, 0.62, 1.0, 0.74, 0.92, 0.58, 0.8, 0.44, 0.68, 0.9, 0.5, 0.34, 0.56]
_WAVE += [0.28, 0.16]


def icon(found: Format) -> Image.Image:
    """The icon of a format; its label is the ending of the file's name."""
    colour, draw = _KINDS[found.kind] if found.name not in _FORMATS else _FORMATS[found.name]
    canvas = Canvas(colour)
    draw(canvas)
    if draw in (_wave, _cube):
        canvas.text(found.extension.upper(), 160, 276, 27, colour)
    else:
        canvas.label(found.extension)
    return canvas.finished()


def _writing(canvas: Canvas) -> None:
    canvas.paper()
    canvas.box((112, 74, 168, 84), mixed(canvas.colour, WHITE, 0.45), 5)
    for number, right in enumerate((208, 208, 196, 208)):
        top = 104 + 20 * number
        canvas.box((112, top, right, top + 8), INK, 4)


def _table(canvas: Canvas) -> None:
    canvas.paper()
    left, top, width, height = 112, 98, 32, 20
    canvas.box((left, top, left + 3 * width, top + height), mixed(canvas.colour, WHITE, 0.5), 3)
    for row in range(5):
        y = top + row * height
        canvas.box((left, y - 1, left + 3 * width, y + 1), INK)
    for column in range(4):
        x = left + column * width
        canvas.box((x - 1, top, x + 1, top + 4 * height), INK)


def _slide(canvas: Canvas) -> None:
    canvas.paper()
    canvas.box((112, 96, 208, 180), mixed(canvas.colour, WHITE, 0.86), 6)
    for number, height in enumerate((24, 40, 58)):
        left = 126 + 25 * number
        canvas.box((left, 170 - height, left + 16, 170), mixed(canvas.colour, WHITE, 0.5 - 0.2 * number), 3)


def _printed(canvas: Canvas) -> None:
    canvas.paper()
    canvas.box((112, 74, 168, 84), mixed(canvas.colour, WHITE, 0.45), 5)
    canvas.box((112, 102, 156, 146), mixed(canvas.colour, WHITE, 0.8), 5)
    for number, (left, right) in enumerate(((166, 208), (166, 208), (166, 196), (112, 208))):
        top = 104 + 18 * number
        canvas.box((left, top, right, top + 8), INK, 4)


def _view(canvas: Canvas) -> None:
    canvas.paper()
    canvas.disc(132, 116, 11, mixed(canvas.colour, WHITE, 0.5))
    canvas.shape([(110, 184), (142, 138), (166, 168), (184, 148), (210, 184)], mixed(canvas.colour, WHITE, 0.62))


def _film(canvas: Canvas) -> None:
    canvas.paper()
    canvas.disc(160, 138, 34, mixed(canvas.colour, WHITE, 0.8))
    canvas.shape([(151, 120), (178, 138), (151, 156)], canvas.colour)


def _wave(canvas: Canvas) -> None:
    step, wide, middle, tallest = 11.4, 6.2, 142, 172
    first = 160 - step * (len(_WAVE) - 1) / 2
    for number, share in enumerate(_WAVE):
        x, half = first + step * number, tallest * share / 2
        colour = mixed(canvas.colour, (58, 130, 220), 0.75 * number / len(_WAVE))
        canvas.box((x - wide / 2, middle - half, x + wide / 2, middle + half), colour, wide / 2)


def _cube(canvas: Canvas) -> None:
    x, y, edge = 160.0, 140.0, 92.0
    wide, low = edge * math.cos(math.pi / 6), edge / 2
    top, bottom = (x, y - edge), (x, y + edge)
    left, right = (x - wide, y - low), (x + wide, y - low)
    left_foot, right_foot = (x - wide, y + low), (x + wide, y + low)
    canvas.shadow([left_foot, (x, y), right_foot, bottom], 0.4)
    canvas.shape([top, right, (x, y), left], mixed(canvas.colour, WHITE, 0.55))
    canvas.shape([left, (x, y), bottom, left_foot], mixed(canvas.colour, WHITE, 0.22))
    canvas.shape([right, (x, y), bottom, right_foot], canvas.colour)
    for end in (left, right, bottom):
        canvas.line([(x, y), end], mixed(canvas.colour, WHITE, 0.8), 3)


_Drawing = Callable[[Canvas], None]
_FORMATS: dict[str, tuple[Colour, _Drawing]] = {
    "pdf": (_RED, _printed),
    "xls": (_GREEN, _table),
    "xlsx": (_GREEN, _table),
    "ppt": (_ORANGE, _slide),
    "pptx": (_ORANGE, _slide),
    "usdz": (_TEAL, _cube),
}
_KINDS: dict[str, tuple[Colour, _Drawing]] = {
    "document": (_BLUE, _writing),
    "image": (_SLATE, _view),
    "audio": (_VIOLET, _wave),
    "video": (_SLATE, _film),
}
