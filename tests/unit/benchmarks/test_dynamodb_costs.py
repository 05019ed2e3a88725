"""What DynamoDB charges, as the benchmarks count it: rules of its documentation, on moto."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chatflow.adapters import aws
from tests.fakes.aws_account import an_account, create_table
from tests.fakes.dynamodb_costs import Costs, counted, size

KEY = {"name": {"S": "n"}, "item": {"S": "i"}}


def row(letters: int = 0, **more: str) -> dict[str, Any]:
    return {**KEY, "text": {"S": letters * "x"}, **{name: {"S": value} for name, value in more.items()}}


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with an_account(monkeypatch):
        create_table("t", "name", "item", by_state=("state", "at"))
        yield aws.client("dynamodb")


def test_an_item_has_the_size_of_its_names_and_values() -> None:
    assert size({"s": {"S": "ü"}, "n": {"N": "123"}, "b": {"B": b"1234"}, "t": {"BOOL": True}}) == 4 + 2 + 3 + 4 + 1
    assert size({"l": {"L": [{"S": "ab"}]}, "m": {"M": {"k": {"S": "ab"}}}}) == 1 + (3 + 1 + 2) + 1 + (3 + 1 + 1 + 2)
    assert size({"s": {"SS": ["a", "bc"]}}) == 4


@pytest.mark.parametrize(
    ("letters", "strong", "units"), [(0, True, 1), (0, False, 0.5), (4096, True, 2), (9000, False, 1.5)]
)
def test_a_read_costs_its_size_in_4_kb_and_half_of_it_unless_it_is_strong(
    dynamodb: Any, letters: int, strong: bool, units: float
) -> None:
    dynamodb.put_item(TableName="t", Item=row(letters))
    with counted(dynamodb, "t") as one:
        dynamodb.get_item(TableName="t", Key=KEY, ConsistentRead=strong)
    with counted(dynamodb, "t") as batch:
        dynamodb.batch_get_item(RequestItems={"t": {"Keys": [KEY], "ConsistentRead": strong}})
    assert (one.read_units, batch.read_units) == (units, units)
    assert len(batch.strong_reads_of("t")) == strong


def test_a_query_costs_all_that_it_reads_and_not_what_it_shows(dynamodb: Any) -> None:
    for number in range(3):
        dynamodb.put_item(TableName="t", Item={**row(3000), "item": {"S": str(number)}})
    with counted(dynamodb, "t") as costs:
        shown = dynamodb.query(
            TableName="t",
            KeyConditionExpression="#name = :n",
            FilterExpression="#item = :i",
            ProjectionExpression="#item",
            ExpressionAttributeNames={"#name": "name", "#item": "item"},
            ExpressionAttributeValues={":n": {"S": "n"}, ":i": {"S": "1"}},
        )["Items"]
    assert (shown, costs.read_units) == ([{"item": {"S": "1"}}], 1.5)


@pytest.mark.parametrize(
    ("before", "after", "writes"),
    [
        (None, row(), 0),  # the index does not have it
        (None, row(state="waiting", at="1"), 1),
        (row(state="waiting", at="1"), row(state="waiting", at="2"), 2),
        (row(state="waiting", at="1"), row(1, state="waiting", at="1"), 1),
        (row(state="waiting", at="1"), row(state="waiting", at="1"), 0),
        (row(state="waiting", at="1"), row(), 1),
    ],
)
def test_a_changed_key_of_an_index_costs_two_writes(dynamodb: Any, before: Any, after: Any, writes: int) -> None:
    if before:
        dynamodb.put_item(TableName="t", Item=before)
    assert _costs_of_put(dynamodb, after).index_writes == {"by_state": writes}


def test_what_is_not_counted_says_so(dynamodb: Any) -> None:
    with counted(dynamodb, "t"), pytest.raises(AssertionError, match="Scan"):
        dynamodb.scan(TableName="t")


def _costs_of_put(dynamodb: Any, item: Any) -> Costs:
    with counted(dynamodb, "t") as costs:
        dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "t", "Item": item}}])
    return costs
