"""What customers send on Telegram, in our words."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.channels.telegram.webhook import parse
from chatflow.errors import InvalidInput
from chatflow.messages import IncomingMedia, IncomingMessage
from tests.unit.chatflow.channels.telegram.examples import (
    ACCOUNT,
    AT,
    CONTACT,
    FILE_ID,
    UPDATE,
    chat,
    file,
    message,
    person,
    posted,
    sent,
)

HUGE = 4_000_000_000  # bytes: more than 32 bits hold


def received(**content: Any) -> IncomingMessage:
    webhook = parse(posted("message", message(**content)), ACCOUNT)
    assert (webhook.skipped, webhook.answer) == ([], "")
    [found] = webhook.messages
    return found


def test_a_message_names_its_sender() -> None:
    found = received(text="Hello")
    assert (found.id, found.channel, found.account, found.contact, found.at) == ("57", "telegram", ACCOUNT, CONTACT, AT)
    assert (found.name, found.language, found.identity) == ("Sheena Nelson", "pt-br", "")
    assert found.other_addresses == ("@sheena_n",)


def test_a_sender_without_a_last_name_a_username_and_a_language_is_a_sender() -> None:
    found = received(**{"from": {"id": int(CONTACT), "is_bot": False, "first_name": "Sheena"}}, text="Hello")
    assert (found.name, found.language, found.other_addresses) == ("Sheena", "", ())
    assert received(**{"from": None}, text="Hello").name == ""


@pytest.mark.parametrize(
    ("content", "kind", "mime", "filename"),
    [
        ({"document": file(mime_type="application/pdf", file_name="a.pdf")}, "document", "application/pdf", "a.pdf"),
        ({"video": file(mime_type="video/mp4", file_name="a.mp4")}, "video", "video/mp4", "a.mp4"),
        ({"animation": file(mime_type="video/mp4"), "document": file(file_id="other")}, "video", "video/mp4", ""),
        ({"audio": file(mime_type="audio/mpeg", performer="x")}, "audio", "audio/mpeg", ""),
        ({"voice": file(mime_type="audio/ogg")}, "audio", "audio/ogg", ""),
        ({"sticker": file(emoji="👍", type="regular")}, "sticker", "", ""),
        ({"photo": [file()], "live_photo": file(file_id="moving")}, "image", "image/jpeg", ""),
    ],
)
def test_a_file_is_announced_with_its_id_and_without_an_address(
    content: dict[str, Any], kind: str, mime: str, filename: str
) -> None:
    found = received(**content, caption="Look")
    size = file()["file_size"]
    assert found.media == IncomingMedia(FILE_ID, kind, mime, size=size, filename=filename, url="")
    assert (found.kind, found.text) == ("media", "Look")
    assert found.voice == ("voice" in content)


@pytest.mark.parametrize("turned", [False, True])
def test_of_a_photo_the_largest_size_counts(turned: bool) -> None:
    sizes = [
        {"file_id": "s", "width": 90, "height": 60, "file_size": 1_000},
        {"file_id": "m", "width": 320, "height": 213},
        {"file_id": "x", "width": 1280, "height": 853, "file_size": 160_000},
    ]
    found = received(photo=sizes[::-1] if turned else sizes)
    assert found.media == IncomingMedia("x", "image", "image/jpeg", size=160_000)


def test_photos_that_were_sent_together_say_so_and_the_caption_is_that_of_one() -> None:
    album = [
        received(message_id=at, photo=[file()], media_group_id="13579", caption=None if at else "x") for at in (1, 2)
    ]
    assert [(each.id, each.album) for each in album] == [("1", "13579"), ("2", "13579")]
    assert IncomingMessage.from_json(album[0].to_json()) == album[0]
    assert "album" not in received(photo=[file()]).to_json()


def test_the_size_of_a_large_file_is_read_whole() -> None:
    found = received(document=file(file_size=HUGE))
    assert found.media is not None
    assert found.media.size == HUGE


@pytest.mark.parametrize(
    ("written", "text", "link"),
    [
        ("/start", "start", ""),
        ("/START", "START", ""),
        ("/start damage", "damage", "damage"),
        ("/start   two-words_64 ", "two-words_64", "two-words_64"),
        ("/start@example_bot damage", "damage", "damage"),
        ("/damage", "damage", ""),
        ("/damage@example_bot B AB 1\nfront", "damage B AB 1\nfront", ""),
        ("/home/user", "/home/user", ""),
        ("/", "/", ""),
        ("/größe", "/größe", ""),
        ("1/2 cup", "1/2 cup", ""),
        ("see /start damage", "see /start damage", ""),
    ],
)
def test_a_command_is_its_word_and_a_deep_link_what_stands_behind_start(written: str, text: str, link: str) -> None:
    found = received(text=written)
    assert (found.kind, found.text) == ("text", text)
    assert found.referral == ({"source_type": "link", "source_id": link} if link else None)
    assert found.begins == written.lower().startswith("/start")


def test_a_place_and_a_venue_are_places() -> None:
    place = {"latitude": 52.52, "longitude": 13.405, "horizontal_accuracy": 10.0}
    venue = {"location": place, "title": "Garage", "address": "Main street 1", "foursquare_id": "x"}
    assert received(location=place).location == {"latitude": 52.52, "longitude": 13.405}
    assert received(location=place, venue=venue).location == {
        "latitude": 52.52,
        "longitude": 13.405,
        "name": "Garage",
        "address": "Main street 1",
    }


def test_a_contact_is_a_card() -> None:
    contact = {"phone_number": "+491511234567", "first_name": "Ann", "last_name": "Lee", "user_id": 1, "vcard": "x"}
    found = received(contact=contact)
    assert (found.kind, found.contacts) == ("contacts", [{"name": "Ann Lee", "phones": ["+491511234567"]}])


def test_a_rolled_emoji_is_the_emoji() -> None:
    assert received(dice={"emoji": "🎲", "value": 3}).text == "🎲"


@pytest.mark.parametrize("kind", ["video_note", "story", "paid_media"])
def test_a_file_that_bots_cannot_use_is_refused_in_words(kind: str) -> None:
    found = received(**{kind: file(length=240)})
    assert (found.kind, found.other, found.unusable_file) == ("other", kind, True)
    assert not found.quiet


def test_a_reply_names_the_message_that_it_answers_and_a_forwarded_one_says_so() -> None:
    assert received(text="Yes", reply_to_message=sent(text="Go on?")).reply_to == "58"
    assert received(text="Yes", forward_origin={"type": "hidden_user"}).forwarded


def test_an_edit_is_quiet_and_says_what_it_changes() -> None:
    edited = message(text="B AB 12", edit_date=AT + 60)
    [found] = parse(posted("edited_message", edited), ACCOUNT).messages
    assert (found.id, found.original, found.text, found.at) == (f"57.edit.{UPDATE}", "57", "B AB 12", AT + 60)
    assert found.quiet
    again = parse(posted("edited_message", edited, UPDATE + 1), ACCOUNT).messages[0]
    assert again.id != found.id


def test_a_place_that_moves_is_nothing_to_tell_anybody() -> None:
    moved = message(location={"latitude": 1.0, "longitude": 2.0, "live_period": 900}, edit_date=AT + 5)
    webhook = parse(posted("edited_message", moved), ACCOUNT)
    assert (webhook.messages, webhook.skipped) == ([], [])


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_only_private_chats_are_answered(kind: str) -> None:
    webhook = parse(posted("message", message(chat=chat(id=-1001234567890, type=kind), text="/start")), ACCOUNT)
    assert (webhook.messages, webhook.skipped, webhook.answer) == ([], [f"message:{kind}"], "")


def test_an_id_that_no_person_has_is_nobodys() -> None:
    for id in (-5, 0, True, 1.5, "5", None, 2**60):
        webhook = parse(posted("message", message(chat=chat(id=id), text="Hello")), ACCOUNT)
        assert (webhook.messages, len(webhook.skipped)) == ([], 1), id


def test_a_webhook_whose_address_names_no_bot_is_for_nobody() -> None:
    with pytest.raises(InvalidInput, match="name the bot"):
        parse(posted("message", message(text="Hello")), "")


def test_what_was_sent_for_a_business_account_is_not_ours() -> None:
    webhook = parse(posted("business_message", message(text="Hello", business_connection_id="x")), ACCOUNT)
    assert (webhook.messages, webhook.skipped) == ([], ["update:business_message"])


def test_the_persons_name_is_not_stored_longer_than_names_are() -> None:
    assert len(received(**{"from": person(first_name="x" * 5000)}, text="Hello").name) <= 256
