"""Asset files in `flows/assets`: their formats, and whether they can be sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chatflow.flows.fields import ASSET, PATTERNS
from chatflow.flows.problems import Problem
from chatflow.media.declared_type import formats_by_extension
from chatflow.media.media_rules import INVALID_FILE_TEXTS
from chatflow.media.profiles import FORMATS, MB, PRODUCT, Format, Profile
from chatflow.media.ranges import InvalidFile

FOLDER = "assets"
Identify = Callable[[Path], Format | InvalidFile]


@dataclass(frozen=True)
class Asset:
    """One asset file. `format` is detected from the content; InvalidFile when no supported format matches."""

    name: str
    size: int  # bytes
    sha256: str  # lower-case hex
    format: Format | InvalidFile

    @property
    def kind(self) -> str:
        return self.format.kind if self.format else ""


def read_assets(folder: Path, identify: Identify) -> Iterator[Asset]:
    """Read every file of the folder in name order. Hidden files are skipped."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_file() and not path.name.startswith("."):
            content = path.read_bytes()
            yield Asset(path.name, len(content), hashlib.sha256(content).hexdigest(), identify(path))


def identify_by_content(path: Path) -> Format | InvalidFile:
    """Detect the format of a file from its content."""
    from chatflow.media.identification import identify_file

    return identify_file(path)


def asset_problems(asset: Asset) -> Iterator[Problem]:
    """Problems of an asset file that hold for every channel and node."""
    for message in _messages(asset):
        yield Problem(f"{FOLDER}/{asset.name}", 0, "", "", "", message)


def _messages(asset: Asset) -> Iterator[str]:
    if not re.fullmatch(ASSET, asset.name):
        yield f"This name cannot be used. Name the file with {PATTERNS[ASSET]}."
    if asset.size == 0:
        yield "The file is empty."
    elif isinstance(asset.format, InvalidFile) and asset.format.reason in INVALID_FILE_TEXTS:
        yield f"The file {INVALID_FILE_TEXTS[asset.format.reason]}."
    elif not asset.format:
        yield f"The content of this file is of no format that can be sent. Those are: {', '.join(FORMATS)}."
    else:
        yield from filter(None, [refusal(asset, PRODUCT)])
        if asset.format not in formats_by_extension(Path(asset.name).suffix.removeprefix(".").lower()):
            yield f"The content of this file is {asset.format.words}. Let its name end in .{asset.format.extension}."


def refusal(asset: Asset, profile: Profile) -> str:
    """Why a profile refuses this file; empty when it is accepted."""
    if not asset.format:
        return ""
    limit = profile.limits.get(asset.format.name)
    if limit is None:
        return f"{asset.format.words} files are not taken. Use another format."
    if asset.size > limit:
        size = f"{asset.size / MB:.1f} MB"
        return f"The file has {size}; at most {limit / MB:g} MB of {asset.format.words} are taken. Make it smaller."
    if asset.format.encoding and not profile.shows_every_encoding:
        usual = "H.264 and AAC" if asset.kind in ("video", "audio") else "8 bits a colour in RGB"
        return f"It is encoded as {asset.format.encoding}, which is not shown there. Save it as {usual}."
    return ""
