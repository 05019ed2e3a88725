"""Every channel keeps the contract, and the contract would notice one that does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from chatflow.channels.manifest import names
from tests.channels.bad_channel import examples as bad_examples
from tests.channels.contract import CLAUSES, Channel, Clause, channel

BAD = Channel(
    "bad_channel", Path(__file__).parent / "bad_channel", "tests.channels.bad_channel", cast(Any, bad_examples)
)


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.__name__)
def test_a_channel_keeps_its_promise(name: str, clause: Clause) -> None:
    clause(channel(name))


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.__name__)
def test_a_bad_channel_breaks_every_promise(clause: Clause) -> None:
    with pytest.raises(AssertionError):
        clause(BAD)


def test_whatsapp_is_discovered_without_a_list() -> None:
    assert "whatsapp" in names()


def test_a_channel_without_examples_fails_with_what_to_write() -> None:
    with pytest.raises(AssertionError, match=r"write tests/channels/pigeon_post/examples\.py"):
        channel("pigeon_post")
