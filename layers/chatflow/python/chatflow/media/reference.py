"""How a file stands in states and variables: never its bytes, only where they lie and what they are known to be."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, TypeGuard


@dataclass(frozen=True)
class MediaReference:
    """A checked file. `kind` and `mime` come from its content; `filename` was cleaned at the door."""

    key: str  # the object's key in its bucket; "asset/..." lies in the asset bucket, all else in the media bucket
    sha256: str  # lower-case hex
    size: int  # bytes
    mime: str
    kind: str  # image, document, audio, video
    filename: str
    caption: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def summary(self) -> dict[str, Any]:
        """What logs and transcripts keep of a visit's file: enough to find it, and no word of whoever sent it."""
        return {name: value for name, value in asdict(self).items() if name not in ("filename", "caption")}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> MediaReference:
        return cls(**{name: data.get(name, "") for name in cls.__dataclass_fields__})


def is_media(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a variable holds a file."""
    return isinstance(value, dict) and {"key", "sha256", "size", "mime", "kind", "filename"} <= value.keys()
