"""What "Send a sample" offers: the files of a folder, or a set that is made once."""

from __future__ import annotations

import mimetypes
import threading
from dataclasses import dataclass
from pathlib import Path

from local.whatsapp_simulator.media_rules import kind_of
from local.whatsapp_simulator.settings import Settings

ALBUM_SIZE = 3

_making = threading.Lock()


@dataclass(frozen=True)
class Sample:
    """One entry of the menu; several files are an album."""

    name: str
    label: str
    kind: str
    files: tuple[Path, ...]
    voice: bool = False

    def shown(self) -> dict[str, object]:
        size = sum(path.stat().st_size for path in self.files)
        return {"name": self.name, "label": self.label, "kind": self.kind, "files": len(self.files), "size": size}


def all_samples(settings: Settings) -> list[Sample]:
    """The samples there are; the first call makes the built-in ones, which takes some seconds."""
    if settings.samples:
        return _of_folder(settings.samples)
    folder = settings.data / "samples"
    with _making:
        if not (folder / "made").exists():
            from local.whatsapp_simulator.sample_files import make_samples

            folder.mkdir(parents=True, exist_ok=True)
            make_samples(folder)
            (folder / "made").touch()
    photos = tuple(folder / f"photo-{number}.jpg" for number in range(1, ALBUM_SIZE + 1))
    return [
        Sample("photo", "A photo", "image", photos[:1]),
        Sample("album", "An album of three", "image", photos),
        Sample("pdf", "A PDF document", "document", (folder / "Repair estimate (März).pdf",)),
        Sample("docx", "A Word document", "document", (folder / "Statement of the driver.docx",)),
        Sample("voice", "A voice note", "audio", (folder / "voice-note.ogg",), voice=True),
        Sample("video", "A video", "video", (folder / "walk-around.mp4",)),
    ]


def _of_folder(folder: Path) -> list[Sample]:
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    samples = [
        Sample(path.name, path.name, kind_of(mimetypes.guess_type(path.name)[0] or ""), (path,), path.suffix == ".ogg")
        for path in paths
    ]
    images = tuple(sample.files[0] for sample in samples if sample.kind == "image")
    if len(images) >= ALBUM_SIZE:
        samples.append(Sample("album", "An album of three", "image", images[:ALBUM_SIZE]))
    return samples
