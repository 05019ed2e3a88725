"""Small real files, made by the programs that people use, each once a run.

OLE files are built by hand, since no program at hand writes them.
"""

from __future__ import annotations

import io
import struct
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.compound_file import ole


def photo_jpg() -> bytes:
    return image("JPEG")


def photo_png() -> bytes:
    return image("PNG")


@cache
def image(form: str, width: int = 320, height: int = 240) -> bytes:
    """A picture in any form that Pillow writes: JPEG, PNG, PDF, GIF, WEBP, TIFF, MPO."""
    from PIL import Image

    out = io.BytesIO()
    Image.effect_mandelbrot((width, height), (-2.0, -1.5, 1.0, 1.5), 80).convert("RGB").save(out, form)
    return out.getvalue()


def document_pdf() -> bytes:
    return image("PDF")


@cache
def document_pdf_plain() -> bytes:
    """As another program writes it, with a page and nothing on it."""
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 200)
    return _saved(document.save)


def document_pdf_encrypted() -> bytes:
    """A trailer that says so; what it names is not looked at."""
    return document_pdf().replace(b"trailer\n<<", b"trailer\n<< /Encrypt 9 0 R")


@cache
def document_docx() -> bytes:
    import docx

    document = docx.Document()
    document.add_heading("Damage report", 1)
    document.add_paragraph("A dent in the left door.")
    return _saved(document.save)


@cache
def document_xlsx() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"] = "plate"
    return _saved(book.save)


@cache
def document_pptx() -> bytes:
    import pptx

    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[0])
    return _saved(deck.save)


def document_doc() -> bytes:
    return ole("WordDocument", "1Table")


def document_xls() -> bytes:
    return ole("Workbook")


def document_ppt() -> bytes:
    return ole("PowerPoint Document", "Current User")


def audio_aac() -> bytes:
    return _sound(".aac", "-c:a", "aac")


def audio_amr() -> bytes:
    return _sound(".amr", "-ar", "8000", "-ac", "1", "-c:a", "libopencore_amrnb")


def audio_mp3() -> bytes:
    return _sound(".mp3", "-c:a", "libmp3lame")


def audio_mp3_bare() -> bytes:
    """Without an ID3 tag in front."""
    return _sound(".mp3", "-c:a", "libmp3lame", "-id3v2_version", "0", "-write_xing", "0")


def audio_mp3_low() -> bytes:
    """MPEG-2, as recorders write it."""
    return _sound(".mp3", "-c:a", "libmp3lame", "-ar", "22050", "-ac", "1")


def audio_m4a() -> bytes:
    return _sound(".m4a", "-c:a", "aac")


def audio_mp4() -> bytes:
    """Audio alone in a container whose brand says nothing of it (isom)."""
    return _sound(".mp4", "-c:a", "aac", "-f", "mp4")


def audio_opus() -> bytes:
    """A voice note: Opus in Ogg."""
    return _sound(".ogg", "-ac", "1", "-c:a", "libopus")


def audio_vorbis() -> bytes:
    return _sound(".ogg", "-ac", "2", "-c:a", "vorbis", "-strict", "-2")


def audio_wav() -> bytes:
    return _sound(".wav")


def video_mp4() -> bytes:
    """Its index (moov) at the end, as a camera writes it."""
    return _film(".mp4")


def video_mp4_faststart() -> bytes:
    return _film(".mp4", "-movflags", "+faststart")


def video_mp4_fragmented() -> bytes:
    return _film(".mp4", "-movflags", "+frag_keyframe+empty_moov")


def video_mov() -> bytes:
    return _film(".mov")


def video_3gp() -> bytes:
    return _film(".3gp", "-ar", "8000", "-ac", "1", "-c:a", "aac")


def video_webm() -> bytes:
    return _film(".webm", "-c:v", "libvpx", "-c:a", "libopus")


@cache
def archive_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "not a Word file, for all its name")
        archive.writestr("readme.txt", "hello")
    return out.getvalue()


@cache
def document_docm() -> bytes:
    """A Word file whose content type declares macros."""
    return rezipped(
        document_docx(),
        lambda name, data: data.replace(
            b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            b"application/vnd.ms-word.document.macroEnabled.main+xml",
        ),
    )


@cache
def model_usdz(extra: int = 0) -> bytes:
    """A stage and a texture, stored on 64-byte boundaries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in (("scene.usda", b"#usda 1.0\n" + b"#" * extra), ("texture.png", photo_png())):
            entry = zipfile.ZipInfo(name)
            padding = -(out.tell() + 30 + len(name) + 4) % 64
            entry.extra = struct.pack("<HH", 0x1986, padding) + bytes(padding)
            archive.writestr(entry, data)
    return out.getvalue()


@cache
def model_usdz_packed() -> bytes:
    """A model as Pixar's own library packs it."""
    from pxr import Usd, UsdGeom, UsdUtils

    with tempfile.TemporaryDirectory() as folder:
        stage = Usd.Stage.CreateNew(f"{folder}/chair.usdc")
        UsdGeom.Cube.Define(stage, "/Seat")
        stage.Save()
        assert UsdUtils.CreateNewUsdzPackage(f"{folder}/chair.usdc", f"{folder}/chair.usdz")
        return Path(folder, "chair.usdz").read_bytes()


def rezipped(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same zip with the content of its entries changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


def _sound(extension: str, *how: str) -> bytes:
    return _ffmpeg(extension, "-f", "lavfi", "-i", "sine=frequency=440:duration=1", *how)


def _film(extension: str, *how: str) -> bytes:
    sources = ["-f", "lavfi", "-i", "testsrc=duration=1:size=128x96:rate=10", "-f", "lavfi", "-i", "sine=duration=1"]
    return _ffmpeg(extension, *sources, *how)


@cache
def _ffmpeg(extension: str, *arguments: str) -> bytes:
    import imageio_ffmpeg

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, f"sample{extension}")
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", *arguments, str(out)]
        subprocess.run(command, check=True, timeout=60)
        return out.read_bytes()


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    out = io.BytesIO()
    save(out)
    return out.getvalue()
