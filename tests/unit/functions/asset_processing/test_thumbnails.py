"""Thumbnails: what can be seen on them, what is not in them, and what making them may cost."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import pytest
from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageStat

from asset_processing.thumbnails import create, limits
from asset_processing.thumbnails.create import Thumbnail, create_thumbnail
from chatflow.media.profiles import FORMATS
from tests.unit.functions.asset_processing import real_files
from tests.unit.functions.asset_processing.real_files import RED

pytestmark = pytest.mark.slow

WITH_A_PICTURE = {"jpeg", "png", "pdf", "mp4"}


def drawn(folder: Path, name: str, content: bytes) -> Thumbnail:
    file = folder / "file"
    file.write_bytes(content)
    return create_thumbnail(file, FORMATS[name])


def seen(made: Thumbnail) -> Image.Image:
    picture = Image.open(io.BytesIO(made.image))
    assert picture.format == "WEBP"
    picture.load()
    return picture


def colour(picture: Image.Image, x: float, y: float) -> tuple[int, ...]:
    """At a place, in shares of its width and height."""
    pixel = picture.convert("RGB").getpixel((round(x * (picture.width - 1)), round(y * (picture.height - 1))))
    assert isinstance(pixel, tuple)
    return pixel


def is_red(pixel: tuple[int, ...]) -> bool:
    return all(abs(is_ - wanted) < 40 for is_, wanted in zip(pixel, RED, strict=True))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean of 255."""
    return float(sum(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean) / 3)


def test_every_format_of_the_guides_table_has_a_thumbnail_of_its_own(tmp_path: Path) -> None:
    """The sheet of all of them lies in this test's folder."""
    files = real_files.all_formats()
    assert files.keys() == FORMATS.keys()
    made = {name: drawn(tmp_path, name, content) for name, content in files.items()}
    sheet = Image.new("RGB", (4 * 340 + 20, 4 * 340 + 20), (235, 235, 235))
    for number, (name, each) in enumerate(made.items()):
        assert each.problem == "", name
        picture = seen(each)
        assert max(picture.size) == limits.SIDE, name
        assert sum(ImageStat.Stat(picture.convert("L")).stddev) > 10, f"{name} is of one colour"
        assert len(each.image) < 40_000, name
        shown = picture.convert("RGBA")
        sheet.paste(shown, (20 + 340 * (number % 4), 20 + 340 * (number // 4)), shown)
    sheet.save(tmp_path / "thumbnails.png")
    icons = {name: seen(each) for name, each in made.items() if name not in WITH_A_PICTURE}
    for name, one in icons.items():
        for other_name, other in icons.items():
            assert name == other_name or difference(one, other) > 0.1, f"{name} looks like {other_name}"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright_however_the_camera_was_held(tmp_path: Path, orientation: int) -> None:
    picture = seen(drawn(tmp_path, "jpeg", real_files.photo_jpeg(orientation)))
    assert picture.size == (320, 240)
    assert is_red(colour(picture, 0.1, 0.1))
    assert not any(is_red(colour(picture, x, y)) for x, y in ((0.9, 0.1), (0.1, 0.9), (0.9, 0.9)))
    assert difference(picture, real_files.upright().resize((320, 240))) < 6


def test_nothing_of_a_photo_is_kept_but_what_can_be_seen(tmp_path: Path) -> None:
    made = drawn(tmp_path, "jpeg", real_files.photo_jpeg())
    assert b"SECRET-CAMERA" in real_files.photo_jpeg()
    assert b"SECRET" not in made.image
    assert not seen(made).getexif()
    assert {"exif", "xmp", "icc_profile"}.isdisjoint(seen(made).info)


def test_what_is_transparent_stays_so(tmp_path: Path) -> None:
    picture = seen(drawn(tmp_path, "png", real_files.logo_png()))
    assert picture.mode == "RGBA"
    assert [picture.getpixel(place)[3] for place in ((2, 2), (160, 20))] == [0, 255]  # type: ignore[index]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGB", "RGBA"])
def test_a_png_of_any_kind_of_pixel_is_drawn(tmp_path: Path, mode: str) -> None:
    grey = Image.linear_gradient("L").resize((500, 400))
    picture = (
        grey.convert("I").point(lambda value: value * 256).convert("I;16") if mode == "I;16" else grey.convert(mode)
    )
    out = io.BytesIO()
    picture.save(out, "PNG")
    shown = seen(drawn(tmp_path, "png", out.getvalue()))
    assert shown.size == (320, 256)
    top, bottom = (
        ImageStat.Stat(shown.convert("L").crop(part)).mean[0] for part in ((0, 0, 320, 20), (0, 236, 320, 256))
    )
    assert top < 40
    assert bottom > 215


def test_print_colours_are_shown_as_on_a_screen(tmp_path: Path) -> None:
    """A profile that does not fit the pixels (as some cameras write) is no reason to fail."""
    unfit = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    picture = Image.new("CMYK", (400, 300), (0, 200, 200, 0))
    ImageDraw.Draw(picture).rectangle((0, 0, 200, 300), (200, 0, 200, 0))
    out = io.BytesIO()
    picture.save(out, "JPEG", icc_profile=unfit.tobytes())
    shown = seen(drawn(tmp_path, "jpeg", out.getvalue()))
    green, red = colour(shown, 0.2, 0.5), colour(shown, 0.8, 0.5)
    assert green[1] > max(green[0], green[2]) + 80
    assert red[0] > max(red[1], red[2]) + 80


def test_a_small_picture_is_not_blown_up_and_a_strip_stays_one(tmp_path: Path) -> None:
    for size, wanted in (((40, 30), (40, 30)), ((4000, 6), (320, 1))):
        out = io.BytesIO()
        Image.new("RGB", size, RED).save(out, "PNG")
        assert seen(drawn(tmp_path, "png", out.getvalue())).size == wanted


def test_the_first_page_of_a_pdf_can_be_seen(tmp_path: Path) -> None:
    picture = seen(drawn(tmp_path, "pdf", real_files.page_pdf()))
    assert picture.size == (226, 320)
    assert is_red(colour(picture, 0.2, 0.13))
    assert min(colour(picture, 0.95, 0.95)) > 240
    words = picture.convert("L").crop((10, 80, 215, 115))
    assert words.getextrema()[0] < 110, "the title cannot be read"


def test_a_locked_pdf_gets_an_icon(tmp_path: Path) -> None:
    made = drawn(tmp_path, "pdf", real_files.page_pdf().replace(b"/Root", b"/Rxxt"))
    assert made.problem
    assert seen(made).size == (320, 320)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_video_is_shown_upright_by_a_frame_that_is_not_black(tmp_path: Path, turned: int) -> None:
    content = real_files.film_mp4(turned)
    picture = seen(drawn(tmp_path, "mp4", content))
    assert picture.size == (320, 240)
    assert is_red(colour(picture, 0.1, 0.1))
    assert difference(picture, _as_ffmpeg_shows_it(tmp_path, content).resize((320, 240))) < 6


def _as_ffmpeg_shows_it(folder: Path, content: bytes) -> Image.Image:
    """The last frame, turned by a program that is not ours."""
    film, frame = folder / "film.mp4", folder / "frame.png"
    film.write_bytes(content)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", "-ss", "1.5", "-i", film, "-frames:v", "1", frame]
    subprocess.run(command, check=True, timeout=60)
    return Image.open(frame)


def test_a_video_that_is_black_throughout_is_shown_black(tmp_path: Path) -> None:
    film = tmp_path / "black.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", "color=black:s=64x48:d=1", film]
    subprocess.run(command, check=True, timeout=60)
    made = drawn(tmp_path, "mp4", film.read_bytes())
    assert (made.problem, seen(made).size) == ("", (64, 48))


def _bomb() -> bytes:
    """A PNG of 100 million pixels in a hundred kilobytes."""
    out = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG")
    return out.getvalue()


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    content = _bomb()
    assert len(content) < 200_000
    began = os.times().children_user
    made = drawn(tmp_path, "png", content)
    assert "10000 x 10000 pixels" in made.problem
    assert seen(made).size == (320, 320)
    assert os.times().children_user - began < 2


@pytest.mark.parametrize("name", sorted(WITH_A_PICTURE))
def test_a_broken_file_gets_an_icon(tmp_path: Path, name: str) -> None:
    whole = real_files.all_formats()[name]
    for content in (whole[:40], b"\0" * 5000, whole[:60] + os.urandom(3000)):
        made = drawn(tmp_path, name, content)
        assert made.problem
        assert seen(made).size == (320, 320)


def test_one_that_takes_too_long_gets_an_icon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(create, "SECONDS", 0.01)
    made = drawn(tmp_path, "jpeg", real_files.photo_jpeg())
    assert made.problem == "not done after 0.01 seconds"
    assert seen(made).size == (320, 320)


def test_one_that_takes_too_much_memory_ends_alone(tmp_path: Path) -> None:
    """The bounds are set in the process that draws, and hold there."""
    code = (
        "import resource\n"
        "from asset_processing.thumbnails import __main__ as drawing\n"
        "from pathlib import Path\n"
        "import asset_processing.thumbnails.renderers as renderers\n"
        "renderers.render = lambda *_: bytearray(2_000_000_000)\n"
        "print(drawing.main('png', Path('x'), Path('y')))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["functions", "layers/chatflow/python"])}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert (done.stdout.strip(), done.stderr.strip()) == ("3", "MemoryError:")


def test_a_process_that_draws_knows_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very secret")
    seen_environments = []
    real = subprocess.run

    def run(*given: object, **named: object) -> object:
        seen_environments.append(named["env"])
        return real(*given, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(create.subprocess, "run", run)
    assert drawn(tmp_path, "jpeg", real_files.photo_jpeg()).problem == ""
    assert "very secret" not in str(seen_environments)
