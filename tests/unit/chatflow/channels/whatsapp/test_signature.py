"""Who may post to the webhook: Meta, and nobody else."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from chatflow.channels.whatsapp.webhook import handshake, verify
from chatflow.errors import BadSignature
from tests.unit.chatflow.channels.whatsapp.examples import SECRET, handshake_query, sign, text_webhook

BODY = text_webhook("wamid.1", "Grüße 📷")
SIGNED = sign(BODY, SECRET)["x-hub-signature-256"]


def test_the_challenge_is_answered() -> None:
    assert handshake(handshake_query(SECRET), SECRET) == "1158201444"


@pytest.mark.parametrize(
    "change",
    [
        {"hub.mode": "unsubscribe"},
        {"hub.mode": ""},
        {"hub.verify_token": ""},
        {"hub.verify_token": SECRET["verify_token"].upper()},
        {"hub.verify_token": "é"},
        {"hub.verify_token": "\ud800"},
        {"hub.challenge": ""},
    ],
)
def test_a_handshake_that_is_not_right_gets_no_answer(change: dict[str, str]) -> None:
    assert handshake({**handshake_query(SECRET), **change}, SECRET) is None


@pytest.mark.parametrize("configured", [None, "", 7, [], [""], [None]])
def test_nobody_can_shake_hands_without_a_configured_token(configured: Any) -> None:
    query = {**handshake_query(SECRET), "hub.verify_token": str(configured or "")}
    assert handshake(query, {**SECRET, "verify_token": configured}) is None


@pytest.mark.parametrize("valid", [["new", SECRET["verify_token"]], [SECRET["verify_token"], "old"]])
def test_during_a_rotation_either_verify_token_is_known(valid: list[str]) -> None:
    assert handshake(handshake_query(SECRET), {**SECRET, "verify_token": valid}) == "1158201444"
    assert handshake(handshake_query({**SECRET, "verify_token": "another"}), {**SECRET, "verify_token": valid}) is None


def test_a_body_that_meta_signed_is_accepted() -> None:
    verify({"x-hub-signature-256": SIGNED}, BODY, SECRET)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        SIGNED.removeprefix("sha256="),
        SIGNED.replace("sha256=", "sha1="),
        SIGNED.upper(),
        SIGNED[:-1],
        SIGNED + "0",
        f" {SIGNED}",
        "sha256=" + "0" * 64,
        "sha256=é",
        "\ud800",
    ],
)
def test_another_signature_is_refused(signature: str) -> None:
    with pytest.raises(BadSignature):
        verify({"x-hub-signature-256": signature}, BODY, SECRET)


def test_the_older_sha1_header_is_not_enough() -> None:
    sha1 = hmac.new(SECRET["app_secret"].encode(), BODY, hashlib.sha1).hexdigest()
    with pytest.raises(BadSignature):
        verify({"x-hub-signature": f"sha1={sha1}"}, BODY, SECRET)


def test_a_body_that_was_written_anew_is_refused_even_if_it_says_the_same() -> None:
    again = json.dumps(json.loads(BODY), ensure_ascii=False).encode()
    assert json.loads(again) == json.loads(BODY)
    with pytest.raises(BadSignature):
        verify({"x-hub-signature-256": SIGNED}, again, SECRET)


def test_the_raw_bytes_are_signed_and_need_not_be_text() -> None:
    body = b"\xff\x00\xfe"
    verify(sign(body, SECRET), body, SECRET)


@pytest.mark.parametrize("signer", ["old", "new"])
def test_during_a_rotation_both_secrets_sign(signer: str) -> None:
    verify(sign(BODY, {"app_secret": signer}), BODY, {"app_secret": ["old", "new"]})


def test_after_a_rotation_the_old_secret_signs_no_more() -> None:
    with pytest.raises(BadSignature):
        verify(sign(BODY, {"app_secret": "old"}), BODY, {"app_secret": "new"})


@pytest.mark.parametrize("configured", [None, "", [], [""], [None], 7, {"a": "b"}])
def test_without_a_configured_secret_nothing_is_accepted(configured: Any) -> None:
    for forged in (sign(BODY, {"app_secret": ""}), sign(BODY, {"app_secret": "None"}), {}):
        with pytest.raises(BadSignature):
            verify(forged, BODY, {"app_secret": configured})
