"""Files without a word are found in what the phone and the business saw."""

from __future__ import annotations

from typing import Any

from local.unanswered_files import unanswered_files


def chat(*messages: str) -> list[dict[str, Any]]:
    """A chat: "heard", "by hand", "wrote", or the hash of a file that was sent."""
    return [
        {
            "seq": seq,
            "direction": "out" if each in ("heard", "by hand") else "in",
            "by_hand": each == "by hand",
            "sha256": "" if each in ("heard", "by hand", "wrote") else each,
        }
        for seq, each in enumerate(messages)
    ]


def test_a_file_that_the_business_has_needs_no_message() -> None:
    assert unanswered_files(chat("heard", "aa"), ["aa"]) == []


def test_a_message_after_the_file_is_a_word() -> None:
    assert unanswered_files(chat("aa", "bb", "heard"), []) == []


def test_a_message_before_the_file_is_none() -> None:
    assert unanswered_files(chat("aa", "heard", "bb", "cc"), ["bb"]) == ["cc"]


def test_the_order_is_that_of_the_phone() -> None:
    assert unanswered_files(reversed(chat("heard", "aa", "wrote")), []) == ["aa"]


def test_files_for_a_person_are_not_the_bots_until_it_speaks_again() -> None:
    assert unanswered_files(chat("by hand", "aa"), []) == []
    assert unanswered_files(chat("by hand", "aa", "heard", "bb"), []) == ["bb"]
    assert unanswered_files(chat("aa", "by hand"), []) == ["aa"]
