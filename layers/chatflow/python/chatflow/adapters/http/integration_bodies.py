"""What goes out with a call to a business's API, and what comes back: files as streams, all else in small blocks."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from chatflow.adapters.s3.media_store import MediaStore
from chatflow.errors import InDoubt, Refused, TooLarge, Unavailable
from chatflow.integrations.attachment_name import attachment_name
from chatflow.integrations.response_mapping import ANSWER_LIMIT
from chatflow.media.filenames import clean
from chatflow.media.identification import identify
from chatflow.media.media_rules import on_content
from chatflow.media.profiles import FORMATS, GUIDE
from chatflow.media.reference import MediaReference
from chatflow.nodes.ports import Call, Part, Response

BLOCK = 256 * 1024  # bytes; measured: smaller blocks halve the speed of an upload
_MIMES = frozenset(each.mime for each in FORMATS.values())


def outgoing(call: Call, store: MediaStore, opened: ExitStack) -> tuple[dict[str, str], Any, int | None]:
    """Headers, body and length. A multipart body is a stream that reads its files, held open in `opened`."""
    if not call.parts:
        return dict(call.headers), call.body or None, len(call.body) or None
    from requests_toolbelt.multipart.encoder import MultipartEncoder

    encoder = MultipartEncoder([(part.name, _content(part, store, opened)) for part in call.parts])
    return {**call.headers, "Content-Type": encoder.content_type}, encoder, encoder.len


def _content(part: Part, store: MediaStore, opened: ExitStack) -> Any:
    if part.file is None:
        return part.value
    stream = opened.enter_context(store.open(part.file.key))
    if stream.len != part.file.size:
        raise Refused(f"the file for the part {part.name!r} is not as long as its variable says")
    mime = part.file.mime if part.file.mime in _MIMES else "application/octet-stream"
    return part.file.filename or "file", stream, mime


def incoming(response: Response) -> bytes:
    """The body, of at most 256 KiB. Raises TooLarge.

    Beside a status that means failure, a body that is too long or cut short is none: the status says enough.
    """
    body = bytearray()
    try:
        while block := response.read(BLOCK):
            body += block
            if len(body) > ANSWER_LIMIT:
                raise TooLarge(f"the answer is larger than {ANSWER_LIMIT} bytes")
    except (TooLarge, InDoubt, Unavailable):
        if 200 <= response.status < 300:
            raise
        return b""
    return bytes(body)


def incoming_file(call: Call, response: Response, store: MediaStore, key: str) -> MediaReference:
    """The body, kept as a file under `key`. Raises TooLarge, MediaRejected when the guide's table does not take it."""
    stored = store.write(key, response, response.length, "application/octet-stream", GUIDE.largest)
    found = identify(store.reader(key, stored.known), stored.size)
    rejected = on_content(GUIDE, found, stored.size)
    if rejected or not found:
        store.delete(key)
        raise rejected or AssertionError("a verdict let a file pass that was not identified")
    store.mark_clean(key)
    name = clean(call.filename or attachment_name(response.headers, call.url), found)
    return MediaReference(key, stored.sha256, stored.size, found.mime, found.kind, name)
