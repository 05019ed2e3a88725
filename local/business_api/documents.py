"""The documents that the business system serves: real files of the kinds that chats carry, generated once."""

from __future__ import annotations

import io
import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
from docx import Document

from local.business_api.drawing import car_photo, damage_report, leaflet

DOCUMENTS = {
    "report.pdf": "application/pdf",
    "leaflet.pdf": "application/pdf",
    "photo.jpg": "image/jpeg",
    "voice.ogg": "audio/ogg",
    "clip.mp4": "video/mp4",
    "contract.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class Documents:
    """A folder of documents; each is generated at its first request."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def file(self, name: str) -> Path:
        """The file of that document; raises KeyError for a name that is not in DOCUMENTS."""
        generate = _GENERATORS[name]
        file = self._folder / name
        with self._lock:
            if not file.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                unfinished = file.with_suffix(".unfinished")
                unfinished.write_bytes(generate())
                unfinished.rename(file)
        return file


def _photo() -> bytes:
    out = io.BytesIO()
    car_photo().save(out, "JPEG", quality=88)
    return out.getvalue()


def _voice() -> bytes:
    """Four seconds of a falling chime in the encoding of a voice note: Opus, mono, in Ogg."""
    tones = "+".join(f"sin({f}*2*PI*t)*exp(-4*mod(t-{d},2))*gte(t,{d})" for f, d in ((659, 0), (523, 0.4), (392, 0.8)))
    return _ffmpeg(
        "ogg", "-f", "lavfi", "-i", f"aevalsrc={tones.replace(',', chr(92) + ',')}:s=48000:d=4",
        "-af", "volume=0.3", "-ac", "1", "-c:a", "libopus", "-b:a", "24k",
    )  # fmt: skip


def _clip() -> bytes:
    """Three seconds of moving colours with a tone: H.264 and AAC, which every channel plays."""
    return _ffmpeg(
        "mp4", "-f", "lavfi", "-i", "gradients=s=640x360:d=3:r=25:c0=0x0b7a75:c1=0xf2c14e:nb_colors=2:speed=0.05",
        "-f", "lavfi", "-i", "sine=frequency=330:duration=3", "-af", "volume=0.2", "-shortest",
        "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "64k", "-movflags", "+faststart",
    )  # fmt: skip


def _ffmpeg(extension: str, *arguments: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / f"output.{extension}"
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *arguments, str(output)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=60)
        return output.read_bytes()


def _contract() -> bytes:
    document = Document()
    document.add_heading("Contract of insurance", level=0)
    document.add_paragraph("Between Meadow Insurance and the keeper of the vehicle named below.")
    table = document.add_table(rows=0, cols=2, style="Light Grid Accent 1")
    for label, value in (("Vehicle", "AB 123"), ("Cover", "Comprehensive"), ("Excess", "150")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = label, value
    for title, text in (
        ("1. What is insured", "Damage to the vehicle by collision, weather, theft and vandalism."),
        ("2. What to do after damage", "Send us a photo in the chat. We answer within one working day."),
        ("3. Ending the contract", "Either side may end it with one month's notice."),
    ):
        document.add_heading(title, level=2)
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


_GENERATORS: dict[str, Callable[[], bytes]] = {
    "report.pdf": lambda: damage_report("AB 123"),
    "leaflet.pdf": leaflet,
    "photo.jpg": _photo,
    "voice.ogg": _voice,
    "clip.mp4": _clip,
    "contract.docx": _contract,
}
