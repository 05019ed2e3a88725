"""The samples of the "Send a sample" menu: the files of a folder, or a built-in set that is generated once."""

from __future__ import annotations

import mimetypes
import threading
from dataclasses import dataclass
from pathlib import Path

from local.simulator.settings import Settings

ALBUM_SIZE = 3

_generating = threading.Lock()


def bare_mime(mime: str) -> str:
    """A MIME type without its parameters: `audio/ogg; codecs=opus` becomes `audio/ogg`."""
    return mime.partition(";")[0].strip().lower()


def default_kind(mime: str) -> str:
    """The kind under which a customer's app sends a file of this type."""
    for name in ("image", "video", "audio"):
        if bare_mime(mime).startswith(f"{name}/"):
            return name
    return "document"


@dataclass(frozen=True)
class Sample:
    """One entry of the menu; several files form an album."""

    name: str
    label: str
    kind: str
    files: tuple[Path, ...]
    voice: bool = False

    def to_json(self) -> dict[str, object]:
        size = sum(path.stat().st_size for path in self.files)
        return {"name": self.name, "label": self.label, "kind": self.kind, "files": len(self.files), "size": size}


def all_samples(settings: Settings) -> list[Sample]:
    """All samples. The first call generates the built-in ones, which takes some seconds."""
    if settings.samples:
        return _folder_samples(settings.samples)
    folder = settings.data / "samples"
    with _generating:
        if not (folder / "made").exists():
            from local.simulator.sample_files import make_samples

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


def _folder_samples(folder: Path) -> list[Sample]:
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    samples = [
        Sample(
            path.name, path.name, default_kind(mimetypes.guess_type(path.name)[0] or ""), (path,), path.suffix == ".ogg"
        )
        for path in paths
    ]
    images = tuple(sample.files[0] for sample in samples if sample.kind == "image")
    if len(images) >= ALBUM_SIZE:
        samples.append(Sample("album", "An album of three", "image", images[:ALBUM_SIZE]))
    return samples
