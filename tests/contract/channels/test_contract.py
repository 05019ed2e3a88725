"""Every channel keeps the contract, and the contract would notice one that does not."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, cast

import pytest

from chatflow.channels.manifest import names
from tests.contract.channels import client_clauses, folder_clauses, rendering_clauses, webhook_clauses
from tests.contract.channels.bad_channel import examples as bad_examples
from tests.contract.channels.channel_under_test import Channel, channel

Clause = Callable[[Channel], None]


def _clauses(*modules: ModuleType) -> list[Clause]:
    """The functions of these modules that take a channel and nothing else, and are not kept to themselves."""
    found = [each for module in modules for each in vars(module).values() if isinstance(each, FunctionType)]
    return [each for each in found if list(signature(each).parameters) == ["channel"] and each.__name__[0] != "_"]


CLAUSES = _clauses(folder_clauses, webhook_clauses, rendering_clauses, client_clauses)

BAD = Channel(
    "bad_channel", Path(__file__).parent / "bad_channel", "tests.contract.channels.bad_channel", cast(Any, bad_examples)
)


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.__name__)
def test_a_channel_keeps_its_promise(name: str, clause: Clause) -> None:
    clause(channel(name))


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.__name__)
def test_a_bad_channel_breaks_every_promise(clause: Clause) -> None:
    with pytest.raises(AssertionError):
        clause(BAD)


def test_a_channel_without_examples_fails_with_what_to_write() -> None:
    with pytest.raises(AssertionError, match=r"write tests/unit/chatflow/channels/pigeon_post/examples\.py"):
        channel("pigeon_post")
