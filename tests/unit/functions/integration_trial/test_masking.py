"""No form of a secret gets through, and looking for it takes no time worth speaking of."""

from __future__ import annotations

import base64
import time
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from integration_trial.masking import MASKED, Mask

SECRETS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=6, max_size=40).filter(str.strip)


def _mask(*secrets: str) -> Mask:
    mask = Mask()
    for secret in secrets:
        mask.register(secret)
    return mask


@settings(max_examples=200, deadline=None)
@given(SECRETS, st.text(max_size=7), st.text(max_size=7))
def test_a_secret_is_hidden_plain_and_encoded_wherever_it_stands(secret: str, before: str, after: str) -> None:
    around = (before + secret + after).encode("utf-8", "replace")
    forms = [
        f"x{secret}y",
        quote(f"x{secret}y", safe=""),
        base64.b64encode(around).decode(),
        base64.urlsafe_b64encode(around).decode(),
        secret.encode().hex(),
    ]
    for form in forms:
        assert MASKED in _mask(secret).masked(form), form


def test_what_holds_no_secret_stays() -> None:
    told = {"a": ["token", 1, None, True], "b": "Bearer of news"}
    assert _mask("secret-token").masked(told) == told
    assert Mask().masked(told) == told


def test_keys_and_numbers_are_masked_too() -> None:
    assert _mask("123456").masked({"123456": 123456}) == {MASKED: MASKED}


def test_no_half_of_a_secret_is_left_where_a_text_is_cut() -> None:
    shown = _mask("tokentoken").masked("x" * 32_763 + "tokentoken")
    assert "token" not in shown


def test_a_hostile_answer_is_looked_through_quickly() -> None:
    mask = _mask("token&1", "A" * 40)
    began = time.process_time()
    for text in ("\\", "%25", "&#0", "A", "t", "to", "Ly8v", "&", "%"):
        mask.masked(text * (262_144 // len(text)))
    assert time.process_time() - began < 20
