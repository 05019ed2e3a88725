"""Sends a file: as a new one, streamed in a multipart body, or by the id that Telegram gave it before.

Telegram has a method for each way in which its apps show a file (Bot API, "Sending files"). The id of a file belongs to
the way in which it was sent, and shows the file under the name that it was sent with then: no parameter renames it. So
an id is remembered with the way and a hash of the name, as "photo:AgACAgIAAx...:0f3a9c...", and used for that name
only. An id of an earlier release has no hash, and is not used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from chatflow.channels.telegram.bot_api import BotApi, sent_id
from chatflow.channels.telegram.photos import HEAD, is_shown_as_photo
from chatflow.channels.untrusted_json import optional_text
from chatflow.errors import ChannelRefused
from chatflow.media.profiles import FORMATS
from chatflow.messages import OutgoingFile
from chatflow.nodes.ports import Readable
from chatflow.streams import ExactLengthStream, ResumedStream, read_head

# Telegram's ids of files last. What was not uploaded anew for so long is uploaded again: no id is kept for longer.
FILE_ID_SECONDS: Final = 29 * 86_400

DOCUMENT: Final = "document"
# Names of a file in a message, and of the method and its parameter. In the order in which a message is searched: beside
# an animation, Telegram sets `document` as well.
_METHODS: Final = {
    "photo": "sendPhoto",
    "animation": "sendAnimation",
    "video": "sendVideo",
    "audio": "sendAudio",
    "voice": "sendVoice",
    DOCUMENT: "sendDocument",
}
# "sendAudio" takes MP3 and M4A, "sendVoice" OGG with Opus, "sendVideo" MPEG4. Anything else is a document.
_WAYS: Final = {"audio/mpeg": "audio", "audio/mp4": "audio", "audio/ogg": "voice", "video/mp4": "video"}
_OPTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "video": {"supports_streaming": "true"},
    DOCUMENT: {"disable_content_type_detection": "true"},  # a document stays one, whatever it holds
}
_EXTENSIONS: Final = {each.mime: each.extension for each in FORMATS.values()}

Json = dict[str, Any]


def send_file(api: BotApi, file: OutgoingFile, contact: str, caption: str, deadline: int, *, sent: list[str]) -> None:
    """Send a file with its caption; appends the message's id to `sent` before the file's own id is remembered.

    Raises ChannelRefused, ChannelUnavailable, InDoubt.

    Telegram may refuse an id that it gave before; then the file is sent anew. What it refuses as a photo, a video or a
    voice note is sent as a document. A refusal means that nothing was sent.
    """
    fields = {"chat_id": contact, **({"caption": caption} if caption else {})}
    way, id = _known(file)
    if id:
        try:
            sent.append(sent_id(api.call(_METHODS[way], {**fields, way: id}, deadline)))
        except ChannelRefused as error:
            if error.cause not in ("file", "content", "unknown"):
                raise
        else:
            return
    try:
        message = _send_new(api, file, fields, deadline)
    except ChannelRefused as error:
        if error.cause != "file" or not (file.kind == "image" or file.mime in _WAYS):
            raise
        message = _send_new(api, file, fields, deadline, way=DOCUMENT)
    sent.append(sent_id(message))
    if known := _id_in(message):
        file.remember(f"{known}:{_name_hash(file)}", FILE_ID_SECONDS)


def _known(file: OutgoingFile) -> tuple[str, str]:
    """The way and the id under which Telegram has the file with this name; two empty texts for none."""
    match file.stored_id.split(":"):
        case [way, id, name] if way in _METHODS and name == _name_hash(file):
            return way, id
    return "", ""


def _name_hash(file: OutgoingFile) -> str:
    """The name may hold a customer's; what is stored is long enough to tell names apart."""
    return hashlib.sha256(file.filename.encode()).hexdigest()[:16]


def _send_new(api: BotApi, file: OutgoingFile, fields: Mapping[str, str], deadline: int, *, way: str = "") -> Any:
    with file.open() as stream:
        head = read_head(stream, HEAD) if file.kind == "image" and not way else b""
        way = way or _way(file, head)
        body = _multipart({**fields, **_OPTIONS.get(way, {})}, way, file, ResumedStream(head, stream))
        return api.upload(_METHODS[way], body, body.content_type, body.len, deadline)


def _way(file: OutgoingFile, head: bytes) -> str:
    if file.kind == "image":
        return "photo" if is_shown_as_photo(file.mime, file.size, head) else DOCUMENT
    return _WAYS.get(file.mime, DOCUMENT)


def _multipart(fields: Mapping[str, str], name: str, file: OutgoingFile, stream: Readable) -> Any:
    """The body: a stream with `len` and `content_type`. The file is never whole in memory."""
    # It imports all of requests, and most functions that load this channel send no file.
    from requests_toolbelt.multipart.encoder import MultipartEncoder

    filename = file.filename or f"file.{_EXTENSIONS.get(file.mime, 'bin')}"
    part = (filename, ExactLengthStream(stream, file.size), file.mime)
    return MultipartEncoder([*fields.items(), (name, part)])


def _id_in(message: Any) -> str:
    """The way in which Telegram took the file, and the id that it gave it; "" where the answer has none."""
    if not isinstance(message, dict):
        return ""
    for way in _METHODS:
        found = message.get(way)
        if isinstance(found, list):  # a photo in several sizes, the largest last
            found = found[-1] if found else None
        if isinstance(found, dict) and (id := optional_text(found, "file_id")):
            return f"{way}:{id}"
    return ""
