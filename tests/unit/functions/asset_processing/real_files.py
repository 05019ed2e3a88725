"""One real file of each format of the table, with something on it that a thumbnail must show.

The photo, the page and the film each have a red field in one known corner, as the viewer sees them.
"""

from __future__ import annotations

import io
import os
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from local.simulator.sample_files import draw_scene
from tests import samples

RED = (214, 40, 40)


def all_formats() -> dict[str, bytes]:
    """By the format's name in chatflow.media.profiles."""
    return {
        "pdf": page_pdf(),
        "doc": samples.document_doc(),
        "docx": samples.document_docx(),
        "xls": samples.document_xls(),
        "xlsx": samples.document_xlsx(),
        "ppt": samples.document_ppt(),
        "pptx": samples.document_pptx(),
        "jpeg": photo_jpeg(),
        "png": logo_png(),
        "usdz": samples.model_usdz(),
        "aac": samples.audio_aac(),
        "amr": samples.audio_amr(),
        "m4a": samples.audio_m4a(),
        "mp3": samples.audio_mp3(),
        "opus": samples.audio_opus(),
        "mp4": film_mp4(),
    }


@cache
def upright(width: int = 1200, height: int = 900) -> Image.Image:
    """A scene with a red field at the top left."""
    picture = draw_scene("day").resize((width, height)).convert("RGB")
    ImageDraw.Draw(picture).rectangle((0, 0, width // 4, height // 4), RED)
    return picture


@cache
def photo_jpeg(orientation: int = 1) -> bytes:
    """Stored as a camera held that way stores it; a viewer turns it back. Says where it was taken, too."""
    back = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = upright().transpose(back) if back is not None else upright()
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SECRET-CAMERA"
    exif.get_ifd(0x8825)[2] = (52.0, 30.0, 0.0)
    out = io.BytesIO()
    stored.save(out, "JPEG", exif=exif, quality=88)
    return out.getvalue()


@cache
def large_photo() -> bytes:
    """More than 5 MB: noise, which cannot be packed."""
    out = io.BytesIO()
    Image.frombytes("RGB", (2000, 2000), os.urandom(3 * 2000 * 2000)).save(out, "JPEG", quality=98)
    return out.getvalue()


@cache
def logo_png() -> bytes:
    """Round, on nothing: what is around it is transparent."""
    picture = Image.new("RGBA", (600, 600), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((20, 20, 580, 580), (24, 92, 180, 255))
    draw.polygon([(180, 330), (270, 430), (440, 200), (400, 165), (266, 345), (215, 290)], (255, 255, 255, 255))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@cache
def page_pdf() -> bytes:
    """Two pages; on the first a red field at the top left and dark words below it."""
    pages = []
    for number in (1, 2):
        page = Image.new("RGB", (1240, 1754), (255, 255, 255))
        draw = ImageDraw.Draw(page)
        if number == 1:
            draw.rectangle((90, 90, 520, 380), RED)
            draw.text((90, 470), "What happens next", (20, 24, 32), ImageFont.load_default(96))
            for line in range(14):
                draw.text(
                    (90, 680 + 62 * line), "We look at your photos. " * 3, (60, 64, 72), ImageFont.load_default(34)
                )
        pages.append(page)
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return out.getvalue()


@cache
def film_mp4(turned: int = 0, black_seconds: float = 0.6) -> bytes:
    """A second of black, then a scene. `turned`: degrees by which a player has to turn what is stored."""
    with tempfile.TemporaryDirectory() as folder:
        shown, film, out = (Path(folder, name) for name in ("scene.png", "film.mp4", "turned.mp4"))
        stored = upright(640, 480).rotate(turned, expand=True) if turned else upright(640, 480)
        stored.save(shown)
        size = f"{stored.width}x{stored.height}"
        _ffmpeg(
            *("-f", "lavfi", "-i", f"color=black:s={size}:r=10:d={black_seconds}"),
            *("-loop", "1", "-framerate", "10", "-t", "1.4", "-i", shown, "-f", "lavfi", "-i", "sine=duration=2"),
            *("-filter_complex", "[0:v][1:v]concat=n=2:v=1[v]", "-map", "[v]", "-map", "2:a"),
            *("-pix_fmt", "yuv420p", "-c:v", "libx264", "-g", "5", "-c:a", "aac", film),
        )
        if turned:
            _ffmpeg("-display_rotation", str(-turned), "-i", film, "-c", "copy", out)
            return out.read_bytes()
        return film.read_bytes()


def _ffmpeg(*arguments: str | Path) -> None:
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", "-nostdin", *map(str, arguments)]
    subprocess.run(command, check=True, timeout=60)
