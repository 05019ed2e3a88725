"""Cursors of pages."""

from __future__ import annotations

import base64

import pytest

from management.http.pagination import decode_cursor, encode_cursor
from management.http.problems import Problem

DEEP = base64.urlsafe_b64encode(b"[" * 1500).decode()
HALF = base64.urlsafe_b64encode(b'{"name":"\\ud800"}').decode()


def slug(act: object, *arguments: object) -> str:
    with pytest.raises(Problem) as raised:
        act(*arguments)  # type: ignore[operator]
    return raised.value.slug


def test_a_cursor_is_decoded_to_its_position() -> None:
    text = encode_cursor(name="grüße/1", at="2026")
    assert decode_cursor(text, "name", "at") == {"name": "grüße/1", "at": "2026"}
    assert text.replace("-", "").replace("_", "").isalnum()
    assert decode_cursor(None, "name") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "e30",
        encode_cursor(other="a"),
        encode_cursor(name="a", more="b"),
        "bnVsbA",
        "ключ",
        "////",
        encode_cursor(name="a\nb"),
        DEEP,
        HALF,
    ],
)
def test_a_cursor_of_another_list_is_refused(text: str) -> None:
    assert slug(decode_cursor, text, "name") == "invalid-request"
