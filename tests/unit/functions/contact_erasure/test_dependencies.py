"""The places that an erasure covers are those of its deployment."""

from __future__ import annotations

import pytest

from chatflow.adapters.dynamodb.connections import ConnectionEraser
from contact_erasure import handler


@pytest.mark.parametrize("table", ["connections", ""])
def test_connections_are_erased_where_there_are_any(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATFLOW_CONNECTIONS_TABLE", table)
    handler._dependencies.cache_clear()
    try:
        erasers = [each for each in handler._dependencies().others if isinstance(each, ConnectionEraser)]
    finally:
        handler._dependencies.cache_clear()
    assert erasers == ([ConnectionEraser(table)] if table else [])
