"""Whether a file is taken, and what the customer hears if not."""

from __future__ import annotations

import pytest

from chatflow.errors import MediaRejected
from chatflow.media import REASONS
from chatflow.media.media_rules import (
    INVALID_FILE_TEXTS,
    check_announced_size,
    check_content,
    check_sendable,
    describe_accepted,
    rejected_as_broken,
    rejected_as_too_large,
)
from chatflow.media.profiles import FORMATS, MB, PRODUCT, Profile
from chatflow.media.ranges import InvalidFile

PHOTOS = Profile("whatsapp", {"jpeg": 5 * MB, "png": 5 * MB})
PHOTO_WANTED = "Please send a photo (JPEG or PNG, up to 5 MB)."


def told(rejected: MediaRejected | None) -> tuple[str, str]:
    assert rejected is not None
    assert rejected.reason in REASONS
    return rejected.reason, rejected.user_message


def test_a_file_that_is_wanted_is_taken_up_to_the_last_byte() -> None:
    assert check_content(PHOTOS, FORMATS["jpeg"], 1) is None
    assert check_content(PHOTOS, FORMATS["jpeg"], 5 * MB) is None


def test_another_kind_is_named_and_the_wanted_one_too() -> None:
    assert told(check_content(PHOTOS, FORMATS["mp4"], 100)) == ("wrong_kind", f"That is a video. {PHOTO_WANTED}")
    assert told(check_content(PHOTOS, FORMATS["pdf"], 100)) == ("wrong_kind", f"That is a document. {PHOTO_WANTED}")


def test_one_byte_too_many_is_too_many() -> None:
    assert told(check_content(PHOTOS, FORMATS["png"], 5 * MB + 1)) == (
        "too_large",
        f"That PNG file is too large (5.1 MB). {PHOTO_WANTED}",
    )


def test_a_size_that_is_announced_is_judged_before_the_download() -> None:
    assert check_announced_size(PHOTOS, 0) is None
    assert check_announced_size(PHOTOS, 5 * MB) is None
    assert told(check_announced_size(PHOTOS, 7 * MB)) == (
        "too_large",
        f"That file is too large (7 MB). {PHOTO_WANTED}",
    )


def test_an_announced_size_is_judged_by_the_largest_format_that_is_taken() -> None:
    both = PRODUCT.only(["image", "document"])
    assert check_announced_size(both, 19 * MB) is None
    assert told(check_announced_size(both, 21 * MB))[0] == "too_large"


def test_an_empty_file_is_called_empty() -> None:
    assert told(check_content(PHOTOS, InvalidFile("empty", ""), 0)) == ("empty", f"That file is empty. {PHOTO_WANTED}")


def test_a_file_of_no_known_format_is_told_apart_from_a_sticker() -> None:
    unknown = InvalidFile("unknown_format", "")
    plain = ("unknown_format", f"I cannot read that kind of file. {PHOTO_WANTED}")
    assert told(check_content(PHOTOS, unknown, 9)) == plain
    assert told(check_content(PHOTOS, unknown, 9, "sticker")) == (
        "unknown_format",
        f"That is a sticker. {PHOTO_WANTED}",
    )


@pytest.mark.parametrize("reason", INVALID_FILE_TEXTS)
def test_a_file_that_nobody_takes_is_refused_with_what_is_wrong_with_it(reason: str) -> None:
    wrong = f"That file {INVALID_FILE_TEXTS[reason]}. {PHOTO_WANTED}"
    assert told(check_content(PHOTOS, InvalidFile(reason, "what a log may say"), 9)) == (reason, wrong)


def test_every_reason_has_words() -> None:
    by_hand = {"wrong_kind", "too_large", "unknown_format", "unsupported_by_channel", "not_shown"}
    assert set(REASONS) == by_hand | INVALID_FILE_TEXTS.keys()


def test_a_format_of_the_right_kind_that_the_channel_does_not_take_is_named() -> None:
    assert told(check_content(PHOTOS, FORMATS["usdz"], 9)) == (
        "unsupported_by_channel",
        f"I cannot take USDZ files here. {PHOTO_WANTED}",
    )


def test_files_that_broke_or_never_ended_are_told_so() -> None:
    assert told(rejected_as_broken(PHOTOS)) == ("broken", f"That file arrived broken. {PHOTO_WANTED}")
    assert told(rejected_as_too_large(PHOTOS)) == ("too_large", f"That file is too large. {PHOTO_WANTED}")


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (["video"], "a video (MP4, up to 5 MB)"),
        (["document"], "a document (PDF, Word, Excel or PowerPoint, up to 20 MB)"),
        (["audio"], "an audio file (AAC, AMR, MP4 audio, MP3 or voice note, up to 16 MB)"),
        (["video", "image"], "a photo (JPEG, PNG or USDZ, up to 5 MB) or a video (MP4, up to 5 MB)"),
    ],
)
def test_what_is_accepted_is_said_in_a_customers_words(kinds: list[str], words: str) -> None:
    assert describe_accepted(PRODUCT.only(kinds)) == words


def test_when_nothing_at_all_is_accepted_nothing_is_asked_for() -> None:
    assert told(check_content(Profile("none", {}), FORMATS["pdf"], 9)) == ("wrong_kind", "That is a document.")


def test_what_we_send_must_fit_the_channel() -> None:
    assert check_sendable(PHOTOS, FORMATS["jpeg"], 100) is None
    assert told(check_sendable(PHOTOS, FORMATS["usdz"], 100)) == ("unsupported_by_channel", "")
    assert told(check_sendable(PHOTOS, None, 100)) == ("unsupported_by_channel", "")
    assert told(check_sendable(PHOTOS, FORMATS["jpeg"], 6 * MB)) == ("too_large", "")
