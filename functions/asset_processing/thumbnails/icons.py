"""Icons for files that have no picture of their own, or whose picture could not be rendered.

Form and colour tell the formats apart at a glance; the label is the extension of the file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from asset_processing.thumbnails.limits import SIDE
from chatflow.media.profiles import Format

Colour = tuple[int, int, int]
Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom

_WHITE: Final = (255, 255, 255)
_INK: Final = (203, 209, 219)  # of text that is only hinted at
_OVERSAMPLING: Final = 4  # drawn larger and scaled down, for smooth edges
_PAPER: Final[Box] = (92, 44, 228, 276)
_FOLD: Final = 40
_ROUND: Final = 12

_BLUE: Colour = (37, 91, 178)
_GREEN: Colour = (24, 120, 72)
_ORANGE: Colour = (206, 82, 34)
_RED: Colour = (196, 36, 48)
_VIOLET: Colour = (112, 70, 190)
_TEAL: Colour = (14, 124, 134)
_SLATE: Colour = (72, 88, 116)

# Twenty-one bars, in the form of a recorded voice.
_WAVEFORM = [
    0.18,
    0.32,
    0.24,
    0.5,
    0.72,
    0.46,
    0.86,
    0.62,
    1.0,
    0.74,
    0.92,
    0.58,
    0.8,
    0.44,
    0.68,
    0.9,
    0.5,
    0.34,
    0.56,
]
_WAVEFORM += [0.28, 0.16]


def icon(found: Format) -> Image.Image:
    """The icon of a format, labelled with its extension."""
    colour, draw = _KINDS[found.kind] if found.name not in _FORMATS else _FORMATS[found.name]
    canvas = _Canvas(colour)
    draw(canvas)
    if draw in (_waveform, _cube):
        canvas.text(found.extension.upper(), 160, 276, 27, colour)
    else:
        canvas.label(found.extension)
    return canvas.finished()


class _Canvas:
    """A square of `SIDE` units with a background in a light tint of one colour."""

    def __init__(self, colour: Colour) -> None:
        self.colour = colour
        self._picture = Image.new("RGB", (SIDE * _OVERSAMPLING, SIDE * _OVERSAMPLING), _mixed(colour, _WHITE, 0.89))
        self._draw = ImageDraw.Draw(self._picture)

    def finished(self) -> Image.Image:
        return self._picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)

    def box(self, place: Box, fill: Colour, radius: float = 0) -> None:
        self._draw.rounded_rectangle(_scaled(place), radius * _OVERSAMPLING, fill)

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        self._draw.polygon([(x * _OVERSAMPLING, y * _OVERSAMPLING) for x, y in points], fill)

    def disc(self, x: float, y: float, radius: float, fill: Colour) -> None:
        self._draw.ellipse(_scaled((x - radius, y - radius, x + radius, y + radius)), fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        """A line with round ends and corners."""
        self._draw.line(
            [(x * _OVERSAMPLING, y * _OVERSAMPLING) for x, y in points],
            fill,
            round(width * _OVERSAMPLING),
            joint="curve",
        )
        for x, y in points:
            self.disc(x, y, width / 2, fill)

    def shadow(self, points: Sequence[Point], strength: float = 0.22) -> None:
        """A soft shadow of this outline, below what is drawn next."""
        mask = Image.new("L", self._picture.size, 0)
        outline = [(x * _OVERSAMPLING, (y + 5) * _OVERSAMPLING) for x, y in points]
        ImageDraw.Draw(mask).polygon(outline, round(255 * strength))
        dark = _mixed(self.colour, (20, 26, 40), 0.7)
        self._picture.paste(dark, mask=mask.filter(ImageFilter.GaussianBlur(7 * _OVERSAMPLING)))

    def text(self, words: str, x: float, y: float, size: float, fill: Colour) -> None:
        """Bold text, centred on the point."""
        font = ImageFont.load_default(size * _OVERSAMPLING)
        self._draw.text(
            (x * _OVERSAMPLING, y * _OVERSAMPLING), words, fill, font, "mm", stroke_width=size * _OVERSAMPLING / 26
        )

    def paper(self) -> None:
        """A sheet of paper with a folded corner."""
        left, top, right, bottom = _PAPER
        outline = [(left, top), (right - _FOLD, top), (right, top + _FOLD), (right, bottom), (left, bottom)]
        self.shadow(outline)
        self.box(_PAPER, _WHITE, _ROUND)
        around = _mixed(self.colour, _WHITE, 0.89)
        self.shape([(right - _FOLD, top - 1), (right + 1, top - 1), (right + 1, top + _FOLD)], around)
        fold = [(right - _FOLD, top), (right, top + _FOLD), (right - _FOLD + 6, top + _FOLD), (right - _FOLD, top + 34)]
        self.shape(fold, _mixed(self.colour, _WHITE, 0.62))

    def label(self, words: str) -> None:
        """The label on a sheet of paper, in capitals."""
        self.shadow([(76, 196), (244, 196), (244, 246), (76, 246)], 0.12)
        self.box((76, 196, 244, 246), self.colour, 10)
        self.text(words.upper(), 160, 221, 31, _WHITE)


def _mixed(colour: Colour, other: Colour, share: float) -> Colour:
    """The first colour, mixed with this share of the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _scaled(box: Box) -> list[float]:
    return [each * _OVERSAMPLING for each in box]


def _text_page(canvas: _Canvas) -> None:
    canvas.paper()
    canvas.box((112, 74, 168, 84), _mixed(canvas.colour, _WHITE, 0.45), 5)
    for number, right in enumerate((208, 208, 196, 208)):
        top = 104 + 20 * number
        canvas.box((112, top, right, top + 8), _INK, 4)


def _table(canvas: _Canvas) -> None:
    canvas.paper()
    left, top, width, height = 112, 98, 32, 20
    canvas.box((left, top, left + 3 * width, top + height), _mixed(canvas.colour, _WHITE, 0.5), 3)
    for row in range(5):
        y = top + row * height
        canvas.box((left, y - 1, left + 3 * width, y + 1), _INK)
    for column in range(4):
        x = left + column * width
        canvas.box((x - 1, top, x + 1, top + 4 * height), _INK)


def _slide(canvas: _Canvas) -> None:
    canvas.paper()
    canvas.box((112, 96, 208, 180), _mixed(canvas.colour, _WHITE, 0.86), 6)
    for number, height in enumerate((24, 40, 58)):
        left = 126 + 25 * number
        canvas.box((left, 170 - height, left + 16, 170), _mixed(canvas.colour, _WHITE, 0.5 - 0.2 * number), 3)


def _pdf_page(canvas: _Canvas) -> None:
    canvas.paper()
    canvas.box((112, 74, 168, 84), _mixed(canvas.colour, _WHITE, 0.45), 5)
    canvas.box((112, 102, 156, 146), _mixed(canvas.colour, _WHITE, 0.8), 5)
    for number, (left, right) in enumerate(((166, 208), (166, 208), (166, 196), (112, 208))):
        top = 104 + 18 * number
        canvas.box((left, top, right, top + 8), _INK, 4)


def _landscape(canvas: _Canvas) -> None:
    canvas.paper()
    canvas.disc(132, 116, 11, _mixed(canvas.colour, _WHITE, 0.5))
    canvas.shape([(110, 184), (142, 138), (166, 168), (184, 148), (210, 184)], _mixed(canvas.colour, _WHITE, 0.62))


def _video(canvas: _Canvas) -> None:
    canvas.paper()
    canvas.disc(160, 138, 34, _mixed(canvas.colour, _WHITE, 0.8))
    canvas.shape([(151, 120), (178, 138), (151, 156)], canvas.colour)


def _waveform(canvas: _Canvas) -> None:
    step, wide, middle, tallest = 11.4, 6.2, 142, 172
    first = 160 - step * (len(_WAVEFORM) - 1) / 2
    for number, share in enumerate(_WAVEFORM):
        x, half = first + step * number, tallest * share / 2
        colour = _mixed(canvas.colour, (58, 130, 220), 0.75 * number / len(_WAVEFORM))
        canvas.box((x - wide / 2, middle - half, x + wide / 2, middle + half), colour, wide / 2)


def _cube(canvas: _Canvas) -> None:
    x, y, edge = 160.0, 140.0, 92.0
    wide, low = edge * math.cos(math.pi / 6), edge / 2
    top, bottom = (x, y - edge), (x, y + edge)
    left, right = (x - wide, y - low), (x + wide, y - low)
    left_foot, right_foot = (x - wide, y + low), (x + wide, y + low)
    canvas.shadow([left_foot, (x, y), right_foot, bottom], 0.4)
    canvas.shape([top, right, (x, y), left], _mixed(canvas.colour, _WHITE, 0.55))
    canvas.shape([left, (x, y), bottom, left_foot], _mixed(canvas.colour, _WHITE, 0.22))
    canvas.shape([right, (x, y), bottom, right_foot], canvas.colour)
    for end in (left, right, bottom):
        canvas.line([(x, y), end], _mixed(canvas.colour, _WHITE, 0.8), 3)


_Drawing = Callable[[_Canvas], None]
_FORMATS: dict[str, tuple[Colour, _Drawing]] = {
    "pdf": (_RED, _pdf_page),
    "xls": (_GREEN, _table),
    "xlsx": (_GREEN, _table),
    "ppt": (_ORANGE, _slide),
    "pptx": (_ORANGE, _slide),
    "usdz": (_TEAL, _cube),
}
_KINDS: dict[str, tuple[Colour, _Drawing]] = {
    "document": (_BLUE, _text_page),
    "image": (_SLATE, _landscape),
    "audio": (_VIOLET, _waveform),
    "video": (_SLATE, _video),
}
