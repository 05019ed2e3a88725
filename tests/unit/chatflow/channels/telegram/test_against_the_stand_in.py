"""The channel against the local stand-in, which others wrote from Telegram's pages and from its server's source."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.channels.telegram.rendering import render
from chatflow.errors import ChannelRefused, ChannelUnavailable
from chatflow.messages import Choices, Option, OutgoingMessage, Text
from local.telegram_simulator.message_rules import checked_keyboard, checked_text
from tests import samples
from tests.fakes.outgoing_file import FakeFile
from tests.unit.chatflow.channels.telegram.conftest import CUSTOMER, Telegram, soon
from tests.unit.chatflow.channels.telegram.examples import ACCOUNT, known


def test_a_bot_is_known_by_its_token(telegram: Telegram) -> None:
    assert telegram.client.account_id(soon()) == ACCOUNT
    assert "(@" in telegram.client.account_name(soon())


def test_a_question_is_answered_by_a_tap_on_its_own_button(telegram: Telegram) -> None:
    telegram.act("text", text="/start damage")
    [first] = telegram.incoming()
    assert (first.text, first.contact) == ("damage", CUSTOMER)
    question = Choices("Sure?", (Option("yes", "Yes"), Option("no", "No", "not now")))
    [id] = telegram.client.send(question, CUSTOMER, "t", soon())
    telegram.act("choice", id="yes")
    _, tap = telegram.incoming(2)
    assert (tap.kind, tap.choice, tap.text, tap.reply_to) == ("choice", "yes", "Yes", id)
    assert tap.id != first.id


FILES: dict[str, tuple[tuple[str, bytes, str], dict[str, str]]] = {
    "image": (("a.jpg", samples.photo_jpg(), "image/jpeg"), {"kind": "image"}),
    "document": (("a.pdf", b"%PDF of a document", "application/pdf"), {"kind": "document"}),
    "audio": (("a.ogg", b"OggS of a voice note", "audio/ogg"), {"kind": "audio", "voice": "true"}),
    "video": (("a.mp4", b"ftyp of a video", "video/mp4"), {"kind": "video"}),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_comes_in_as_it_was_sent(telegram: Telegram, kind: str) -> None:
    file, fields = FILES[kind]
    telegram.send(file, caption="look", **fields)
    [found] = telegram.incoming()
    assert found.media is not None
    assert (found.media.kind, found.text, found.voice) == (kind, "look", fields.get("voice") == "true")
    with telegram.client.open(found.media, soon()) as opened:
        assert b"".join(iter(lambda: opened.read(4096), b"")) == file[1]
        assert opened.size == len(file[1])


def test_an_album_is_three_files_of_one_album(telegram: Telegram) -> None:
    photo = ("a.jpg", samples.photo_jpg(), "image/jpeg")
    telegram.send(photo, photo, photo, kind="image", caption="all sides")
    found = telegram.incoming(3)
    assert len({each.album for each in found}) == 1
    assert found[0].album
    assert [each.text for each in found] == ["all sides", "", ""]
    assert len({each.id for each in found}) == 3


@pytest.mark.parametrize(
    ("kind", "mime", "filename", "content"),
    [
        ("image", "image/jpeg", "a.jpg", samples.photo_jpg()),
        ("image", "image/png", "wide.png", samples.image("PNG", 2100, 100)),
        ("document", "application/pdf", "a.pdf", b"%PDF of a document"),
        ("audio", "audio/mpeg", "a.mp3", b"ID3 of a song"),
        ("audio", "audio/ogg", "a.ogg", b"OggS of a voice note"),
        ("video", "video/mp4", "a.mp4", b"ftyp of a video"),
    ],
)
def test_a_file_goes_out_once_and_then_by_its_id(
    telegram: Telegram, kind: str, mime: str, filename: str, content: bytes
) -> None:
    telegram.act("text", text="hello")
    outgoing = FakeFile(content, kind, mime, filename, "Here it is")
    assert len(telegram.client.deliver(outgoing, CUSTOMER, "t", soon(), [])) == 1
    assert outgoing.stored_id
    assert len(telegram.client.deliver(outgoing, CUSTOMER, "t", soon(), [])) == 1
    assert len(outgoing.opened) == 1
    assert len(telegram.shown()) == 2


def test_a_file_whose_id_the_stand_in_does_not_know_is_sent_anew(telegram: Telegram) -> None:
    telegram.act("text", text="hello")
    outgoing = FakeFile(b"%PDF", stored_id=known("document", "AgAC-gone"))
    telegram.client.deliver(outgoing, CUSTOMER, "t", soon(), [])
    assert outgoing.stored_id != known("document", "AgAC-gone")


def test_a_person_who_has_not_pressed_start_is_unreachable(telegram: Telegram) -> None:
    with pytest.raises(ChannelRefused) as refused:
        telegram.client.send(Text("Hello"), "700100143", "t", soon())
    assert refused.value.cause == "unreachable"


def test_a_limit_is_told_in_seconds(telegram: Telegram) -> None:
    telegram.act("text", text="hello")
    answer = telegram.http.post("/handset/faults", json={"send": {"retry_after": 7}})
    assert answer.status_code == 200, answer.text
    with pytest.raises(ChannelUnavailable) as limit:
        telegram.client.send(Text("Hello"), CUSTOMER, "t", soon())
    assert limit.value.after == 7.0


_WORDS = st.text(st.sampled_from("ab 😀\né<&_"), max_size=60)
_LONG_WORDS = st.builds(lambda word, times: word * times, _WORDS, st.sampled_from([1, 1, 30, 200]))
_OPTIONS = st.lists(st.builds(Option, _WORDS, _WORDS, st.just("") | _LONG_WORDS), max_size=12).map(tuple)
_SENDABLE: st.SearchStrategy[OutgoingMessage] = st.builds(Text, _LONG_WORDS) | st.builds(
    Choices, _LONG_WORDS, _OPTIONS, _WORDS
)


@given(sent=_SENDABLE)
def test_the_stand_in_refuses_nothing_that_we_render(sent: OutgoingMessage) -> None:
    for body in render(sent, CUSTOMER):
        checked_text(json.loads(json.dumps(body)))
        checked_keyboard(body)
