"""`chatflow contacts erase`."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow_cli.commands import contacts
from tests.fakes.management.contents import NOW, Contents
from tests.fakes.management.deployment import Deployment
from tests.unit.chatflow_cli.conftest import Chatflow

pytestmark = pytest.mark.usefixtures("logged_in")

GONE: dict[str, Any] = {"asked_at": NOW, "done": True, "removed": {"turns": 3, "dead_letters": 1, "files": 0}}


def test_a_contact_is_erased_and_waited_for(
    chatflow: Chatflow, deployment: Deployment, contents: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "_POLL_INTERVAL", 0.01)
    earlier = {**GONE, "asked_at": "2020-01-01T00:00:00Z"}
    contents.erasures = [earlier, {**GONE, "done": False}, GONE]
    result = chatflow("contacts", "erase", "--account", "1", "--yes", typed="4915\n")
    assert result.out == "c_4 is erased: 3 turns, 1 dead letters.\n"
    assert all("4915" not in call.path and "4915" not in str(call.params) for call in deployment.calls)


def test_who_does_not_wait_is_told_that_it_will_be(chatflow: Chatflow) -> None:
    result = chatflow("contacts", "erase", "--account", "1", "--yes", "--wait", "0", typed="4915\n")
    assert "c_4 will be erased" in result.out


def test_nobody_is_erased_unasked(chatflow: Chatflow, deployment: Deployment) -> None:
    result = chatflow("contacts", "erase", "--account", "1", typed="4915\n")
    assert result.code == 2
    assert not [call for call in deployment.calls if call.path.endswith("/contacts/erase")]


def test_an_erasure_that_removed_nothing_says_so_with_an_exit_code_of_its_own(
    chatflow: Chatflow, contents: Contents
) -> None:
    contents.erasures = [{**GONE, "removed": {"turns": 0, "files": 0}}]
    result = chatflow("contacts", "erase", "--account", "1", "--yes", typed="4915\n")
    assert result.code == 7
    assert "c_4 is erased: nothing was there." in result.out
