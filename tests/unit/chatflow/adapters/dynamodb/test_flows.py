"""Published flows as the conversation function reads them, on DynamoDB as moto plays it."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.adapters.dynamodb.flows import PublishedFlows, _slice
from chatflow.errors import NotPublished


def test_a_flow_that_is_not_published_says_what_to_do(table: Any) -> None:
    flows = PublishedFlows(table("flows", "name", "item"))
    with pytest.raises(NotPublished, match="claims is not published; publish it"):
        flows.live("claims")


def test_a_slice_is_read_once(table: Any, aws_account: Any) -> None:
    _slice.cache_clear()
    flows = PublishedFlows(table("flows", "name", "item"))
    item = {"name": {"S": "claims"}, "item": {"S": "v000002#ask"}, "slice": {"S": '{"nodes": {}}'}}
    aws_account("dynamodb").put_item(TableName="flows", Item=item)
    assert flows.slice("claims", 2, "ask") == {"nodes": {}}
    aws_account("dynamodb").delete_table(TableName="flows")
    assert flows.slice("claims", 2, "ask") == {"nodes": {}}
