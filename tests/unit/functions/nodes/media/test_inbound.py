"""The Media node, inbound."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.channels.whatsapp.profile import PROFILE as WHATSAPP
from chatflow.conversation.events import Event
from chatflow.errors import ChannelRefused, ChannelUnavailable, MediaRejected, MediaUnavailable
from chatflow.media.reference import MediaReference
from chatflow.messages import IncomingMedia
from nodes.media.rule import visit
from tests.fakes.visit import FakePorts, a_visit, choice, media, received, text, timeout

ASK: dict[str, Any] = {
    "direction": "inbound",
    "prompt": "One photo of [[plate]], please.",
    "accept": ["image"],
    "save_as": "photo",
    "attempts": 3,
    "reprompt": "",
    "already_sent": "",
    "timeout": 0,
}
PHOTO = MediaReference("media/c_ann/s_1/3-abc", "ab" * 32, 1234, "image/jpeg", "image", "photo.jpg")
VIDEO_SENT = MediaRejected("wrong_kind", "That is a video. Please send a photo (JPEG or PNG, up to 5 MB).")
WANTED = "Please send a photo (JPEG or PNG, up to 5 MB)."


def fake_ports(**more: Any) -> FakePorts:
    return FakePorts(profile=WHATSAPP, **more)


def captioned(caption: str) -> Event:
    event = media()
    return {**event, "message": {**event["message"], "text": caption}}


def test_it_asks_and_waits_for_a_file() -> None:
    ports = fake_ports()
    outcome = visit(a_visit({**ASK, "timeout": 120}, variables={"plate": "B 1"}), ports)
    assert ports.texts == ["One photo of B 1, please."]
    assert outcome.wait is not None
    assert outcome.wait.expects == ("media",)
    assert outcome.wait.seconds == 120
    assert outcome.wait.wait_state == {"attempt": 1}


def test_a_file_that_may_be_here_already_is_spoken_of_only_to_someone_who_is_sending_files() -> None:
    config = {**ASK, "prompt": "The second photo, please.", "already_sent": "If you sent it already, that is fine."}
    for event, expected in [
        (media(), ["The second photo, please.\nIf you sent it already, that is fine."]),
        (text("hello"), ["The second photo, please."]),
        (choice("yes"), ["The second photo, please."]),
        ({}, ["The second photo, please."]),
    ]:
        ports = fake_ports()
        visit(a_visit(config, phase="enter", event=event), ports)
        assert ports.texts == expected


def test_a_file_that_fits_is_kept_with_its_caption() -> None:
    ports = fake_ports(taken=PHOTO)
    outcome = visit(a_visit(ASK, event=captioned("the left door")), ports)
    assert outcome.exit == "received"
    assert outcome.set == {"photo": {**PHOTO.to_json(), "caption": "the left door"}}
    assert ports.texts == []


def test_what_is_taken_is_what_the_guide_the_channel_and_the_author_all_take() -> None:
    ports = fake_ports(taken=PHOTO)
    visit(a_visit({**ASK, "accept": ["image", "video"]}, event=media()), ports)
    assert set(ports.profiles[0].limits) == {"jpeg", "png", "mp4"}  # WhatsApp shows no USDZ


@pytest.mark.parametrize(("config", "accepted"), [({}, False), ({"active_content": "accept"}, True)])
def test_active_content_is_taken_only_where_the_author_says_so(config: dict[str, str], accepted: bool) -> None:
    ports = fake_ports(taken=PHOTO)
    visit(a_visit({**ASK, **config}, event=media()), ports)
    assert ports.profiles[0].active_content is accepted


def test_a_file_that_does_not_fit_is_named_and_asked_for_again() -> None:
    ports = fake_ports(taken=VIDEO_SENT)
    outcome = visit(a_visit(ASK, event=media("video")), ports)
    assert ports.texts == [VIDEO_SENT.user_message]
    assert outcome.wait is not None
    assert outcome.wait.wait_state == {"attempt": 2}
    assert outcome.effects[0] == {"effect": "take", "rejected": "wrong_kind"}


def test_the_author_s_own_words_follow_what_was_wrong() -> None:
    ports = fake_ports(taken=VIDEO_SENT)
    visit(a_visit({**ASK, "reprompt": "Of [[plate]]."}, event=media("video"), variables={"plate": "B 1"}), ports)
    assert ports.texts == [f"{VIDEO_SENT.user_message}\nOf B 1."]


@pytest.mark.parametrize("event", [text("here it comes"), choice("yes"), text("")])
def test_a_message_without_a_file_is_told_what_to_send_and_how(event: Event) -> None:
    ports = fake_ports()
    outcome = visit(a_visit(ASK, event=event), ports)
    [said] = ports.texts
    assert said.startswith(WANTED)
    assert "attachments" in said
    assert outcome.wait is not None
    assert outcome.wait.wait_state == {"attempt": 2}


def test_the_author_may_say_it_otherwise() -> None:
    ports = fake_ports()
    visit(a_visit({**ASK, "reprompt": "A photo, not a text."}, event=text("hello")), ports)
    assert ports.texts == ["A photo, not a text."]


def test_a_file_that_the_channel_lost_is_asked_for_again() -> None:
    ports = fake_ports(taken=MediaUnavailable("gone"))
    outcome = visit(a_visit(ASK, event=media()), ports)
    assert ports.texts == ["I could not open that file. Please send it again."]
    assert outcome.effects[0] == {"effect": "take", "rejected": "unavailable"}


@pytest.mark.parametrize("kind", ["video_note", "story", "paid_media"])
def test_a_file_that_is_never_taken_is_refused_with_what_is_taken(kind: str) -> None:
    ports = fake_ports()
    outcome = visit(a_visit(ASK, event=received(kind="other", other=kind)), ports)
    assert ports.texts[0].startswith("I cannot take that kind of file. Please send a photo")
    assert outcome.effects[0] == {"effect": "take", "rejected": "unknown_format"}


@pytest.mark.parametrize("event", [media("video"), text("what?")])
def test_after_the_last_attempt_it_gives_up_without_another_word(event: Event) -> None:
    ports = fake_ports(taken=VIDEO_SENT)
    outcome = visit(a_visit(ASK, event=event, wait_state={"attempt": 3}), ports)
    assert outcome.exit == "gave_up"
    assert ports.texts == []


def test_its_timeout_is_an_exit() -> None:
    assert visit(a_visit(ASK, event=timeout()), fake_ports()).exit == "timeout"


@pytest.mark.parametrize("refusal", [ChannelRefused(131047, "too late"), ChannelUnavailable("down")])
def test_a_channel_that_does_not_let_it_ask_is_exit_failed(refusal: Exception) -> None:
    assert visit(a_visit(ASK), fake_ports(refuses=refusal)).exit == "failed"
    assert visit(a_visit(ASK, event=text("x")), fake_ports(refuses=refusal)).exit == "failed"


def test_the_transcript_names_the_file_by_what_it_is_and_not_by_its_name() -> None:
    outcome = visit(a_visit(ASK, event=media(filename="ann-smith-passport.jpg")), fake_ports(taken=PHOTO))
    assert outcome.effects == (
        {
            "effect": "take",
            "key": PHOTO.key,
            "kind": "image",
            "mime": "image/jpeg",
            "size": 1234,
            "sha256": "ab" * 32,
        },
    )


def test_three_files_in_a_row_go_to_three_nodes_in_order() -> None:
    """Each node is entered by the event that filled the one before, and resumed by its own."""
    taken: list[str] = []

    class Keeps(FakePorts):
        def receive_file(self, media: IncomingMedia, profile: Any) -> MediaReference:
            taken.append(media.id)
            return PHOTO

    events = [media(id=f"m{number}") for number in (1, 2, 3)]
    ports = Keeps(profile=WHATSAPP)
    for number, event in enumerate(events):
        entered = visit(a_visit(ASK, phase="enter", event=events[number - 1] if number else text("hi")), ports)
        assert entered.wait is not None
        assert visit(a_visit(ASK, event=event, wait_state=entered.wait.wait_state), ports).exit == "received"
    assert taken == ["m1", "m2", "m3"]


@pytest.mark.parametrize("kind", ["image", "document", "media_placeholder"])
def test_a_file_that_the_channel_announced_and_lost_is_asked_for_again(kind: str) -> None:
    ports = fake_ports()
    outcome = visit(a_visit(ASK, event=received(kind="other", other=kind)), ports)
    assert ports.texts == ["I could not open that file. Please send it again."]
    assert outcome.wait is not None
