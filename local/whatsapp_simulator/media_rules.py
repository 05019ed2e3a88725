"""Which file may travel as what: Meta's table of media types and sizes."""

from __future__ import annotations

from dataclasses import dataclass

from local.whatsapp_simulator.refusals import Refusal, invalid

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Kind:
    """One kind of media message: the types it may have, its size limit in bytes, and what may stand beside the file."""

    mimes: frozenset[str]
    limit: int
    caption: bool = False
    filename: bool = False


KINDS = {
    "audio": Kind(
        frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus"}), 16 * MEGABYTE
    ),
    "document": Kind(
        frozenset(
            {
                "text/plain",
                "application/pdf",
                "application/msword",
                "application/vnd.ms-excel",
                "application/vnd.ms-powerpoint",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            }
        ),
        100 * MEGABYTE,
        caption=True,
        filename=True,
    ),
    "image": Kind(frozenset({"image/jpeg", "image/png"}), 5 * MEGABYTE, caption=True),
    # 500 KB when animated, 100 KB when not: only the bytes tell, so the larger one holds here.
    "sticker": Kind(frozenset({"image/webp"}), 500 * 1024),
    "video": Kind(frozenset({"video/mp4", "video/3gpp", "video/3gp"}), 16 * MEGABYTE, caption=True),
}

UPLOADABLE = frozenset().union(*(kind.mimes for kind in KINDS.values()))


def bare(mime: str) -> str:
    """A type without its parameters: `audio/ogg; codecs=opus` is `audio/ogg`."""
    return mime.partition(";")[0].strip().lower()


def kind_of(mime: str) -> str:
    """The kind under which a customer's app sends a file of this type."""
    for name in ("image", "video", "audio"):
        if bare(mime).startswith(f"{name}/"):
            return name
    return "document"


def check_upload_type(mime: str) -> None:
    """Raise Refusal when a business may not upload a file of this type."""
    if bare(mime) not in UPLOADABLE:
        listed = ", ".join(sorted(UPLOADABLE))
        raise invalid(f"Param file must be a file with one of the following types: {listed}. Received '{mime}'.")


def upload_limit(mime: str) -> int:
    """The most bytes that an upload of this type may have; 0 when the type is not uploadable."""
    return max((kind.limit for kind in KINDS.values() if bare(mime) in kind.mimes), default=0)


def check_upload_size(mime: str, size: int) -> None:
    """Raise Refusal when an upload is empty or larger than its type allows."""
    if size == 0:
        raise invalid("Param file must not be empty.")
    if size > upload_limit(mime):
        raise Refusal(131053, f"File size {size} exceeds the limit of {upload_limit(mime)} bytes for type {mime}.")


def check_message_media(kind: str, mime: str, size: int) -> None:
    """Raise Refusal when stored media may not be sent as this kind of message."""
    if bare(mime) not in KINDS[kind].mimes:
        raise Refusal(131053, f"Media of type '{mime}' cannot be sent as a message of type '{kind}'.")
    if size > KINDS[kind].limit:
        raise Refusal(131053, f"Media of {size} bytes exceeds the limit of {KINDS[kind].limit} bytes for '{kind}'.")
