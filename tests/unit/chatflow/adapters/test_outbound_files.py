"""A stored file on its way to a customer: what is remembered of it, and when the table is asked."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from chatflow.adapters.dynamodb.uploads import MAX_SECONDS, UploadStore
from chatflow.adapters.outbound_files import StoredFile
from chatflow.errors import NotPublished, Throttled
from chatflow.media.reference import MediaReference
from tests.fakes.aws_account import refused
from tests.fakes.media_store import MemoryStore

FILE = b"leaflet" * 100_000
ASSET = MediaReference("asset/" + "cd" * 32, "cd" * 32, len(FILE), "application/pdf", "document", "next.pdf")
PHOTO = replace(ASSET, key="media/c_ann/s_1/3-abc", mime="image/jpeg", kind="image", filename="photo.jpg")
THIRTY_DAYS = 30 * 86_400


@pytest.fixture
def uploads(table: Any) -> str:
    return str(table("uploads", "content"))


def outgoing(media: MediaReference, table: str, account: str = "whatsapp/106") -> StoredFile:
    store: Any = MemoryStore({ASSET.key: FILE, PHOTO.key: FILE})
    return StoredFile(media, "Look", account, store, UploadStore(table))


def test_a_file_says_what_a_channel_must_know(uploads: str) -> None:
    file = outgoing(PHOTO, uploads)
    assert (file.kind, file.mime, file.size, file.filename, file.caption) == (
        *("image", "image/jpeg", len(FILE), "photo.jpg"),
        "Look",
    )


def test_a_file_is_read_from_its_beginning_each_time_it_is_opened(uploads: str) -> None:
    file = outgoing(PHOTO, uploads)
    for _ in range(2):
        with file.open() as stream:
            assert b"".join(iter(lambda: stream.read(65_536), b"")) == FILE


def test_what_a_channel_holds_of_an_asset_is_remembered_for_all_who_get_it(uploads: str) -> None:
    assert outgoing(ASSET, uploads).stored_id == ""
    outgoing(ASSET, uploads).remember("media-1", THIRTY_DAYS)
    assert outgoing(ASSET, uploads).stored_id == "media-1"


def test_a_new_id_takes_the_place_of_one_that_the_channel_forgot(uploads: str) -> None:
    for id in ("media-1", "media-2"):
        outgoing(ASSET, uploads).remember(id, THIRTY_DAYS)
    assert outgoing(ASSET, uploads).stored_id == "media-2"


def test_another_account_another_content_and_another_type_are_other_uploads(uploads: str) -> None:
    outgoing(ASSET, uploads).remember("media-1", THIRTY_DAYS)
    assert outgoing(ASSET, uploads, "whatsapp/107").stored_id == ""
    assert outgoing(replace(ASSET, sha256="ef" * 32), uploads).stored_id == ""
    assert outgoing(replace(ASSET, mime="image/png"), uploads).stored_id == ""


def test_a_customers_own_file_is_not_remembered_and_costs_no_call_to_the_table() -> None:
    file = outgoing(PHOTO, "no-such-table")
    file.remember("media-1", THIRTY_DAYS)
    assert file.stored_id == ""


def test_the_table_is_asked_once_and_only_by_who_needs_the_id(uploads: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(UploadStore, "find", lambda _self, account, _media: asked.append(account) or "media-1")
    file = outgoing(ASSET, uploads)
    with file.open():
        assert asked == []
    assert (file.stored_id, file.stored_id) == ("media-1", "media-1")
    assert asked == ["whatsapp/106"]


def test_an_upload_is_remembered_for_less_than_the_channel_keeps_it(uploads: str, aws_account: Any) -> None:
    for seconds, longest in ((THIRTY_DAYS, MAX_SECONDS), (3600, 3600)):
        outgoing(replace(ASSET, sha256=str(seconds)), uploads).remember("media-1", seconds)
        [item] = [
            each
            for each in aws_account("dynamodb").scan(TableName=uploads)["Items"]
            if each["content"]["S"] == f"whatsapp/106/{seconds}/application/pdf"
        ]
        assert int(item["expires_at"]["N"]) <= time.time() + longest


def test_an_upload_that_ran_out_is_not_used_though_its_record_is_still_there(uploads: str) -> None:
    outgoing(ASSET, uploads).remember("media-1", -1)
    assert outgoing(ASSET, uploads).stored_id == ""


@pytest.mark.parametrize("error", [Throttled("too many writes"), refused("AccessDenied"), ValueError("?")])
def test_a_file_whose_id_cannot_be_stored_was_sent_all_the_same(
    uploads: str, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_args: Any) -> None:
        raise error

    monkeypatch.setattr(UploadStore, "save", fail)
    outgoing(ASSET, uploads).remember("media-1", THIRTY_DAYS)


def test_a_file_that_is_gone_is_not_published(uploads: str) -> None:
    with pytest.raises(NotPublished), outgoing(replace(PHOTO, key="media/c_ann/gone"), uploads).open():
        pass
