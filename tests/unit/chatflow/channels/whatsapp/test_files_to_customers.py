"""Delivering a file: uploaded where WhatsApp does not hold it, sent by its id, its long caption behind it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chatflow.channels.whatsapp.client import MEDIA_ID_SECONDS, Client
from chatflow.errors import ChannelInDoubt, ChannelRefused, ChannelUnavailable, InDoubt
from tests.fakes.fetch import FakeFetch, Reply, Request
from tests.fakes.outgoing_file import FakeFile
from tests.unit.chatflow.channels.whatsapp.examples import ACCOUNT, CONTACT, SECRET, at_version, error

pytestmark = pytest.mark.usefixtures("graph_version")

DEADLINE = 4_000_000_000_000
CONTENT = b"leaflet" * 100_000
LONG = ["word " * 200, "more " * 20]


class Meta:
    """Takes uploads, forgets those that it is told to, and answers with `troubles` first: one for each call."""

    def __init__(self, *troubles: Reply | None) -> None:
        self.troubles = list(troubles)
        self.forgotten: set[str] = set()
        self.uploads = 0
        self.sent: list[dict[str, Any]] = []
        self.paused: list[float] = []
        self.fetch = FakeFetch(self._answer)
        manifest = at_version()
        self.client = Client(ACCOUNT, SECRET, self.fetch, manifest.hosts, manifest.api, pause=self.paused.append)

    def deliver(self, file: FakeFile, sent: list[str] | None = None) -> list[str]:
        return self.client.deliver(file, CONTACT, "t", DEADLINE, sent)

    @property
    def media_ids(self) -> list[str]:
        return [body[body["type"]]["id"] for body in self.sent if body["type"] != "text"]

    def _answer(self, request: Request) -> Reply:
        if self.troubles and (trouble := self.troubles.pop(0)):
            return trouble
        if request.path.endswith("/media"):
            self.uploads += 1
            assert CONTENT in request.body
            return Reply(200, json.dumps({"id": f"media-{self.uploads}"}).encode())
        body = json.loads(request.body)
        if body.get(body["type"], {}).get("id") in self.forgotten:
            return error(131009, "no such media")
        self.sent.append(body)
        return Reply(200, json.dumps({"messages": [{"id": f"wamid.{len(self.sent)}"}]}).encode())


def test_a_file_is_uploaded_sent_and_remembered() -> None:
    meta, file = Meta(), FakeFile(CONTENT, "image", "image/jpeg", "photo.jpg", "Look")
    assert meta.deliver(file) == ["wamid.1"]
    [sent] = meta.sent
    assert sent["image"] == {"id": "media-1", "caption": "Look"}
    assert sent["biz_opaque_callback_data"] == "t"
    assert file.remembered == [("media-1", MEDIA_ID_SECONDS)]


def test_what_whatsapp_holds_is_sent_without_being_read() -> None:
    meta, file = Meta(), FakeFile(CONTENT, stored_id="media-0")
    assert meta.deliver(file) == ["wamid.1"]
    assert (meta.media_ids, file.opened, file.remembered) == (["media-0"], [], [])


def test_what_whatsapp_forgot_is_uploaded_again_once_and_remembered_anew() -> None:
    meta, file = Meta(), FakeFile(CONTENT, stored_id="media-0")
    meta.forgotten.add("media-0")
    assert meta.deliver(file) == ["wamid.1"]
    assert meta.media_ids == ["media-1"]
    assert file.stored_id == "media-1"


def test_a_refusal_of_a_fresh_upload_stands() -> None:
    for stored_id in ("", "media-0"):
        meta = Meta()
        meta.forgotten = {"media-0", "media-1"}
        with pytest.raises(ChannelRefused):
            meta.deliver(FakeFile(CONTENT, stored_id=stored_id))
        assert meta.uploads == 1


def test_a_caption_over_the_limit_follows_in_pieces_of_their_own_tags() -> None:
    meta, sent = Meta(), list[str]()
    meta.deliver(FakeFile(CONTENT, "image", caption="\n\n".join(LONG)), sent)
    assert sent == ["wamid.1", "wamid.2"]
    assert [(body["type"], body["biz_opaque_callback_data"]) for body in meta.sent] == [("image", "t"), ("text", "t#1")]


@pytest.mark.parametrize("known", ["wamid.0", ""], ids=["sent", "in doubt"])
def test_what_was_sent_is_neither_uploaded_nor_sent_again(known: str) -> None:
    meta, file = Meta(), FakeFile(CONTENT, "image", caption="\n\n".join(LONG))
    assert meta.deliver(file, [known]) == [known, "wamid.1"]
    assert ([body["type"] for body in meta.sent], file.opened) == (["text"], [])
    whole = ["wamid.0", "wamid.1"]
    meta.deliver(file, whole)
    assert (len(meta.sent), whole) == (1, ["wamid.0", "wamid.1"])


def test_a_refused_piece_behind_the_file_does_not_upload_the_file_again() -> None:
    meta, sent = Meta(None, error(131026, "no")), list[str]()
    with pytest.raises(ChannelRefused):
        meta.deliver(FakeFile(CONTENT, "image", caption="\n\n".join(LONG), stored_id="media-0"), sent)
    assert (sent, meta.uploads) == (["wamid.1"], 0)


def test_a_channel_that_is_busy_gets_the_whole_file_again() -> None:
    meta, file = Meta(error(130429, "busy"), Reply(503, b"")), FakeFile(CONTENT)
    assert meta.deliver(file) == ["wamid.1"]
    assert [source.given for source in file.opened] == [len(CONTENT)] * 3
    assert len(meta.paused) == 2


def test_a_channel_that_stays_busy_is_unavailable() -> None:
    meta = Meta(*[Reply(503, b"")] * 10)
    with pytest.raises(ChannelUnavailable):
        meta.deliver(FakeFile(CONTENT))
    assert (len(meta.fetch.requests), meta.sent) == (3, [])


@pytest.mark.parametrize(
    ("trouble", "expected"), [(Reply(503, b""), ChannelInDoubt), (Reply(200, b"<html>"), InDoubt)], ids=str
)
def test_only_the_message_can_be_in_doubt_and_it_is_not_repeated(
    trouble: Reply, expected: Callable[..., Exception]
) -> None:
    meta, file = Meta(None, trouble), FakeFile(CONTENT)
    with pytest.raises(InDoubt) as raised:
        meta.deliver(file)
    assert isinstance(raised.value, expected)  # type: ignore[arg-type]
    assert (meta.uploads, len(meta.fetch.requests)) == (1, 2)
