"""A file on its way to a customer."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chatflow.adapters.dynamodb.uploads import MAX_SECONDS, UploadStore
from chatflow.adapters.outbound_files import FileSender
from chatflow.errors import ChannelRefused, ChannelUnavailable, NotPublished
from chatflow.media.reference import MediaReference
from chatflow.nodes.ports import Readable
from tests.fakes.media_store import MemoryStore

FILE = b"leaflet" * 100_000
ASSET = MediaReference("asset/" + "cd" * 32, "cd" * 32, len(FILE), "application/pdf", "document", "next.pdf")
PHOTO = replace(ASSET, key="media/c_ann/s_1/3-abc", mime="image/jpeg", kind="image", filename="photo.jpg")
THIRTY_DAYS = 30 * 86_400
EXPIRED = ChannelRefused(131009, "no such media")


@dataclass
class Channel:
    """Takes uploads, and forgets those that it is told to."""

    troubles: list[Exception] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)
    uploads: list[tuple[bytes, int, str, str]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def upload(self, stream: Readable, size: int, mime: str, filename: str, deadline: int) -> str:
        self.uploads.append((stream.read(), size, mime, filename))
        if self.troubles:
            raise self.troubles.pop(0)
        return f"media-{len(self.uploads)}"

    def send(self, media_id: str) -> str:
        if media_id in self.forgotten:
            raise EXPIRED
        self.sent.append(media_id)
        return f"wamid.{len(self.sent)}"


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def uploads(table: Any) -> str:
    return str(table("uploads", "content"))


def file_sender(channel: Channel, table: str, **more: Any) -> FileSender:
    store: Any = MemoryStore({ASSET.key: FILE, PHOTO.key: FILE})
    given: dict[str, Any] = {
        "channel": channel,
        "account": "whatsapp/106",
        "store": store,
        "uploads": UploadStore(table),
        "id_seconds": THIRTY_DAYS,
        "deadline": round((time.time() + 60) * 1000),
        "pause": lambda _: None,
    }
    return FileSender(**{**given, **more})


def test_a_file_is_uploaded_and_sent(channel: Channel, uploads: str) -> None:
    assert file_sender(channel, uploads).send(PHOTO, channel.send) == "wamid.1"
    assert channel.uploads == [(FILE, len(FILE), "image/jpeg", "photo.jpg")]
    assert channel.sent == ["media-1"]


def test_an_asset_is_uploaded_once_for_all_who_get_it(channel: Channel, uploads: str) -> None:
    for _ in range(3):
        file_sender(channel, uploads).send(ASSET, channel.send)
    assert len(channel.uploads) == 1
    assert channel.sent == ["media-1"] * 3


def test_another_account_another_content_and_another_type_are_other_uploads(channel: Channel, uploads: str) -> None:
    file_sender(channel, uploads).send(ASSET, channel.send)
    file_sender(channel, uploads, account="whatsapp/107").send(ASSET, channel.send)
    file_sender(channel, uploads).send(replace(ASSET, sha256="ef" * 32), channel.send)
    file_sender(channel, uploads).send(replace(ASSET, mime="image/png"), channel.send)
    assert len(channel.uploads) == 4


def test_a_customers_own_file_is_not_remembered(channel: Channel, uploads: str, aws_account: Any) -> None:
    for _ in range(2):
        file_sender(channel, uploads).send(PHOTO, channel.send)
    assert len(channel.uploads) == 2
    assert aws_account("dynamodb").scan(TableName=uploads)["Items"] == []


def test_a_customers_own_file_costs_no_look_into_the_table(channel: Channel, aws_account: Any) -> None:
    file_sender(channel, "no-such-table").send(PHOTO, channel.send)
    assert channel.sent == ["media-1"]


def test_what_the_channel_forgot_is_uploaded_again_once(channel: Channel, uploads: str) -> None:
    file_sender(channel, uploads).send(ASSET, channel.send)
    channel.forgotten.add("media-1")
    assert file_sender(channel, uploads).send(ASSET, channel.send) == "wamid.2"
    assert channel.sent == ["media-1", "media-2"]
    assert file_sender(channel, uploads).send(ASSET, channel.send) == "wamid.3"  # and remembered anew
    assert len(channel.uploads) == 2


def test_a_refusal_of_a_fresh_upload_stands(channel: Channel, uploads: str) -> None:
    channel.forgotten = {"media-1", "media-2", "media-3"}
    with pytest.raises(ChannelRefused):
        file_sender(channel, uploads).send(ASSET, channel.send)
    assert len(channel.uploads) == 1
    with pytest.raises(ChannelRefused):
        file_sender(channel, uploads).send(ASSET, channel.send)
    assert len(channel.uploads) == 2


def test_an_upload_is_remembered_for_less_than_the_channel_keeps_it(
    channel: Channel, uploads: str, aws_account: Any
) -> None:
    for seconds, longest in ((THIRTY_DAYS, MAX_SECONDS), (3600, 3600)):
        file_sender(channel, uploads, id_seconds=seconds).send(replace(ASSET, sha256=str(seconds)), channel.send)
        [item] = [
            each
            for each in aws_account("dynamodb").scan(TableName=uploads)["Items"]
            if each["content"]["S"] == f"whatsapp/106/{seconds}/application/pdf"
        ]
        assert int(item["expires_at"]["N"]) <= time.time() + longest


def test_an_upload_that_ran_out_is_not_used_though_its_record_is_still_there(channel: Channel, uploads: str) -> None:
    file_sender(channel, uploads, id_seconds=-1).send(ASSET, channel.send)
    file_sender(channel, uploads).send(ASSET, channel.send)
    assert channel.sent == ["media-1", "media-2"]


def test_a_channel_that_is_busy_gets_the_whole_file_again(channel: Channel, uploads: str) -> None:
    channel.troubles = [ChannelUnavailable("429"), ChannelUnavailable("503")]
    file_sender(channel, uploads).send(PHOTO, channel.send)
    assert [each[0] for each in channel.uploads] == [FILE] * 3
    assert len(channel.sent) == 1


def test_a_channel_that_stays_busy_is_unavailable(channel: Channel, uploads: str) -> None:
    channel.troubles = [ChannelUnavailable("503")] * 10
    with pytest.raises(ChannelUnavailable):
        file_sender(channel, uploads).send(PHOTO, channel.send)
    assert channel.sent == []


def test_a_file_that_is_gone_is_not_published(channel: Channel, uploads: str) -> None:
    with pytest.raises(NotPublished):
        file_sender(channel, uploads).send(replace(PHOTO, key="media/c_ann/gone"), channel.send)
