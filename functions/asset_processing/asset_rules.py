"""Whether a file is taken into the library, by what its bytes turned out to be. The words are for whoever uploaded it.

Each judgement is "" when all is well, else the reason of the rejection, in plain words.
"""

from __future__ import annotations

from typing import Final

from chatflow.assets.names import ending
from chatflow.media import declared_type
from chatflow.media.media_rules import UNFIT
from chatflow.media.profiles import MB, Format, Profile
from chatflow.media.ranges import Unfit

_A_KIND: Final = {"image": "an image", "document": "a document", "audio": "an audio file", "video": "a video"}


def on_size(profile: Profile, size: int) -> str:
    """Before a byte of it is read: no format is taken that is as large."""
    if size == 0:
        return "The file is empty."
    return "" if size <= profile.largest else _too_large("The file", size, profile.largest)


def on_content(profile: Profile, found: Format | Unfit, size: int, *, filename: str, declared: str = "") -> str:
    """`found` is what the content is; `declared` the type that its sender said."""
    if isinstance(found, Unfit) and found.reason in UNFIT:
        return f"The file {UNFIT[found.reason]}."
    if isinstance(found, Unfit) or found.name not in profile.limits:
        return f"The content is of no format that can be sent. Those are {declared_type.endings()}."
    said = ending(filename)
    if said and found not in declared_type.by_ending(said):
        return f"The name ends in .{said}, but the content is {found.words}. Let it end in .{found.extension}."
    types = declared_type.by_type(declared)
    if types is not None and found not in types:
        return f"It was announced as {declared.partition(';')[0].strip()[:80]}, but the content is {found.words}."
    limit = profile.limits[found.name]
    return "" if size <= limit else _too_large(f"This {found.words} file", size, limit)


def on_replacing(kind: str, found: Format) -> str:
    """Flows that send the asset were checked for its kind: whether it may have a caption, for example."""
    if found.kind == kind:
        return ""
    return f"It replaces {_A_KIND[kind]}, but it is {_A_KIND[found.kind]}. Add it as an asset of its own."


def _too_large(what: str, size: int, limit: int) -> str:
    tenths = -(-size * 10 // MB)  # rounded up: nothing is called too large at the very limit
    return f"{what} has {tenths / 10:g} MB; at most {limit / MB:g} MB are taken."
