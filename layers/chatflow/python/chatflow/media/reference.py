"""The reference to a file in states and variables: its object key and what is known about it, never its bytes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, TypeGuard

from chatflow.tolerant_reader import read

MOST_FILES = 30  # of one list: with all that is said of them, they fit into a session's variables
_TEXTS = ("key", "sha256", "mime", "kind", "filename")
_ONLY_IF_SET = ("encoding", "kept_until")
_OPTIONAL_TEXTS = ("caption", "encoding")


@dataclass(frozen=True)
class MediaReference:
    """A checked file. `kind` and `mime` come from its content; `filename` was cleaned when the file was received."""

    key: str  # `chatflow.media.object_keys` says in which bucket it lies
    sha256: str  # lower-case hex
    size: int  # bytes
    mime: str
    kind: str  # image, document, audio, video
    filename: str
    caption: str = ""
    encoding: str = ""  # `Format.encoding`; absent where it is written down and empty, as it mostly is
    kept_until: int = 0  # seconds since the epoch: S3 deletes the file some time after; 0 when that is not known

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name not in _ONLY_IF_SET or value}

    def summary(self) -> dict[str, Any]:
        """The fields for logs and transcripts: enough to find the file, and no text that the customer wrote."""
        return {name: value for name, value in self.to_json().items() if name not in ("filename", "caption")}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> MediaReference:
        """The reference of any release. Raises Unreadable for what `is_media` refuses."""
        return read(cls, data, "the reference to a file")


def is_media(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a variable holds a file. The business's API may answer with a value that looks like one."""
    if not isinstance(value, dict):
        return False
    size = value.get("size")
    texts = (*(value.get(name) for name in _TEXTS), *(value.get(name) or "" for name in _OPTIONAL_TEXTS))
    whole = isinstance(size, int | float) and not isinstance(size, bool) and size == size // 1
    return whole and all(isinstance(text, str) for text in texts)


def is_media_list(value: object) -> TypeGuard[list[dict[str, Any]]]:
    """Whether a variable holds a list of files, likewise."""
    return isinstance(value, list) and bool(value) and all(is_media(each) for each in value)
