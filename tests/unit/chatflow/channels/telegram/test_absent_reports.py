"""Telegram tells nothing of what becomes of a message, and of no person who writes in the bot's place."""

from __future__ import annotations

import pytest

from chatflow.channels.manifest import load
from chatflow.channels.telegram.webhook import parse
from tests.unit.chatflow.channels.telegram.examples import ACCOUNT, posted
from tests.unit.chatflow.channels.telegram.shapes import EXAMPLES, UPDATE_TYPES


@pytest.mark.parametrize("kind", UPDATE_TYPES)
def test_no_update_is_a_status_or_an_answer_by_hand(kind: str) -> None:
    assert "statuses" not in load("telegram").capabilities
    for content in EXAMPLES.values():
        webhook = parse(posted(kind, content), ACCOUNT)
        assert (webhook.deliveries, webhook.echoes) == ([], [])
