"""Moves one file through the real Lambda handlers of the file nodes, and prints the peak memory of the process.

    python -m tests.benchmarks.handling <way>[_buffered] <server> <bytes>

Only two numbers are replaced: the product's and WhatsApp's profiles accept a photo of any size, so that a hundred
megabytes may pass. `_buffered` is for comparison: it holds the whole file in memory.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from chatflow.settings import NodeSettings, channel_urls
from tests.benchmarks.moving import LARGEST, most_memory, use

Json = dict[str, Any]
CONVERSATION = {"key": "c_1", "channel": "whatsapp", "account": "106", "contact": "4477"}


def settings(server: str) -> None:
    """The environment of a deployed node, with everything that it reaches at one server."""
    place = urlsplit(server).netloc
    use(server)
    node_settings = NodeSettings("effects", "media", "assets", "assets", "uploads", "channels/", "business/", place)
    os.environ |= {**node_settings.to_environment(), **channel_urls({"whatsapp": f"{server}/{{version}}"})}


def photos_of_any_size() -> None:
    from chatflow.channels.whatsapp.profile import PROFILE
    from chatflow.media.profiles import PRODUCT

    for profile in (PRODUCT, PROFILE):
        profile.limits["jpeg"] = LARGEST  # type: ignore[index]


def visit(node: str, config: Json, **more: Any) -> Json:
    """The input of a node, as the state machine sends it."""
    at = {"flow": "f", "node": node, "session": "s_1", "turn": 1, "visit": 1, "phase": "enter", "variables": {}}
    deadline = round((time.time() + 120) * 1000)
    return {**at, "config": config, "conversation": CONVERSATION, "deadline": deadline, **more}


def photo(size: int) -> Json:
    named = {"key": f"media/c_1/{size}", "sha256": "0" * 64, "mime": "image/jpeg", "kind": "image"}
    return {**named, "size": size, "filename": "photo.jpg", "caption": ""}


def inbound(server: str, size: int) -> str:
    """A customer's photo, from the channel into S3."""
    media = {"id": "m1", "kind": "image", "mime": "image/jpeg", "url": f"{server}/file/{size}"}
    message = {"id": "wamid.0", "channel": "whatsapp", "account": "106", "contact": "4477", "kind": "media", "at": 1}
    event = {"id": "wamid.0", "kind": "message", "conversation": "c_1", "message": {**message, "media": media}}
    config: Json = {"direction": "inbound", "prompt": "?", "accept": ["image"], "save_as": "photo", "attempts": 3}
    config |= {"reprompt": "", "already_sent": "", "timeout": 0}
    outcome = _handled("media", visit("ask", config, phase="resume", event=event))
    assert outcome["set"]["photo"]["size"] == size
    return str(outcome["exit"])


def outbound(server: str, size: int) -> str:
    """A photo of the conversation, from S3 to the channel."""
    config = {"direction": "outbound", "source": {"media": "[[photo]]"}, "caption": "", "filename": ""}
    return str(_handled("media", visit("show", config, variables={"photo": photo(size)}))["exit"])


def upload(server: str, size: int) -> str:
    """The same, to the business's API."""
    parts = [{"name": "plate", "value": "B 1"}, {"name": "file", "file": "[[file]]", "filename": ""}]
    request: Json = {"content_type": "multipart/form-data", "parts": parts, "body": None, "fields": {}}
    return _called("POST", f"{server}/claims", request, "application/json", {"file": photo(size)})


def download(server: str, size: int) -> str:
    """A file of the business's API, into S3."""
    request: Json = {"content_type": "", "parts": [], "body": None, "fields": {}}
    return _called("GET", f"{server}/file/{size}", request, "file", {})


def _called(method: str, url: str, request: Json, answer: str, parameters: Json) -> str:
    response: Json = {"content_type": answer, "base_element": "$", "element_validation": "HTTP_RESPONSE_CODE"}
    response |= {"success": [], "filename": ""}
    call = {"name": "i", "method": method, "url": url, "headers": {}, "query": {}, "request": request}
    integration = {**call, "response": response, "timeout": 60.0, "retry": {"attempts": 1}}
    config = {"integration": integration, "parameters": parameters, "save_as": "answer", "values": []}
    return str(_handled("api_integration", visit("call", config))["exit"])


def _handled(node: str, event: Json) -> Json:
    outcome: Json = import_module(f"nodes.{node}.handler").lambda_handler(event, SimpleNamespace())
    return outcome


@contextmanager
def everything_held() -> Iterator[None]:
    """Within the block, the store holds each file whole in memory, both when it is written and when it is read."""
    from chatflow.adapters.s3.media_store import MediaStore
    from chatflow.streams import ExactLengthStream

    write, open_ = MediaStore.write, MediaStore.open

    def write_whole(store: MediaStore, key: str, stream: Any, *more: Any) -> Any:
        return write(store, key, io.BytesIO(_all(stream)), *more)

    @contextmanager
    def open_whole(store: MediaStore, key: str) -> Iterator[ExactLengthStream]:
        with open_(store, key) as stream:
            whole = _all(stream)
        yield ExactLengthStream(io.BytesIO(whole), len(whole))

    MediaStore.write, MediaStore.open = write_whole, open_whole  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        MediaStore.write, MediaStore.open = write, open_  # type: ignore[method-assign]


def _all(stream: Any) -> bytes:
    return b"".join(iter(lambda: stream.read(1 << 18), b""))


WAYS: dict[str, tuple[Callable[[str, int], str], str]] = {
    "inbound": (inbound, "received"),
    "outbound": (outbound, "sent"),
    "upload": (upload, "success"),
    "download": (download, "success"),
}


def _main(way: str, server: str, size: str) -> None:
    settings(server)
    photos_of_any_size()
    move, expected = WAYS[way.removesuffix("_buffered")]
    if way.endswith("_buffered"):
        with everything_held():
            left_by = move(server, int(size))
    else:
        left_by = move(server, int(size))
    assert left_by == expected, left_by
    print(most_memory(), flush=True)  # noqa: T201 - whoever started it reads it


if __name__ == "__main__":
    _main(*sys.argv[1:])
