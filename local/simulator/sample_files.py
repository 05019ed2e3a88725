"""Generates the built-in samples: small, real files of every kind that a phone sends.

Needs Pillow, python-docx and imageio-ffmpeg, which the dev group contains.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

STATEMENT = (
    "I was driving along Harbour Street at about 30 km/h when a delivery van pulled out of a side road. "
    "I braked, but the van touched the left front of my car. Nobody was hurt."
)

PHOTO_SIZE = (1200, 900)
SCALE = 2  # drawn larger and scaled down, for smooth edges

Colour = tuple[int, int, int]

# Colours of the upper sky, the lower sky, the road and the car.
LIGHTS: dict[str, tuple[Colour, Colour, Colour, Colour]] = {
    "dusk": ((58, 66, 120), (246, 167, 120), (64, 62, 74), (196, 58, 60)),
    "day": ((94, 162, 220), (214, 236, 246), (112, 116, 122), (214, 74, 66)),
    "night": ((10, 16, 36), (44, 60, 98), (30, 33, 44), (140, 44, 52)),
}


def make_samples(folder: Path) -> None:
    """Write all samples into a folder; takes some seconds."""
    for number, light in enumerate(("dusk", "day", "night"), start=1):
        draw_scene(light).save(folder / f"photo-{number}.jpg", quality=86)
    draw_estimate().save(folder / "Repair estimate (März).pdf", resolution=110)
    _write_statement(folder / "Statement of the driver.docx")
    _write_voice_note(folder / "voice-note.ogg")
    _write_video(folder / "photo-1.jpg", folder / "walk-around.mp4")


def _write_statement(path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_heading("Statement of the driver", level=1)
    document.add_paragraph(STATEMENT)
    document.add_paragraph("Mara Lindqvist")
    document.save(str(path))


def _write_voice_note(path: Path) -> None:
    # Opus, mono: the only form of Ogg that messengers accept as a voice note. The tone rises and falls like a sentence.
    tone = "0.35*sin(2*PI*t*(190+60*sin(2*PI*0.7*t)))*abs(sin(2*PI*1.9*t))*(0.55+0.45*sin(2*PI*0.4*t))"
    _ffmpeg("-f", "lavfi", "-i", f"aevalsrc={tone}:d=5:s=48000", "-ac", "1", "-c:a", "libopus", "-b:a", "24k", path)


def _write_video(picture: Path, path: Path) -> None:
    pan = "scale=1280:-2,zoompan=z='1+0.0022*on':x='iw*0.10*on/90':y='ih*0.12':d=90:s=640x480:fps=25,format=yuv420p"
    _ffmpeg(
        *("-i", picture, "-f", "lavfi", "-i", "aevalsrc=0.05*sin(2*PI*t*220):d=3.6:s=44100"),
        *("-vf", pan, "-c:v", "libx264", "-preset", "veryfast", "-crf", "27", "-c:a", "aac", "-b:a", "48k"),
        *("-movflags", "+faststart", "-shortest", path),
    )


def _ffmpeg(*arguments: str | Path) -> None:
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *map(str, arguments)]
    subprocess.run(command, check=True, timeout=120)


def draw_scene(light: str) -> Image.Image:
    """A street with a red car and its dented front wing, in the light of `dusk`, `day` or `night`."""
    above, below, road, paint = LIGHTS[light]
    width, height = PHOTO_SIZE[0] * SCALE, PHOTO_SIZE[1] * SCALE
    column = Image.new("RGB", (1, height))
    for y in range(height):
        share = min(1.0, y / (height * 0.62))
        column.putpixel((0, y), _mix(above, below, share))
    picture = column.resize((width, height))
    draw = ImageDraw.Draw(picture)
    sun = (int(width * 0.76), int(height * 0.3), int(width * 0.07))
    draw.ellipse(_circle_box(*sun), fill=_mix(below, (255, 250, 230), 0.75))
    hills = ((0.2, 0.78, 0.5), (0.75, 0.84, 0.45), (0.45, 0.9, 0.38))
    for step, (across, down, radius) in enumerate(hills):
        box = _circle_box(int(width * across), int(height * (down + radius * 0.42)), int(width * radius))
        draw.ellipse(box, fill=_mix(below, road, 0.35 + 0.2 * step))
    draw.rectangle((0, height * 0.74, width, height), fill=road)
    for stripe in range(6):
        left = width * (0.03 + stripe * 0.18)
        draw.rectangle((left, height * 0.92, left + width * 0.1, height * 0.932), fill=_mix(road, (255, 255, 255), 0.7))
    _car(draw, width, height, paint, glass=_mix(above, (225, 240, 250), 0.55))
    return picture.resize(PHOTO_SIZE, Image.Resampling.LANCZOS).filter(ImageFilter.UnsharpMask(1.2, 60))


def _car(draw: ImageDraw.ImageDraw, width: int, height: int, paint: Colour, glass: Colour) -> None:
    def points(*relative: tuple[float, float]) -> list[tuple[float, float]]:
        return [(width * x, height * y) for x, y in relative]

    dark = _mix(paint, (0, 0, 0), 0.35)
    draw.ellipse((width * 0.14, height * 0.83, width * 0.88, height * 0.89), fill=(24, 24, 30))
    draw.polygon(points((0.32, 0.64), (0.40, 0.51), (0.62, 0.51), (0.72, 0.64)), fill=dark)
    draw.polygon(points((0.35, 0.635), (0.415, 0.53), (0.50, 0.53), (0.50, 0.635)), fill=glass)
    draw.polygon(points((0.515, 0.635), (0.515, 0.53), (0.608, 0.53), (0.68, 0.635)), fill=glass)
    body = (width * 0.17, height * 0.63, width * 0.85, height * 0.80)
    draw.rounded_rectangle(body, radius=int(height * 0.055), fill=paint)
    draw.rectangle((width * 0.17, height * 0.745, width * 0.85, height * 0.76), fill=dark)
    draw.ellipse(_circle_box(int(width * 0.835), int(height * 0.685), int(height * 0.022)), fill=(255, 244, 200))
    for x in (0.30, 0.71):
        centre = (int(width * x), int(height * 0.80))
        draw.ellipse(_circle_box(*centre, int(height * 0.085)), fill=(28, 28, 32))
        draw.ellipse(_circle_box(*centre, int(height * 0.042)), fill=(188, 192, 198))
    draw.ellipse((width * 0.765, height * 0.665, width * 0.81, height * 0.715), fill=_mix(paint, dark, 0.6))
    draw.arc(
        (width * 0.765, height * 0.665, width * 0.81, height * 0.715), 20, 170, _mix(paint, (255, 255, 255), 0.5), 5
    )
    for scratch in range(3):
        down = 0.673 + 0.012 * scratch
        draw.line(
            points((0.74 - 0.01 * scratch, down), (0.775, down + 0.012)),
            fill=_mix(paint, (255, 255, 255), 0.65),
            width=5,
        )


def draw_estimate() -> Image.Image:
    """One page of a repair estimate, for a PDF."""
    page = Image.new("RGB", (910, 1286), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 910, 120), fill=(18, 110, 96))
    draw.text((60, 42), "Repair estimate", font=ImageFont.load_default(40), fill="white")
    lines = [("Front wing, left", "420.00"), ("Paint", "260.00"), ("Labour, 4 h", "380.00"), ("Total", "1,060.00")]
    for row, (item, price) in enumerate(lines):
        y = 200 + row * 56
        draw.text((60, y), item, font=ImageFont.load_default(26), fill=(30, 40, 50))
        draw.text((700, y), price, font=ImageFont.load_default(26), fill=(30, 40, 50))
        draw.line((60, y + 44, 850, y + 44), fill=(210, 216, 220), width=2)
    return page


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _circle_box(x: int, y: int, radius: int) -> tuple[int, int, int, int]:
    return x - radius, y - radius, x + radius, y + radius
