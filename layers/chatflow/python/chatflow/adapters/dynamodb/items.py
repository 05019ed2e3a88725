"""DynamoDB calls and field readers that several tables share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chatflow.adapters.aws import client
from chatflow.errors import Unavailable
from chatflow.tolerant_reader import SCHEMA, SCHEMA_VERSION, read_object, require_schema

Item = dict[str, Any]  # attributes in DynamoDB's own form: {"name": {"S": "welcome"}}
_BATCH_KEYS = 100  # DynamoDB's limit for one BatchGetItem
_BATCH_ROUNDS = 20  # requests for one batch: a response ends at 16 MB, and returns the remaining keys as unprocessed


def get_item(table: str, key: Item, *, consistent: bool) -> Item | None:
    """The item with this key, None when there is none."""
    item: Item | None = client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=consistent).get("Item")
    return item


def batch_get(table: str, keys: Iterable[Item], *, consistent: bool, fields: Sequence[str] = ()) -> list[Item]:
    """The items that exist of these keys, in no particular order. The keys must differ from one another.

    `fields` are the attributes to return, all of them when none is given.
    Raises Unavailable when DynamoDB keeps returning unprocessed keys.
    """
    wanted = list(keys)
    names = {f"#{number}": field for number, field in enumerate(fields)}
    projection = {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names} if names else {}
    items: list[Item] = []
    for start in range(0, len(wanted), _BATCH_KEYS):
        remaining = {table: {"Keys": wanted[start : start + _BATCH_KEYS], "ConsistentRead": consistent, **projection}}
        for _ in range(_BATCH_ROUNDS):
            response = client("dynamodb").batch_get_item(RequestItems=remaining)
            items += response["Responses"].get(table, [])
            remaining = response.get("UnprocessedKeys") or {}
            if not remaining:
                break
        else:
            raise Unavailable("DynamoDB did not return all keys; try again in a moment")
    return items


def query(table: str, condition: str, values: Item, **request: Any) -> Iterator[Item]:
    """The items of every page of a query. Each page is requested only when the iteration reaches it.

    `condition` is the KeyConditionExpression, `values` are the ExpressionAttributeValues, `request` holds further
    parameters of the Query operation by their own names.
    """
    parameters = {
        "TableName": table,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": values,
        **request,
    }
    while True:
        page = client("dynamodb").query(**parameters)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def text(item: Item, field: str) -> str:
    """A string field, empty when the item has none."""
    return str(item.get(field, {}).get("S", ""))


def number(item: Item, field: str) -> int:
    """A whole number, 0 when the item has none. DynamoDB also takes 1.5 and 1E+2, which we never write."""
    written = str(item.get(field, {}).get("N", "0"))
    return int(written) if written.removeprefix("-").isdecimal() else 0


def document(item: Item, what: str, field: str = "document") -> dict[str, Any]:
    """The JSON object in a field of a row. `what` is the row's name for people. Raises Unreadable."""
    require_schema(number(item, SCHEMA) if SCHEMA in item else SCHEMA_VERSION, what)
    return read_object(item.get(field, {}).get("S"), what)


def schema() -> Item:
    """The attribute that names the schema version of a row that is written now."""
    return {SCHEMA: {"N": str(SCHEMA_VERSION)}}
