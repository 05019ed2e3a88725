"""The writing side of what is published: versions that never change, and which of them is live.

Table `flows` holds flows and routes, table `assets` the library: key `name` + `item`, where the item is "v000001", a
slice "v000001#<node>", or "live": a copy of the live version. `chatflow.adapters.published` reads them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chatflow.adapters.aws import client
from chatflow.errors import NotPublished, Unavailable
from chatflow.publication import Entry, Live, Master, Move

_LIVE = "live"
_MOST_MOVES = 100  # items of one DynamoDB transaction
Item = dict[str, Any]


class Shelf:
    """Where versions stand."""

    def __init__(self, flows_table: str, assets_table: str) -> None:
        self._flows = flows_table
        self._assets = assets_table

    def live(self, id: str) -> Live | None:
        """The live version, if there is one."""
        item = self._get(id, _LIVE)
        if item is None:
            return None
        return Live(int(item["version"]["N"]), item["master"]["S"], int(item["published_at"]["N"]))

    def add(self, entry: Entry, master: Master, now: int) -> int:
        """Keep the next version, and give its number. It is not live yet."""
        version = self._latest(entry.id) + 1
        number = {"version": {"N": str(version)}}
        for node, part in entry.slices.items():
            self._put(entry.id, f"{_item(version)}#{node}", {**number, "slice": {"S": _compact(part)}})
        about = {"master": {"S": master}, "hash": {"S": entry.hash}, "published_at": {"N": str(now)}}
        document = {"document": {"S": _compact({**entry.document, "version": version})}}
        fields = _fields(entry.document) if entry.kind == "asset" else document
        self._put(entry.id, _item(version), {**number, **about, **fields})
        return version

    def move(self, moves: Sequence[Move]) -> None:
        """Make these versions live, up to a hundred at once. Raises Unavailable when one was moved by someone else."""
        dynamodb = client("dynamodb")
        for start in range(0, len(moves), _MOST_MOVES):
            items = [self._transaction(move) for move in moves[start : start + _MOST_MOVES]]
            try:
                dynamodb.transact_write_items(TransactItems=items)
            except dynamodb.exceptions.TransactionCanceledException:
                raise Unavailable("another version went live while these were published; deploy again") from None

    def _transaction(self, move: Move) -> dict[str, Any]:
        was = {
            "ConditionExpression": "version = :was",
            "ExpressionAttributeValues": {":was": {"N": str(move.was)}},
        }
        nothing_was = {
            "ConditionExpression": "attribute_not_exists(#name)",
            "ExpressionAttributeNames": {"#name": "name"},
        }
        condition = was if move.was else nothing_was
        table = {"TableName": self._table(move.id)}
        if not move.to:
            return {"Delete": {**table, "Key": _key(move.id, _LIVE), **condition}}
        version = self._get(move.id, _item(move.to))
        if version is None:
            raise NotPublished(f"version {move.to} of {move.id} is not there any more")
        return {"Put": {**table, "Item": {**version, **_key(move.id, _LIVE)}, **condition}}

    def _latest(self, id: str) -> int:
        """The highest number that was ever given; a slice that was left alone counts too."""
        found = client("dynamodb").query(
            TableName=self._table(id),
            KeyConditionExpression="#name = :name AND begins_with(#item, :v)",
            ExpressionAttributeNames={"#name": "name", "#item": "item"},
            ExpressionAttributeValues={":name": _key(id, "")["name"], ":v": {"S": "v"}},
            ProjectionExpression="version",
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=1,
        )["Items"]
        return int(found[0]["version"]["N"]) if found else 0

    def _get(self, id: str, item: str) -> Item | None:
        answer = client("dynamodb").get_item(TableName=self._table(id), Key=_key(id, item), ConsistentRead=True)
        found: Item | None = answer.get("Item")
        return found

    def _put(self, id: str, item: str, fields: Item) -> None:
        dynamodb = client("dynamodb")
        try:
            dynamodb.put_item(
                TableName=self._table(id),
                Item={**_key(id, item), **fields},
                ConditionExpression="attribute_not_exists(#name)",
                ExpressionAttributeNames={"#name": "name"},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            raise Unavailable(f"another version of {id} is being published; deploy again") from None

    def _table(self, id: str) -> str:
        return self._assets if id.startswith("asset/") else self._flows


def keep_file(entry: Entry, source_bucket: str, bucket: str) -> None:
    """Copy an asset's bytes into the library, from bucket to bucket. Twice is once: its key is its content's hash."""
    client("s3", read_timeout=120).copy_object(
        Bucket=bucket,
        Key=entry.document["key"],
        CopySource={"Bucket": source_bucket, "Key": entry.file},
        ContentType=entry.document["mime"],
        MetadataDirective="REPLACE",
        Tagging="state=clean",
        TaggingDirective="REPLACE",
    )


def _key(id: str, item: str) -> Item:
    return {"name": {"S": id.partition("/")[2]}, "item": {"S": item}}


def _item(version: int) -> str:
    return f"v{version:06d}"


def _fields(document: Mapping[str, Any]) -> Item:
    return {name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in document.items()}


def _compact(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
