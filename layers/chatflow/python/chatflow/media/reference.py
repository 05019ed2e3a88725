"""The reference to a file in states and variables: its object key and what is known about it, never its bytes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, TypeGuard


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

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "encoding" or value}

    def summary(self) -> dict[str, Any]:
        """The fields for logs and transcripts: enough to find the file, and no text that the customer wrote."""
        return {name: value for name, value in self.to_json().items() if name not in ("filename", "caption")}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> MediaReference:
        return cls(**{name: data.get(name, "") for name in cls.__dataclass_fields__})


def is_media(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a variable holds a file."""
    return isinstance(value, dict) and {"key", "sha256", "size", "mime", "kind", "filename"} <= value.keys()
