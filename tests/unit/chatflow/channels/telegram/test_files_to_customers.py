"""Files to customers: by which method they go, streamed or by their id, and what Telegram refuses."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

import pytest

from chatflow.adapters.dynamodb.uploads import MAX_SECONDS
from chatflow.channels.telegram.file_sending import FILE_ID_SECONDS
from chatflow.channels.telegram.photos import is_shown_as_photo
from chatflow.errors import ChannelRefused, ChannelUnavailable, InDoubt, Unavailable
from chatflow.media.profiles import FORMATS, MB
from tests.contract.channels.channel_under_test import DEADLINE
from tests.fakes.fetch import FakeFetch, Reply, Request
from tests.fakes.outgoing_file import FakeFile
from tests.unit.chatflow.channels.telegram.examples import (
    ACCOUNT,
    CONTACT,
    FILE_ID,
    SECRET,
    answer,
    error,
    file,
    known,
    result,
    sent,
)
from tests.unit.chatflow.channels.telegram.test_sending import client_of


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x02\0\0\0" + b"x" * 90_000


def jpeg(width: int, height: int, before: bytes = b"") -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHH", 17, 8, height, width) + b"\x03" + b"\0" * 9
    return b"\xff\xd8" + before + frame + b"x" * 90_000


def picture(content: bytes, mime: str = "image/jpeg") -> FakeFile:
    return FakeFile(content, "image", mime, "damage.jpg", "Look")


def deliver(outgoing: FakeFile, answering: Callable[[Request], Reply | Exception] = answer) -> FakeFetch:
    fetch = FakeFetch(answering)
    client_of(fetch).deliver(outgoing, CONTACT, "t", DEADLINE, [])
    return fetch


def methods(fetch: FakeFetch) -> list[str]:
    return [request.path.rpartition("/")[2] for request in fetch.requests]


_METHODS = {
    **dict.fromkeys(("jpeg", "png"), "sendPhoto"),
    **dict.fromkeys(("m4a", "mp3"), "sendAudio"),
    "opus": "sendVoice",
    "mp4": "sendVideo",
}


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_goes_as_telegrams_apps_show_it(name: str) -> None:
    found = FORMATS[name]
    content = {"jpeg": jpeg(800, 600), "png": png(800, 600)}.get(name, b"content")
    fetch = deliver(FakeFile(content, found.kind, found.mime, f"a.{found.extension}"))
    assert methods(fetch) == [_METHODS.get(name, "sendDocument")]


def test_a_file_is_streamed_in_one_multipart_body_with_its_caption() -> None:
    outgoing = FakeFile(b"content" * 200_000, filename="Bericht für Ä.pdf", caption="Here it is")
    fetch = deliver(outgoing)
    [request] = fetch.requests
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert outgoing.content in request.body
    for name, value in (("chat_id", CONTACT), ("caption", "Here it is"), ("disable_content_type_detection", "true")):
        assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in request.body
    assert 'name="document"; filename="Bericht für Ä.pdf"\r\nContent-Type: application/pdf\r\n'.encode() in request.body
    assert [source.largest <= MB for source in outgoing.opened] == [True]


@pytest.mark.parametrize(
    ("mime", "name"), [("video/mp4", "file.mp4"), ("audio/mpeg", "file.mp3"), ("image/x", "file.bin")]
)
def test_a_file_without_a_name_gets_one_with_its_extension(mime: str, name: str) -> None:
    [request] = deliver(FakeFile(b"content", "video", mime, "")).requests
    assert f'filename="{name}"'.encode() in request.body


def test_a_photo_is_read_once_also_when_its_size_is_looked_at() -> None:
    outgoing = picture(jpeg(800, 600))
    [request] = deliver(outgoing).requests
    assert len(outgoing.opened) == 1
    assert outgoing.content in request.body


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (jpeg(4000, 3000), True),
        (jpeg(5000, 5000), True),
        (jpeg(5001, 5000), False),
        (jpeg(2000, 100), True),
        (jpeg(2001, 100), False),
        (jpeg(100, 2001), False),
        (jpeg(6000, 6000, b"\xff\xe1\x00\x10" + b"e" * 14 + b"\xff"), False),
        (png(4000, 3000), True),
        (png(9000, 2000), False),
        (b"\xff\xd8\xff", True),  # no size is found: Telegram decides
        (b"\xff\xd8\xff\xc0\x00", True),
        (b"\xff\xd8\xff\xe1\xff", True),
        (b"\x89PNG\r\n\x1a\n", True),
        (b"", True),
    ],
)
def test_a_picture_that_telegram_shows_is_a_photo_and_any_other_a_document(content: bytes, shown: bool) -> None:
    mime = "image/png" if content.startswith(b"\x89") else "image/jpeg"
    assert is_shown_as_photo(mime, len(content), content[: 64 * 1024]) == shown
    assert methods(deliver(picture(content, mime))) == ["sendPhoto" if shown else "sendDocument"]


def test_a_picture_of_more_than_ten_megabytes_is_a_document() -> None:
    head = jpeg(800, 600)[:1000]
    assert is_shown_as_photo("image/jpeg", 10 * MB, head)
    assert not is_shown_as_photo("image/jpeg", 10 * MB + 1, head)


@pytest.mark.parametrize("description", ["PHOTO_INVALID_DIMENSIONS", "IMAGE_PROCESS_FAILED", "PHOTO_SAVE_FILE_INVALID"])
def test_a_picture_that_telegram_refuses_as_a_photo_is_sent_as_a_document(description: str) -> None:
    def refuse_photos(request: Request) -> Reply:
        return error(400, f"Bad Request: {description}") if "sendPhoto" in request.path else answer(request)

    outgoing = picture(jpeg(800, 600))
    fetch = deliver(outgoing, refuse_photos)
    assert methods(fetch) == ["sendPhoto", "sendDocument"]
    assert outgoing.content in fetch.requests[-1].body
    assert b'name="caption"\r\n\r\nLook' in fetch.requests[-1].body
    assert outgoing.stored_id.startswith("document:")


def test_a_voice_note_to_a_person_who_wants_none_is_sent_as_a_document() -> None:
    def refuse_voice(request: Request) -> Reply:
        return error(400, "Bad Request: VOICE_MESSAGES_FORBIDDEN") if "Voice" in request.path else answer(request)

    assert methods(deliver(FakeFile(b"OggS", "audio", "audio/ogg", "a.ogg"), refuse_voice)) == [
        "sendVoice",
        "sendDocument",
    ]


def test_a_document_that_telegram_refuses_is_refused_once() -> None:
    fetch = FakeFetch(lambda _request: error(413, "Request Entity Too Large"))
    with pytest.raises(ChannelRefused) as refused:
        client_of(fetch).deliver(FakeFile(b"content"), CONTACT, "t", DEADLINE, [])
    assert refused.value.cause == "file"
    assert methods(fetch) == ["sendDocument"]


@pytest.mark.parametrize("description", ["Forbidden: bot was blocked by the user", "Forbidden: user is deactivated"])
def test_for_a_person_who_blocked_the_bot_a_file_is_sent_once_only(description: str) -> None:
    for outgoing in (picture(jpeg(800, 600)), FakeFile(b"x", stored_id=known("document"))):
        fetch = FakeFetch(lambda _request: error(403, description))
        with pytest.raises(ChannelRefused) as refused:
            client_of(fetch).deliver(outgoing, CONTACT, "t", DEADLINE, [])
        assert (len(fetch.requests), refused.value.cause) == (1, "unreachable")


@pytest.mark.parametrize(
    ("content", "way"),
    [
        ({"document": file()}, "document"),
        ({"photo": [file(file_id="small"), file()]}, "photo"),
        ({"animation": file(), "document": file(file_id="other")}, "animation"),
        ({"audio": file()}, "audio"),
        ({"video": file()}, "video"),
    ],
)
def test_telegrams_id_of_a_file_is_remembered_with_the_way_it_was_sent(content: dict[str, Any], way: str) -> None:
    outgoing = FakeFile(b"content")
    deliver(outgoing, lambda _request: result(sent(**content)))
    assert outgoing.remembered == [(known(way), FILE_ID_SECONDS)]
    again = deliver(outgoing)
    assert methods(again) == [f"send{way.title()}"]
    assert json.loads(again.requests[0].body)[way] == FILE_ID
    assert len(outgoing.opened) == 1


def test_an_id_is_remembered_for_as_long_as_is_said() -> None:
    assert FILE_ID_SECONDS <= MAX_SECONDS


def test_an_id_is_used_for_the_name_that_it_shows_and_for_no_other() -> None:
    """Telegram renames no file that it has: the name of one customer would be shown to the next."""
    for stored in (known("document", name="Contract Anna.pdf"), f"document:{FILE_ID}"):
        outgoing = FakeFile(b"content", filename="Contract Ben.pdf", stored_id=stored)
        [request] = deliver(outgoing).requests
        assert b'filename="Contract Ben.pdf"' in request.body
        assert outgoing.stored_id == known("document", name="Contract Ben.pdf")


@pytest.mark.parametrize(
    "content", [{}, {"document": {}}, {"photo": []}, {"document": {"file_id": 5}}, {"photo": ["x"]}]
)
def test_an_answer_without_an_id_of_the_file_is_a_file_that_was_sent(content: dict[str, Any]) -> None:
    outgoing = FakeFile(b"content")
    deliver(outgoing, lambda _request: result(sent(**content)))
    assert outgoing.remembered == []


@pytest.mark.parametrize(
    "description",
    ["wrong file identifier/HTTP URL specified", "wrong remote file identifier specified", "a new reason"],
)
def test_a_file_whose_id_is_refused_is_sent_anew_and_its_new_id_remembered(description: str) -> None:
    def refuse_id(request: Request) -> Reply:
        if request.headers["content-type"] == "application/json":
            return error(400, f"Bad Request: {description}")
        return answer(request)

    outgoing = FakeFile(b"content", stored_id=known("document", "old"))
    fetch = deliver(outgoing, refuse_id)
    assert methods(fetch) == ["sendDocument", "sendDocument"]
    assert outgoing.stored_id == known("document")


@pytest.mark.parametrize("stored", ["old", known("carrier-pigeon"), ":", "::", "document:"])
def test_an_id_of_a_way_that_is_not_known_is_not_used(stored: str) -> None:
    [request] = deliver(FakeFile(b"content", stored_id=stored)).requests
    assert b"content" in request.body


def test_while_the_limit_is_reached_a_file_is_kept_for_later_and_its_id_too() -> None:
    for outgoing in (FakeFile(b"content"), FakeFile(b"content", stored_id=known("document"))):
        fetch = FakeFetch(lambda _request: error(429, "Too Many Requests: retry after 9", retry_after=9))
        with pytest.raises(ChannelUnavailable) as limit:
            client_of(fetch).deliver(outgoing, CONTACT, "t", DEADLINE, [])
        assert (limit.value.after, len(fetch.requests), outgoing.remembered) == (9.0, 1, [])


@pytest.mark.parametrize("outage", [InDoubt("cut"), Reply(502, b"<html>"), Reply(200, b"")])
def test_a_file_whose_answer_is_lost_is_in_doubt_and_not_sent_again_here(outage: Reply | Exception) -> None:
    fetch = FakeFetch(lambda _request: outage)
    with pytest.raises(InDoubt):
        client_of(fetch).deliver(picture(jpeg(800, 600)), CONTACT, "t", DEADLINE, [])
    assert len(fetch.requests) == 1


def test_a_file_that_cannot_be_read_was_not_sent() -> None:
    with pytest.raises(Unavailable):
        client_of(FakeFetch(lambda _request: Unavailable("S3 is away"))).deliver(
            FakeFile(b"content"), CONTACT, "t", DEADLINE, []
        )


def test_what_a_caption_is_too_long_for_follows_the_file_and_is_not_sent_twice() -> None:
    outgoing = FakeFile(b"content", caption="word " * 1300)
    replies = iter([result(sent(document=file())), error(429, "Too Many Requests", retry_after=1)])
    ids: list[str] = []
    fetch = FakeFetch(lambda _request: next(replies))
    with pytest.raises(ChannelUnavailable):
        client_of(fetch).deliver(outgoing, CONTACT, "t", DEADLINE, ids)
    assert ids == ["58"]
    later = FakeFetch(answer)
    client_of(later).deliver(outgoing, CONTACT, "t", DEADLINE, ids)
    assert methods(later) == ["sendMessage", "sendMessage"]
    assert len(ids) == 3
    said = " ".join(json.loads(each.body)["text"] for each in later.requests)
    assert said.count("word") + fetch.requests[0].body.count(b"word") == 1300


def test_a_token_that_is_renewed_while_a_file_is_sent_means_that_it_must_be_opened_again() -> None:
    new = {**SECRET, "bot_token": f"{ACCOUNT}:BBH-theNewTokenOfTheExamples_0123456789"}
    with pytest.raises(ChannelUnavailable, match="renewed"):
        client_of(FakeFetch(lambda _request: error(401, "Unauthorized")), lambda: new).deliver(
            FakeFile(b"content"), CONTACT, "t", DEADLINE, []
        )
