"""Taps on buttons, and the calls that the webhook's answer asks Telegram for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatflow.channels.telegram.rendering import render
from chatflow.channels.telegram.webhook import GROUP_TEXT, parse
from chatflow.messages import Choices, Option
from tests.unit.chatflow.channels.telegram.examples import ACCOUNT, CONTACT, UPDATE, chat, person, posted, sent, tap

GROUP = -1001234567890


def member(kind: str, before: str, after: str, id: int = GROUP) -> bytes:
    change = {"chat": {"id": id, "type": kind, "title": "Us"}, "from": person(), "date": 1}
    return posted(
        "my_chat_member", {**change, "old_chat_member": {"status": before}, "new_chat_member": {"status": after}}
    )


def test_a_tap_is_the_choice_of_an_option_of_one_message() -> None:
    [found] = parse(posted("callback_query", tap()), ACCOUNT).messages
    assert (found.id, found.kind, found.choice, found.text) == (f"58.tap.{UPDATE}", "choice", "yes", "Yes, please")
    assert (found.reply_to, found.contact, found.name, found.at) == ("58", CONTACT, "Sheena Nelson", 0)


def test_each_tap_is_one_event_and_a_repeated_webhook_is_the_same() -> None:
    ids = [parse(posted("callback_query", tap(), update), ACCOUNT).messages[0].id for update in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]


def test_a_tap_is_acknowledged_in_the_answer_to_the_webhook() -> None:
    answer = parse(posted("callback_query", tap()), ACCOUNT).answer
    assert json.loads(answer) == {"method": "answerCallbackQuery", "callback_query_id": tap()["id"]}


@pytest.mark.parametrize(
    "odd",
    [
        {"message": None, "inline_message_id": "x"},  # under a message that somebody sent via the bot
        {"message": sent(chat=chat(id=GROUP, type="supergroup"))},
        {"data": None, "game_short_name": "chess"},
        {"data": 5},
    ],
)
def test_a_tap_on_nothing_of_ours_is_acknowledged_and_skipped(odd: dict[str, Any]) -> None:
    webhook = parse(posted("callback_query", tap(**odd)), ACCOUNT)
    assert webhook.messages == []
    assert len(webhook.skipped) == 1
    assert json.loads(webhook.answer)["method"] == "answerCallbackQuery"


def test_a_tap_on_a_message_that_telegram_no_longer_holds_is_a_tap() -> None:
    inaccessible = {"chat": chat(), "message_id": 58, "date": 0}
    [found] = parse(posted("callback_query", tap(message=inaccessible)), ACCOUNT).messages
    assert (found.choice, found.text, found.reply_to) == ("yes", "", "58")


@pytest.mark.parametrize("id", [None, "", 5, "x" * 65])
def test_without_an_id_nothing_can_be_acknowledged(id: Any) -> None:
    webhook = parse(posted("callback_query", tap(id=id)), ACCOUNT)
    assert (len(webhook.messages), webhook.answer) == (1, "")


@pytest.mark.parametrize("id", ["yes", "x" * 64, "ä" * 32])
def test_what_a_button_carries_comes_back_as_it_was_sent(id: str) -> None:
    [body] = render(Choices("Go on?", (Option(id, "Yes"), Option("no", "No"))), CONTACT)
    shown = sent(text=body["text"], reply_markup=body["reply_markup"])
    data = body["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    [found] = parse(posted("callback_query", tap(data, message=shown)), ACCOUNT).messages
    assert (found.choice, found.text) == (id, "Yes")


@pytest.mark.parametrize("kind", ["group", "supergroup"])
@pytest.mark.parametrize("before", ["left", "kicked"])
@pytest.mark.parametrize("after", ["member", "administrator"])
def test_a_group_that_the_bot_is_added_to_hears_once_where_it_can_help(kind: str, before: str, after: str) -> None:
    webhook = parse(member(kind, before, after), ACCOUNT)
    assert json.loads(webhook.answer) == {"method": "sendMessage", "chat_id": GROUP, "text": GROUP_TEXT}
    assert (webhook.messages, webhook.skipped) == ([], [])


@pytest.mark.parametrize(
    "change",
    [
        ("group", "member", "administrator", GROUP),
        ("group", "member", "left", GROUP),
        ("supergroup", "restricted", "member", GROUP),
        ("channel", "left", "administrator", GROUP),  # all of its readers would see it
        ("private", "member", "kicked", int(CONTACT)),  # the person blocked the bot
        ("private", "kicked", "member", int(CONTACT)),
    ],
)
def test_no_other_change_of_membership_is_answered(change: tuple[str, str, str, int]) -> None:
    webhook = parse(member(*change), ACCOUNT)
    assert (webhook.answer, webhook.messages, webhook.skipped) == ("", [], [])
