"""What the Bot API refuses, with the status and the words of Telegram."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.local.telegram_simulator.conftest import CUSTOMER, RunningSimulator, picture

CHAT = {"chat_id": CUSTOMER}
TOO_LONG_DATA = {"inline_keyboard": [[{"text": "x", "callback_data": "ü" * 33}]]}
NO_DATA = {"inline_keyboard": [[{"text": "x"}]]}

Case = tuple[str, dict[str, Any], int, str]

REFUSED: dict[str, Case] = {
    "an unknown method": ("sendNothing", CHAT, 404, "Not Found: method not found"),
    "no chat": ("sendMessage", {"text": "x"}, 400, "Bad Request: chat_id is empty"),
    "an unknown chat": ("sendMessage", {"chat_id": 5_000_000, "text": "x"}, 400, "Bad Request: chat not found"),
    "a person who never wrote": (
        "sendMessage",
        {"chat_id": 700100143, "text": "x"},
        400,
        "Bad Request: chat not found",
    ),
    "no text": ("sendMessage", CHAT, 400, "Bad Request: message text is empty"),
    "a blank text": ("sendMessage", {**CHAT, "text": " \n"}, 400, "Bad Request: message text is empty"),
    "a text too long": ("sendMessage", {**CHAT, "text": "x" * 4097}, 400, "Bad Request: message is too long"),
    "too long in UTF-16": (
        "sendMessage",
        {**CHAT, "text": "😀" * 2049},
        400,
        "Bad Request: message is too long",
    ),
    "a style it does not know": (
        *("sendMessage", {**CHAT, "text": "x", "parse_mode": "Wiki"}, 400, "Bad Request: unsupported parse_mode"),
    ),
    "a tag that is not closed": (
        "sendMessage",
        {**CHAT, "text": "<b>x", "parse_mode": "HTML"},
        400,
        "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
    ),
    "button data of 66 bytes": (
        *("sendMessage", {**CHAT, "text": "x", "reply_markup": TOO_LONG_DATA}, 400, "Bad Request: BUTTON_DATA_INVALID"),
    ),
    "a button that does nothing": (
        "sendMessage",
        {**CHAT, "text": "x", "reply_markup": NO_DATA},
        400,
        "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    "no file": ("sendDocument", CHAT, 400, "Bad Request: there is no document in the request"),
    "an unknown file": (
        *("sendPhoto", {**CHAT, "photo": "AgAC-nothing"}, 400),
        "Bad Request: wrong file identifier/HTTP URL specified",
    ),
    "a caption too long": (
        *("sendPhoto", {**CHAT, "photo": "x", "caption": "x" * 1025}, 400, "Bad Request: message caption is too long"),
    ),
    "getFile of an unknown file": ("getFile", {"file_id": "x"}, 400, "Bad Request: invalid file_id"),
    "an unknown tap": (
        *("answerCallbackQuery", {"callback_query_id": "1"}, 400),
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    ),
    "a webhook without TLS": (
        *("setWebhook", {"url": "http://example.com/"}, 400),
        "Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
    ),
    "a webhook on another port": (
        *("setWebhook", {"url": "https://example.com:444/"}, 400),
        "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
    ),
    "a secret with a space": (
        *("setWebhook", {"url": "https://example.com/", "secret_token": "a b"}, 400),
        "Bad Request: secret token contains unallowed characters",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_in_the_words_of_telegram(simulator: RunningSimulator, case: str) -> None:
    simulator.say("hello")
    method, values, status, words = REFUSED[case]
    answer = simulator.call(method, **values)
    assert (answer.status_code, answer.json()) == (status, {"ok": False, "error_code": status, "description": words})


UPLOADS: dict[str, tuple[str, bytes, str]] = {
    "nothing in it": ("document", b"", "Bad Request: file must be non-empty"),
    "no picture": ("photo", b"<html>", "Bad Request: IMAGE_PROCESS_FAILED"),
    "a picture like a ribbon": ("photo", picture(2100, 100), "Bad Request: PHOTO_INVALID_DIMENSIONS"),
    "a picture of more than 10 MB": (
        *("photo", picture() + bytes(10 * 1024 * 1024)),
        f"Bad Request: file of size {len(picture()) + 10 * 1024 * 1024} bytes is too big for a photo; "
        "the maximum size is 10485760 bytes",
    ),
}


@pytest.mark.parametrize("case", UPLOADS)
def test_an_upload_is_refused(simulator: RunningSimulator, case: str) -> None:
    simulator.say("hello")
    kind, body, words = UPLOADS[case]
    answer = simulator.call(f"send{kind}", files={kind: ("a.bin", body, "application/octet-stream")}, chat_id=CUSTOMER)
    assert (answer.status_code, answer.json()["description"]) == (400, words)
    assert simulator.messages(direction="out") == []


def test_a_wrong_token_is_refused_everywhere(simulator: RunningSimulator) -> None:
    for path in ("/bot1:x/getMe", "/file/bot1:x/photos/file_0.jpg"):
        answer = simulator.http.get(path)
        assert (answer.status_code, answer.json()["description"]) == (401, "Unauthorized")


def test_a_body_beyond_50_mb_is_refused_by_its_announced_length(simulator: RunningSimulator) -> None:
    simulator.say("hello")
    huge = {"document": ("a.bin", bytes(52 * 1024 * 1024), "application/pdf")}
    answer = simulator.call("sendDocument", files=huge, chat_id=CUSTOMER)
    assert (answer.status_code, answer.json()["description"]) == (413, "Request Entity Too Large")


def test_a_file_beyond_20_mb_cannot_be_downloaded(simulator: RunningSimulator) -> None:
    simulator.send(("a.pdf", bytes(20 * 1024 * 1024 + 1), "application/pdf"))
    (document,) = [message["document"] for message in simulator.state.sent.values()]
    answer = simulator.call("getFile", file_id=document["file_id"])
    assert (answer.status_code, answer.json()["description"]) == (400, "Bad Request: file is too big")


def test_a_blocked_bot_may_not_write(simulator: RunningSimulator) -> None:
    simulator.say("hello")
    simulator.act("switch", {"switch": "allowed", "on": False})
    answer = simulator.call("sendMessage", chat_id=CUSTOMER, text="x")
    assert (answer.status_code, answer.json()["description"]) == (403, "Forbidden: bot was blocked by the user")
    simulator.act("switch", {"switch": "allowed", "on": True})
    assert simulator.result("sendMessage", chat_id=CUSTOMER, text="x")["text"] == "x"


def test_a_file_id_is_for_its_own_kind(simulator: RunningSimulator) -> None:
    simulator.say("hello")
    sent = simulator.result("sendDocument", files={"document": ("a.pdf", b"%PDF", "application/pdf")}, chat_id=CUSTOMER)
    answer = simulator.call("sendPhoto", chat_id=CUSTOMER, photo=sent["document"]["file_id"])
    assert answer.json()["description"] == "Bad Request: can't use file of type Document as Photo"


def test_too_many_requests_say_when_to_come_again(simulator: RunningSimulator) -> None:
    simulator.say("hello")
    simulator.fault(send={"retry_after": 7})
    answer = simulator.call("sendMessage", chat_id=CUSTOMER, text="x")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }


def test_an_answer_may_be_lost_after_the_message_was_sent(simulator: RunningSimulator) -> None:
    simulator.say("hello")
    simulator.fault(upload={"status": 502, "after": True})
    files = {"document": ("a.pdf", b"%PDF", "application/pdf")}
    assert simulator.call("sendDocument", files=files, chat_id=CUSTOMER).status_code == 502
    assert len(simulator.messages(direction="out")) == 1


def test_a_download_may_break_off(simulator: RunningSimulator) -> None:
    simulator.send(("a.pdf", b"%PDF-1.4 whole", "application/pdf"))
    (document,) = [message["document"] for message in simulator.state.sent.values()]
    path = simulator.result("getFile", file_id=document["file_id"])["file_path"]
    simulator.fault(download={"cut": 5})
    with pytest.raises(Exception, match="peer closed connection"):
        simulator.http.get(f"/file/bot{simulator.state.settings.token}/{path}")
