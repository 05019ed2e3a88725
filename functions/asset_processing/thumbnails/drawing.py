"""The pieces that icons are drawn of: a canvas four times as fine, a sheet of paper, a label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from asset_processing.thumbnails.limits import SIDE

Colour = tuple[int, int, int]
Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom

WHITE: Final = (255, 255, 255)
INK: Final = (203, 209, 219)  # of what stands on a sheet, without being read
_FINER: Final = 4  # drawn larger and shrunk, for smooth edges
_PAPER: Final[Box] = (92, 44, 228, 276)
_FOLD: Final = 40
_ROUND: Final = 12


class Canvas:
    """A square of `SIDE` units, on a light tint of one colour."""

    def __init__(self, colour: Colour) -> None:
        self.colour = colour
        self._picture = Image.new("RGB", (SIDE * _FINER, SIDE * _FINER), mixed(colour, WHITE, 0.89))
        self._draw = ImageDraw.Draw(self._picture)

    def finished(self) -> Image.Image:
        return self._picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)

    def box(self, place: Box, fill: Colour, radius: float = 0) -> None:
        self._draw.rounded_rectangle(_fine(place), radius * _FINER, fill)

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        self._draw.polygon([(x * _FINER, y * _FINER) for x, y in points], fill)

    def disc(self, x: float, y: float, radius: float, fill: Colour) -> None:
        self._draw.ellipse(_fine((x - radius, y - radius, x + radius, y + radius)), fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        """With round ends and corners."""
        self._draw.line([(x * _FINER, y * _FINER) for x, y in points], fill, round(width * _FINER), joint="curve")
        for x, y in points:
            self.disc(x, y, width / 2, fill)

    def shadow(self, points: Sequence[Point], strength: float = 0.22) -> None:
        """Soft, below what is drawn next in this outline."""
        mask = Image.new("L", self._picture.size, 0)
        outline = [(x * _FINER, (y + 5) * _FINER) for x, y in points]
        ImageDraw.Draw(mask).polygon(outline, round(255 * strength))
        dark = mixed(self.colour, (20, 26, 40), 0.7)
        self._picture.paste(dark, mask=mask.filter(ImageFilter.GaussianBlur(7 * _FINER)))

    def text(self, words: str, x: float, y: float, size: float, fill: Colour) -> None:
        """Centred on the point, bold."""
        font = ImageFont.load_default(size * _FINER)
        self._draw.text((x * _FINER, y * _FINER), words, fill, font, "mm", stroke_width=size * _FINER / 26)

    def paper(self) -> None:
        """A sheet with a folded corner and a band for its label."""
        left, top, right, bottom = _PAPER
        outline = [(left, top), (right - _FOLD, top), (right, top + _FOLD), (right, bottom), (left, bottom)]
        self.shadow(outline)
        self.box(_PAPER, WHITE, _ROUND)
        around = mixed(self.colour, WHITE, 0.89)
        self.shape([(right - _FOLD, top - 1), (right + 1, top - 1), (right + 1, top + _FOLD)], around)
        fold = [(right - _FOLD, top), (right, top + _FOLD), (right - _FOLD + 6, top + _FOLD), (right - _FOLD, top + 34)]
        self.shape(fold, mixed(self.colour, WHITE, 0.62))

    def label(self, words: str) -> None:
        """The band of a sheet: the ending of the file's name, in capitals."""
        self.shadow([(76, 196), (244, 196), (244, 246), (76, 246)], 0.12)
        self.box((76, 196, 244, 246), self.colour, 10)
        self.text(words.upper(), 160, 221, 31, WHITE)


def mixed(colour: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _fine(box: Box) -> list[float]:
    return [each * _FINER for each in box]
