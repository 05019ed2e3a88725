"""`chatflow node-types`: shows what nodes can do."""

from __future__ import annotations

import json

import pytest

from tests.unit.chatflow_cli.conftest import Chatflow

pytestmark = pytest.mark.usefixtures("logged_in")


def test_each_type_is_shown_with_its_exits(chatflow: Chatflow) -> None:
    _, row = chatflow("node-types").out.splitlines()
    words = ("sing", "Sings a song.", "sung", "one per entry of verses", "yes")
    assert [word for word in words if word not in row] == []


def test_scripts_get_all_of_it(chatflow: Chatflow) -> None:
    (sing,) = json.loads(chatflow("node-types", "--json").out)["items"]
    assert sing["variants"][0]["exits"][1]["each"] == "verses"
