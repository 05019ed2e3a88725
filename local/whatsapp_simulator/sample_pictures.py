"""Draws the pictures of the built-in samples: a parked car with a dent, and an estimate for its repair."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE = (1200, 900)
SCALE = 2  # drawn larger and shrunk, for smooth edges

Colour = tuple[int, int, int]

# Sky above, sky below, road, car.
LIGHTS: dict[str, tuple[Colour, Colour, Colour, Colour]] = {
    "dusk": ((58, 66, 120), (246, 167, 120), (64, 62, 74), (196, 58, 60)),
    "day": ((94, 162, 220), (214, 236, 246), (112, 116, 122), (214, 74, 66)),
    "night": ((10, 16, 36), (44, 60, 98), (30, 33, 44), (140, 44, 52)),
}


def draw_scene(light: str) -> Image.Image:
    """A street with a red car whose front wing is dented, in the light of `dusk`, `day` or `night`."""
    above, below, road, paint = LIGHTS[light]
    width, height = SIZE[0] * SCALE, SIZE[1] * SCALE
    column = Image.new("RGB", (1, height))
    for y in range(height):
        share = min(1.0, y / (height * 0.62))
        column.putpixel((0, y), _mix(above, below, share))
    picture = column.resize((width, height))
    draw = ImageDraw.Draw(picture)
    sun = (int(width * 0.76), int(height * 0.3), int(width * 0.07))
    draw.ellipse(_round(*sun), fill=_mix(below, (255, 250, 230), 0.75))
    hills = ((0.2, 0.78, 0.5), (0.75, 0.84, 0.45), (0.45, 0.9, 0.38))
    for step, (across, down, radius) in enumerate(hills):
        box = _round(int(width * across), int(height * (down + radius * 0.42)), int(width * radius))
        draw.ellipse(box, fill=_mix(below, road, 0.35 + 0.2 * step))
    draw.rectangle((0, height * 0.74, width, height), fill=road)
    for stripe in range(6):
        left = width * (0.03 + stripe * 0.18)
        draw.rectangle((left, height * 0.92, left + width * 0.1, height * 0.932), fill=_mix(road, (255, 255, 255), 0.7))
    _car(draw, width, height, paint, glass=_mix(above, (225, 240, 250), 0.55))
    return picture.resize(SIZE, Image.Resampling.LANCZOS).filter(ImageFilter.UnsharpMask(1.2, 60))


def _car(draw: ImageDraw.ImageDraw, width: int, height: int, paint: Colour, glass: Colour) -> None:
    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(width * x, height * y) for x, y in points]

    dark = _mix(paint, (0, 0, 0), 0.35)
    draw.ellipse((width * 0.14, height * 0.83, width * 0.88, height * 0.89), fill=(24, 24, 30))
    draw.polygon(at((0.32, 0.64), (0.40, 0.51), (0.62, 0.51), (0.72, 0.64)), fill=dark)
    draw.polygon(at((0.35, 0.635), (0.415, 0.53), (0.50, 0.53), (0.50, 0.635)), fill=glass)
    draw.polygon(at((0.515, 0.635), (0.515, 0.53), (0.608, 0.53), (0.68, 0.635)), fill=glass)
    body = (width * 0.17, height * 0.63, width * 0.85, height * 0.80)
    draw.rounded_rectangle(body, radius=int(height * 0.055), fill=paint)
    draw.rectangle((width * 0.17, height * 0.745, width * 0.85, height * 0.76), fill=dark)
    draw.ellipse(_round(int(width * 0.835), int(height * 0.685), int(height * 0.022)), fill=(255, 244, 200))
    for x in (0.30, 0.71):
        centre = (int(width * x), int(height * 0.80))
        draw.ellipse(_round(*centre, int(height * 0.085)), fill=(28, 28, 32))
        draw.ellipse(_round(*centre, int(height * 0.042)), fill=(188, 192, 198))
    draw.ellipse((width * 0.765, height * 0.665, width * 0.81, height * 0.715), fill=_mix(paint, dark, 0.6))
    draw.arc(
        (width * 0.765, height * 0.665, width * 0.81, height * 0.715), 20, 170, _mix(paint, (255, 255, 255), 0.5), 5
    )
    for scratch in range(3):
        down = 0.673 + 0.012 * scratch
        draw.line(
            at((0.74 - 0.01 * scratch, down), (0.775, down + 0.012)), fill=_mix(paint, (255, 255, 255), 0.65), width=5
        )


def draw_page() -> Image.Image:
    """One page of a repair estimate, for a PDF."""
    page = Image.new("RGB", (910, 1286), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 910, 120), fill=(18, 110, 96))
    draw.text((60, 42), "Repair estimate", font=ImageFont.load_default(40), fill="white")
    lines = [("Front wing, left", "420.00"), ("Paint", "260.00"), ("Labour, 4 h", "380.00"), ("Total", "1,060.00")]
    for row, (what, price) in enumerate(lines):
        y = 200 + row * 56
        draw.text((60, y), what, font=ImageFont.load_default(26), fill=(30, 40, 50))
        draw.text((700, y), price, font=ImageFont.load_default(26), fill=(30, 40, 50))
        draw.line((60, y + 44, 850, y + 44), fill=(210, 216, 220), width=2)
    return page


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _round(x: int, y: int, radius: int) -> tuple[int, int, int, int]:
    return x - radius, y - radius, x + radius, y + radius
