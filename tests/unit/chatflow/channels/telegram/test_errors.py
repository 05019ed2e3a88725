"""What Telegram's refusals mean. The descriptions are those of its own server, tdlib/telegram-bot-api."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.channels.telegram.errors import error_for
from chatflow.errors import ChannelInDoubt, ChannelRefused, ChannelUnavailable, ChatflowError
from tests.unit.chatflow.channels.telegram.examples import ACCOUNT, CONTACT, FILE_ID, SECRET, error


def meant(status: int, description: str, headers: dict[str, str] | None = None, **parameters: Any) -> ChatflowError:
    return error_for(status, headers or {}, error(status, description, **parameters).body)


@pytest.mark.parametrize(
    ("status", "description", "cause"),
    [
        (403, "Forbidden: bot was blocked by the user", "unreachable"),
        (403, "Forbidden: user is deactivated", "unreachable"),
        (403, "Forbidden: bot can't initiate conversation with a user", "unreachable"),
        (403, "Forbidden: bot can't send messages to bots", "unreachable"),
        (403, "Forbidden: bot was kicked from the group chat", "unreachable"),
        (403, "Forbidden: a reason that is yet to come", "unreachable"),
        (400, "Bad Request: chat not found", "unreachable"),
        (400, "Bad Request: PEER_ID_INVALID", "unreachable"),
        (400, "Bad Request: group chat was upgraded to a supergroup chat", "unreachable"),
        (400, "Bad Request: wrong file identifier/HTTP URL specified", "file"),
        (400, "Bad Request: wrong remote file identifier specified: Wrong padding", "file"),
        (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", "file"),
        (400, "Bad Request: IMAGE_PROCESS_FAILED", "file"),
        (400, "Bad Request: VOICE_MESSAGES_FORBIDDEN", "file"),
        (400, "Bad Request: file is too big", "file"),
        (413, "Request Entity Too Large", "file"),
        (413, "", "file"),
        (401, "Unauthorized", "account"),
        (404, "Not Found", "account"),
        (400, "Bad Request: message is too long", "content"),
        (400, "Bad Request: message text is empty", "content"),
        (400, "Bad Request: BUTTON_DATA_INVALID", "content"),
        (400, "", "unknown"),
        (403, "", "unknown"),
    ],
)
def test_a_refusal_is_for_good_and_says_what_it_means_on_any_channel(status: int, description: str, cause: str) -> None:
    found = meant(status, description)
    assert isinstance(found, ChannelRefused)
    assert (found.code, found.cause) == (status, cause)
    assert found.explanation.startswith(description or "HTTP")


@pytest.mark.parametrize("status", [401, 404])
def test_a_token_that_telegram_does_not_know_says_what_to_do(status: int) -> None:
    assert "store a new bot_token" in str(meant(status, "Unauthorized"))


@pytest.mark.parametrize(
    ("parameters", "headers", "after"),
    [
        ({"retry_after": 35}, {}, 35.0),
        ({"retry_after": "35"}, {}, 35.0),
        ({}, {"retry-after": "7"}, 7.0),
        ({"retry_after": 35}, {"retry-after": "7"}, 35.0),
        ({}, {}, 0.0),
        ({"retry_after": -1}, {}, 0.0),
        ({"retry_after": None}, {"retry-after": "soon"}, 0.0),
        ({"retry_after": 10**9}, {}, 3600.0),
    ],
)
def test_a_limit_says_when_to_try_again(parameters: dict[str, Any], headers: dict[str, str], after: float) -> None:
    found = meant(429, "Too Many Requests: retry after 35", headers, **parameters)
    assert isinstance(found, ChannelUnavailable)
    assert (found.after, found.code) == (after, 429)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"ok":false,"error_code":500,"description":"Internal Server Error"}']
)
def test_when_telegrams_servers_fail_the_message_may_have_been_sent(status: int, body: bytes) -> None:
    assert isinstance(error_for(status, {}, body), ChannelInDoubt)


@pytest.mark.parametrize(
    "secret",
    [SECRET["bot_token"], SECRET["bot_token"].partition(":")[2], ACCOUNT, CONTACT, FILE_ID, "42424", "@x 12345"],
)
def test_no_token_no_id_and_no_number_is_part_of_an_error(secret: str) -> None:
    for status in (400, 403, 401, 429, 500):
        shown = str(meant(status, f"Bad Request: /bot{secret}/sendMessage of {secret} failed ({secret})"))
        assert secret not in shown


@given(
    st.integers(300, 599),
    st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda each: json.dumps(each).encode())),
)
def test_any_answer_is_an_error_of_ours(status: int, body: bytes) -> None:
    found = error_for(status, {}, body)
    assert isinstance(found, ChannelRefused | ChannelUnavailable | ChannelInDoubt)
    assert isinstance(found, ChannelInDoubt) == (status >= 500)


@pytest.mark.parametrize(("retry_after", "silence"), [(0, 1.0), (2, 2.0), (3600, 3.0)])
def test_a_limit_silences_the_whole_bot_for_a_few_seconds_at_most(retry_after: int, silence: float) -> None:
    found = meant(429, "Too Many Requests: retry later", retry_after=retry_after)
    assert isinstance(found, ChannelUnavailable)
    assert (found.after, found.account_after) == (retry_after, silence)
