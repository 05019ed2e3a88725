"""Which formats are accepted, and up to which size: the product's profile, and a channel's that narrows it.

Source of the table: Media node guide, 'Supported media formats and sizes' (where `udsz` stands for usdz).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

MB = 1_048_576  # decision record 0005: the larger meaning of MB, so that no file that the table allows is rejected


@dataclass(frozen=True)
class Format:
    """One format. `mime` is the constant that is sent on, whatever the sender declared."""

    name: str  # unique: mp4 audio is "m4a", since the table lists `mp4` under audio and under video
    kind: str  # image, document, audio, video
    mime: str
    extension: str  # without the dot
    words: str  # what a customer calls it
    # How the content of one file is encoded, where not every program shows that ("HEVC", "CMYK"); mostly "". It is a
    # property of the file, and does not make it another format.
    encoding: str = field(default="", compare=False)


_OOXML = "application/vnd.openxmlformats-officedocument"
FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("pdf", "document", "application/pdf", "pdf", "PDF"),
        Format("doc", "document", "application/msword", "doc", "Word"),
        Format("docx", "document", f"{_OOXML}.wordprocessingml.document", "docx", "Word"),
        Format("xls", "document", "application/vnd.ms-excel", "xls", "Excel"),
        Format("xlsx", "document", f"{_OOXML}.spreadsheetml.sheet", "xlsx", "Excel"),
        Format("ppt", "document", "application/vnd.ms-powerpoint", "ppt", "PowerPoint"),
        Format("pptx", "document", f"{_OOXML}.presentationml.presentation", "pptx", "PowerPoint"),
        Format("jpeg", "image", "image/jpeg", "jpg", "JPEG"),
        Format("png", "image", "image/png", "png", "PNG"),
        Format("usdz", "image", "model/vnd.usdz+zip", "usdz", "USDZ"),
        Format("aac", "audio", "audio/aac", "aac", "AAC"),
        Format("amr", "audio", "audio/amr", "amr", "AMR"),
        Format("m4a", "audio", "audio/mp4", "m4a", "MP4 audio"),
        Format("mp3", "audio", "audio/mpeg", "mp3", "MP3"),
        Format("opus", "audio", "audio/ogg", "ogg", "voice note"),
        Format("mp4", "video", "video/mp4", "mp4", "MP4"),
    )
}
KINDS = ("image", "document", "audio", "video")


@dataclass(frozen=True)
class Profile:
    """The largest size in bytes of each accepted format. A format that is not listed is not accepted.

    `active_content`: whether an Office file may load or start something when it is opened. `shows_every_encoding`:
    whether a file is shown whose `Format.encoding` says that not every program does.
    """

    name: str
    limits: Mapping[str, int]
    active_content: bool = False
    shows_every_encoding: bool = True

    def narrowed_by(self, other: Profile) -> Profile:
        """What both profiles accept, at the smaller size."""
        both = {name: min(size, other.limits[name]) for name, size in self.limits.items() if name in other.limits}
        return Profile(
            f"{self.name}+{other.name}",
            both,
            self.active_content and other.active_content,
            self.shows_every_encoding and other.shows_every_encoding,
        )

    def only(self, kinds: Collection[str]) -> Profile:
        """The profile restricted to these kinds."""
        limits = {name: size for name, size in self.limits.items() if FORMATS[name].kind in kinds}
        return replace(self, limits=limits)

    def with_active_content(self) -> Profile:
        """The profile that accepts active content too."""
        return replace(self, active_content=True)

    @property
    def largest(self) -> int:
        """The size in bytes that no accepted file exceeds."""
        return max(self.limits.values(), default=0)


_PRODUCT_SIZES = {"document": 20 * MB, "image": 5 * MB, "audio": 16 * MB, "video": 5 * MB}
PRODUCT = Profile("guide", {each.name: _PRODUCT_SIZES[each.kind] for each in FORMATS.values()})
