"""Hosts through the API: those of the published integrations."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.adapters.dynamodb.held_sessions import HeldSessions
from chatflow.adapters.dynamodb.host_states import HostStates
from management.dependencies import Dependencies
from tests.fakes.aws_account import create_table
from tests.fakes.management_dependencies import with_fakes
from tests.fakes.publishing_tables import Published


@pytest.fixture
def dependencies(dependencies: Dependencies, live: Published) -> Dependencies:
    create_table("sessions", "conversation", "item", by_host=("held_in", "held_at"))
    create_table("hosts", "cell")
    return with_fakes(
        dependencies,
        published_index=live.published_index,
        held_sessions=HeldSessions("sessions"),
        host_states=HostStates("hosts", 25),
    )


def test_a_host_that_nobody_has_called_yet_is_closed_and_all_of_its_slots_are_free(viewer: Any) -> None:
    (host,) = viewer("GET", "/hosts").body["items"]
    assert host == {
        "host": "claims.example.com:443",
        "breaker": "closed",
        "until": None,
        "open_cells": 0,
        "cells": 7,
        "in_use": 0,
        "slots": 25,
        "held": 0,
        "integrations": ["decide", "download", "tell", "upload"],
    }
