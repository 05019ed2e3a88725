"""Draws the pages and pictures of the business system with Pillow."""

from __future__ import annotations

import io
from datetime import date

from PIL import Image, ImageDraw, ImageFilter, ImageFont

INK, MUTED, ACCENT, PAPER, LINE = "#1d2733", "#66727f", "#0b7a75", "#ffffff", "#d9e0e6"
_A4 = (1240, 1754)  # pixels at 150 dpi
_MARGIN = 120

NEXT_STEPS = (
    ("We look at your photo", "A claims handler sees it within one working day. You need not do anything."),
    ("We call you", "If something is unclear we ring the number from which you wrote to us."),
    ("You choose a workshop", "We send a list of three near you, with the dates that they have free."),
    ("Your car is repaired", "You pay the excess of your policy, if any; we pay the rest to the workshop."),
)


def damage_report(plate: str) -> bytes:
    """A one-page PDF about the damage to the car with that plate."""
    page = _Page("Damage report", f"Vehicle {plate.upper()[:12] or '-'}")
    for label, value in (
        ("Number plate", plate.upper()[:24] or "-"),
        ("Reported on", f"{date.today():%d %B %Y}"),
        ("Reported through", "Chat"),
        ("Status", "Received, in review"),
    ):
        page.row(label, value)
    page.gap(40)
    page.picture(car_photo((1000, 562)))
    page.paragraph(
        "This report was made by the business system of the local stack. Any likeness to a real car is luck."
    )
    return _pdf([page.image])


def leaflet() -> bytes:
    """A two-page PDF that explains the steps after a damage report."""
    first = _Page("What happens next", "After you reported damage to your car")
    for number, (title, text) in enumerate(NEXT_STEPS, start=1):
        first.step(number, title, text)
    second = _Page("Good to know", "Questions that we are often asked")
    for question, answer in (
        ("May I drive on?", "If lights, tyres and brakes are fine, yes. If you are not sure, call us first."),
        ("Do I need an estimate?", "No. The workshop sends it to us."),
        ("How long does it take?", "Most cars are back with their owners within eight working days."),
    ):
        second.heading(question)
        second.paragraph(answer)
    return _pdf([first.image, second.image])


def car_photo(size: tuple[int, int] = (1600, 900)) -> Image.Image:
    """A picture of a parked car with a dented door."""
    scale = 2  # drawn larger and scaled down, for smooth edges
    width, height = size[0] * scale, size[1] * scale
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for y in range(height):
        share = y / height
        sky = (int(150 + 70 * share), int(190 + 40 * share), int(220 + 20 * share))
        draw.line([(0, y), (width, y)], fill=sky if share < 0.62 else (88, 92, 98))

    def at(x: float, y: float) -> tuple[float, float]:
        return x * width, y * height

    draw.ellipse([at(0.12, 0.80), at(0.88, 0.88)], fill="#43464b")
    body = [at(0.10, 0.74), at(0.11, 0.58), at(0.27, 0.53), at(0.38, 0.36), at(0.64, 0.36), at(0.75, 0.53)]
    draw.polygon([*body, at(0.89, 0.57), at(0.91, 0.74)], fill="#c2403a")
    draw.polygon([at(0.31, 0.53), at(0.40, 0.40), at(0.50, 0.40), at(0.50, 0.53)], fill="#cfe3ee")
    draw.polygon([at(0.52, 0.53), at(0.52, 0.40), at(0.62, 0.40), at(0.70, 0.53)], fill="#cfe3ee")
    draw.line([at(0.51, 0.40), at(0.51, 0.72)], fill="#8f2b27", width=5 * scale)
    draw.rectangle([at(0.55, 0.57), at(0.59, 0.585)], fill="#8f2b27")
    for x in (0.27, 0.74):
        for radius, colour in ((0.085, "#1c1f23"), (0.05, "#b9bfc6"), (0.015, "#1c1f23")):
            (cx, cy), r = at(x, 0.75), radius * height
            draw.ellipse([cx - r, cy - r, cx + r, cy + r], fill=colour)
    dent = Image.new("RGB", (width, height), "#7e2420")
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).ellipse([at(0.55, 0.60), at(0.66, 0.71)], fill=210)
    image.paste(dent, mask=mask.filter(ImageFilter.GaussianBlur(12 * scale)))
    for offset in (0.0, 0.012, 0.022):
        draw.line([at(0.54, 0.64 + offset), at(0.68, 0.63 + offset)], fill="#e9d9d4", width=2 * scale)
    return image.resize(size, Image.Resampling.LANCZOS)


class _Page:
    """An A4 page; each method adds content below the previous one."""

    def __init__(self, title: str, subtitle: str) -> None:
        self.image = Image.new("RGB", _A4, PAPER)
        self._draw = ImageDraw.Draw(self.image)
        self._draw.rectangle([0, 0, _A4[0], 18], fill=ACCENT)
        self._y = 110
        self._text("Meadow Insurance", 26, ACCENT, 60)
        self._text(title, 64, INK, 84)
        self._text(subtitle, 32, MUTED, 84)

    def gap(self, pixels: int) -> None:
        self._y += pixels

    def heading(self, text: str) -> None:
        self.gap(24)
        self._text(text, 36, INK, 56)

    def paragraph(self, text: str, left: int = _MARGIN) -> None:
        font = ImageFont.load_default(28)
        line = ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if self._draw.textlength(longer, font=font) > _A4[0] - _MARGIN - left:
                self._text(line, 28, INK, 42, left)
                longer = word
            line = longer
        self._text(line, 28, INK, 60, left)

    def row(self, label: str, value: str) -> None:
        self._draw.text((_MARGIN, self._y), label, font=ImageFont.load_default(28), fill=MUTED)
        self._draw.text((480, self._y), value, font=ImageFont.load_default(28), fill=INK)
        self._y += 52
        self._draw.line([(_MARGIN, self._y), (_A4[0] - _MARGIN, self._y)], fill=LINE, width=2)
        self._y += 24

    def step(self, number: int, title: str, text: str) -> None:
        self.gap(24)
        self._draw.ellipse([_MARGIN, self._y, _MARGIN + 72, self._y + 72], fill=ACCENT)
        self._draw.text(
            (_MARGIN + 36, self._y + 36), str(number), font=ImageFont.load_default(36), fill=PAPER, anchor="mm"
        )
        self._text(title, 36, INK, 54, _MARGIN + 110)
        self.paragraph(text, _MARGIN + 110)

    def picture(self, picture: Image.Image) -> None:
        self.image.paste(picture, (_MARGIN, self._y))
        self._y += picture.height + 40

    def _text(self, text: str, size: int, colour: str, height: int, left: int = _MARGIN) -> None:
        self._draw.text((left, self._y), text, font=ImageFont.load_default(size), fill=colour)
        self._y += height


def _pdf(pages: list[Image.Image]) -> bytes:
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=150, title="Meadow Insurance")
    return out.getvalue()
