"""Rules that accept or reject a file for the asset library, by its content. Pure.

Each function returns "" when the file is accepted, else the reason for the uploader, as a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatflow.assets.names import file_extension
from chatflow.media import declared_type
from chatflow.media.media_rules import INVALID_FILE_TEXTS
from chatflow.media.profiles import MB, Format, Profile
from chatflow.media.ranges import InvalidFile

_A_KIND: Final = {"image": "an image", "document": "a document", "audio": "an audio file", "video": "a video"}


def check_size(profile: Profile, size: int) -> str:
    """Check the size alone, before anything is read: no format may be larger than the profile's largest."""
    if size == 0:
        return "The file is empty."
    return "" if size <= profile.largest else _too_large("The file", size, profile.largest)


def check_content(
    profile: Profile, found: Format | InvalidFile, size: int, *, filename: str, declared: str = ""
) -> str:
    """Check the identified content against the limits, the file name and the MIME type that the uploader declared."""
    if isinstance(found, InvalidFile) and found.reason in INVALID_FILE_TEXTS:
        return f"The file {INVALID_FILE_TEXTS[found.reason]}."
    if isinstance(found, InvalidFile) or found.name not in profile.limits:
        return f"The content is of no format that can be sent. Those are {declared_type.list_extensions()}."
    extension = file_extension(filename)
    if extension and found not in declared_type.formats_by_extension(extension):
        return f"The name ends in .{extension}, but the content is {found.words}. Let it end in .{found.extension}."
    formats = declared_type.formats_by_mime(declared)
    if formats is not None and found not in formats:
        return f"It was announced as {declared.partition(';')[0].strip()[:80]}, but the content is {found.words}."
    limit = profile.limits[found.name]
    return "" if size <= limit else _too_large(f"This {found.words} file", size, limit)


def check_shown(channels: Mapping[str, Profile], found: Format) -> str:
    """Check that a channel shows how the content is encoded. `channels` are profiles by the titles of channels."""
    if not found.encoding or not channels or any(each.shows_every_encoding for each in channels.values()):
        return ""
    usual = "8 bits a colour in RGB" if found.kind == "image" else "H.264 and AAC"
    return f"It is encoded as {found.encoding}, which {', '.join(channels)} does not show. Save it as {usual}."


def check_replacement(kind: str, found: Format) -> str:
    """A new version must be of the same kind: flows were validated for that kind (for captions, for example)."""
    if found.kind == kind:
        return ""
    return f"It replaces {_A_KIND[kind]}, but it is {_A_KIND[found.kind]}. Add it as an asset of its own."


def _too_large(subject: str, size: int, limit: int) -> str:
    tenths = -(-size * 10 // MB)  # rounded up, so that no file is called too large at exactly the limit
    return f"{subject} has {tenths / 10:g} MB; at most {limit / MB:g} MB are taken."
