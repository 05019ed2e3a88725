"""What Meta's refusals mean for us: try again (and when), or never, or a person has to act."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatflow.channels.whatsapp.errors import error_for
from chatflow.channels.whatsapp.failure_reasons import failure_reason
from chatflow.errors import ChannelInDoubt, ChannelRefused, ChannelUnavailable
from tests.unit.chatflow.channels.whatsapp.examples import error

TOKEN = "EAAGm0PX4ZCpsBAKZCexampleTokenOfMeta"


def _refusal(code: int, status: int = 400, **headers: str) -> ChannelRefused | ChannelUnavailable | ChannelInDoubt:
    return error_for(status, headers, error(code, "Some detail").body)


@pytest.mark.parametrize(
    ("code", "after"),
    [(4, 60), (80007, 60), (130429, 1), (131056, 4), (131057, 60)],
)
def test_a_limit_means_that_nothing_was_sent_whatever_the_http_status(code: int, after: float) -> None:
    for status in (400, 403, 429, 500, 503):
        found = _refusal(code, status)
        assert isinstance(found, ChannelUnavailable), status
        assert (found.code, found.after) == (code, after), status
        assert found.account_after == (0 if code == 131056 else after), "only the pair rate concerns one customer"
        assert found.retryable, status


@pytest.mark.parametrize("code", [1, 2, 131000, 131016, 999_999])
def test_a_server_that_fails_may_have_sent_the_message(code: int) -> None:
    for status in (500, 502, 503):
        found = _refusal(code, status, **{"retry-after": "7"})
        assert isinstance(found, ChannelInDoubt), status
        assert (found.code, found.after) == (code, 7), status
    assert isinstance(_refusal(code, 429), ChannelUnavailable)


@pytest.mark.parametrize("code", [1, 2, 131000, 131016])
def test_a_server_failure_that_refuses_the_request_sent_nothing(code: int) -> None:
    for status in (400, 403, 429):
        assert isinstance(_refusal(code, status), ChannelUnavailable), status


@pytest.mark.parametrize(
    "code",
    [
        *(100, 131008, 131009, 131021, 131026, 131030, 131047, 131049, 131051, 131053, 131062, 132001),
        *(0, 10, 190, 200, 250, 299, 368, 130497, 131031, 131042, 131048),
    ],
)
def test_what_stays_refused_is_refused_whatever_the_http_status(code: int) -> None:
    for status in (400, 403, 429, 500):
        found = _refusal(code, status)
        assert isinstance(found, ChannelRefused), status
        assert found.code == code, status
        assert not found.retryable, status
        assert "Some detail" in found.explanation, status
        assert found.cause == failure_reason(code), status


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (190, "store a new access_token"),
        (0, "store a new access_token"),
        (10, "whatsapp_business_messaging"),
        (200, "whatsapp_business_messaging"),
        (131048, "pause"),
        (131042, "payment"),
    ],
)
def test_what_a_person_must_do_is_said(code: int, advice: str) -> None:
    found = _refusal(code)
    assert isinstance(found, ChannelRefused)
    assert advice in found.explanation


def test_what_needs_no_person_gives_no_advice() -> None:
    found = _refusal(131026)
    assert str(found) == "the channel refused the call with code 131026: (#131026) Something is wrong: Some detail"


def test_a_server_that_asks_for_more_patience_gets_it() -> None:
    assert _refusal(130429, 429, **{"retry-after": "30"}).after == 30  # type: ignore[union-attr]
    assert _refusal(4, 429, **{"retry-after": "30"}).after == 60  # type: ignore[union-attr]


@pytest.mark.parametrize("asked", ["", "soon", "-1", "1e9", "999999", "²", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_patience_that_is_no_number_of_seconds_is_not_guessed(asked: str) -> None:
    found = error_for(503, {"retry-after": asked}, b"")
    assert isinstance(found, ChannelInDoubt)
    assert found.after == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'{"error": "x"}', b'{"error": {"code": "x"}}', b"[" * 100_000, b"\xff", b'{"error": {}}'],
    ids=lambda body: body[:20].decode("latin-1"),
)
def test_without_a_code_the_http_status_decides(body: bytes) -> None:
    kinds = {429: ChannelUnavailable, 500: ChannelInDoubt}
    for status in (302, 400, 404, 429, 500):
        found = error_for(status, {}, body)
        assert type(found) is kinds.get(status, ChannelRefused), status
        assert found.code == 0, status
        assert f"HTTP {status}" in str(found)


def test_a_code_that_nobody_knows_follows_the_http_status() -> None:
    assert isinstance(_refusal(999_999, 503), ChannelInDoubt)
    assert isinstance(_refusal(999_999, 400), ChannelRefused)


def test_meta_may_say_itself_that_an_error_passes() -> None:
    body: dict[str, Any] = json.loads(error(999_999, "d").body)
    body["error"]["is_transient"] = True
    assert isinstance(error_for(400, {}, json.dumps(body).encode()), ChannelUnavailable)


@pytest.mark.parametrize(
    "details",
    [
        f"Malformed access token {TOKEN}",
        "Recipient +44 7700 900123 is not there",
        "Recipient 447700900123 is not there",
        "Object with ID '106540352242922' does not exist",
        "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA= is gone",
    ],
)
def test_an_error_shows_no_token_no_number_and_no_id(details: str) -> None:
    told = str(error_for(400, {}, error(131009, details).body))
    assert "…" in told
    assert not any(secret in told for secret in (TOKEN, "7700", "106540352242922", "HBgLMTY1"))


def test_an_explanation_is_short() -> None:
    assert len(str(error_for(400, {}, error(131009, "blah " * 1_000).body))) < 400
