"""Every channel keeps the contract, and the contract would notice one that does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from inspect import signature
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, cast

import pytest

from chatflow.channels.manifest import CAPABILITIES, INFRASTRUCTURE, ChannelManifest, load, names
from tests.contract.channels import client_clauses, folder_clauses, push_clauses, rendering_clauses, webhook_clauses
from tests.contract.channels.applicability import applies
from tests.contract.channels.bad_channel import examples as bad_examples
from tests.contract.channels.channel_under_test import Channel, channel

Clause = Callable[[Channel], None]


def _clauses(*modules: ModuleType) -> list[Clause]:
    """The functions of these modules that take a channel and nothing else, and are not kept to themselves."""
    found = [each for module in modules for each in vars(module).values() if isinstance(each, FunctionType)]
    return [each for each in found if list(signature(each).parameters) == ["channel"] and each.__name__[0] != "_"]


def _name(parameter: str | Clause) -> str:
    return parameter if isinstance(parameter, str) else parameter.__name__


def _claims(bad: str) -> frozenset[str]:
    return _words(BAD_CHANNELS[bad].manifest)


def _words(manifest: ChannelManifest) -> frozenset[str]:
    """What a channel can do and what it requests, which decide the clauses that apply."""
    return manifest.capabilities | manifest.infrastructure


CLAUSES = _clauses(folder_clauses, webhook_clauses, rendering_clauses, client_clauses, push_clauses)

BAD = Channel(
    "bad_channel", Path(__file__).parent / "bad_channel", "tests.contract.channels.bad_channel", cast(Any, bad_examples)
)


# Between them, every clause applies.
BAD_CHANNELS = {"all": replace(BAD, claims=frozenset(CAPABILITIES)), "none": replace(BAD, claims=frozenset())}


@pytest.mark.parametrize(
    ("name", "clause"),
    [(name, clause) for name in names() for clause in CLAUSES if applies(clause, _words(load(name)))],
    ids=_name,
)
def test_a_channel_keeps_its_promise(name: str, clause: Clause) -> None:
    clause(channel(name))


@pytest.mark.parametrize("clause", [each for each in CLAUSES if applies(each, frozenset())], ids=_name)
def test_a_folder_is_all_that_a_channel_takes(pigeon: Channel, clause: Clause) -> None:
    """This one has no capability, and lies in a folder of the test."""
    assert pigeon.manifest.capabilities == frozenset()
    clause(pigeon)


@pytest.mark.parametrize("clause", [each for each in CLAUSES if applies(each, frozenset(INFRASTRUCTURE))], ids=_name)
def test_a_channel_that_requests_everything_keeps_its_promise(requesting_pigeon: Channel, clause: Clause) -> None:
    assert requesting_pigeon.manifest.infrastructure == frozenset(INFRASTRUCTURE)
    clause(requesting_pigeon)


@pytest.mark.parametrize(
    ("claims", "clause"),
    [(claims, clause) for claims in BAD_CHANNELS for clause in CLAUSES if applies(clause, _claims(claims))],
    ids=_name,
)
def test_a_bad_channel_breaks_every_promise(claims: str, clause: Clause) -> None:
    with pytest.raises(AssertionError):
        clause(BAD_CHANNELS[claims])


def test_no_clause_is_left_out() -> None:
    assert len({clause.__name__ for clause in CLAUSES}) == len(CLAUSES)
    assert [clause for clause in CLAUSES if not any(applies(clause, _claims(claims)) for claims in BAD_CHANNELS)] == []


def test_a_channel_without_examples_fails_with_what_to_write() -> None:
    with pytest.raises(AssertionError, match=r"write tests/unit/chatflow/channels/pigeon_post/examples\.py"):
        channel("pigeon_post")
