"""The secret header, which is all that shows that a POST comes from Telegram."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.channels.telegram.webhook import verify
from chatflow.errors import BadSignature
from tests.unit.chatflow.channels.telegram.examples import SECRET

HEADER = "x-telegram-bot-api-secret-token"


@pytest.mark.parametrize("given", ["new", "old"])
def test_while_the_text_is_rotated_both_count(given: str) -> None:
    verify({HEADER: given}, b"", {**SECRET, "secret_token": ["new", "old"]})


@pytest.mark.parametrize("stored", ["", [], [""], ["", None], None, 7, {}, ["new", 7]])
@pytest.mark.parametrize("given", ["", "old", "None", "7", "é"])
def test_nothing_else_counts(stored: Any, given: str) -> None:
    with pytest.raises(BadSignature):
        verify({HEADER: given}, b"", {"secret_token": stored})


def test_a_post_without_the_header_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify({"authorization": SECRET["secret_token"]}, b"", SECRET)
