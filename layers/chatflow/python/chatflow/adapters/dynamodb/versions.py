"""The writing side of what is published: versions that never change, and which of them is live.

Table `flows` holds flows, routes, integrations and a deployment's values, table `assets` the library: key `name` +
`item`, where the item is "v000001", a slice "v000001#<node>", "source#v000001" (the document as it was written), or
"live": a copy of the live version. `chatflow.adapters.dynamodb.flows` reads them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from chatflow.adapters.aws import client
from chatflow.errors import NotPublished, Overtaken, TooLarge
from chatflow.publishing.model import DraftStays, Entry, Live, Master, Move, Stays

_LIVE = "live"
_DRAFT = "draft"
_MOST_MOVES = 100  # items of one DynamoDB transaction
_OWN_NAME = ("flow", "routes", "asset")  # kinds whose things are known by their name alone, without the kind
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

    def add(self, entry: Entry, master: Master, now: int, *, by: str = "", note: str = "") -> int:
        """Keep the next version, and give its number. It is not live yet. `by` and `note`: who published it, and why.

        Raises Overtaken when someone else keeps a version of it at the same time.
        """
        version = self._latest(entry.id) + 1
        number = {"version": {"N": str(version)}}
        about = {
            **number,
            "master": {"S": master},
            "hash": {"S": entry.hash},
            "published_at": {"N": str(now)},
            "by": {"S": by},
            "note": {"S": note},
        }
        if entry.kind != "asset":
            about["title"] = {"S": str(entry.document.get("title", ""))}
        for node, part in entry.slices.items():
            self._put(entry.id, f"{_item(version)}#{node}", {**number, "slice": {"S": _compact(part)}})
        if entry.source:
            self._put(entry.id, _source(version), {**about, "text": {"S": entry.source}})
        uses = {"uses": {"S": _compact(entry.uses)}} if entry.uses else {}
        document = {"document": {"S": _compact({**entry.document, "version": version})}}
        fields = _fields(entry.document) if entry.kind == "asset" else document
        self._put(entry.id, _item(version), {**about, **uses, **fields})
        return version

    def kept(self, id: str, version: int) -> Entry | None:
        """A version as it was published, to publish it once more; not for assets."""
        item = self._get(id, _item(version))
        if item is None:
            return None
        kind, _, name = id.partition("/")
        document = json.loads(item["document"]["S"])
        document.pop("version")
        source = self._get(id, _source(version)) or {"text": {"S": ""}}
        return Entry(
            kind,  # type: ignore[arg-type]  # an id begins with its kind
            name,
            item["hash"]["S"],
            document,
            {node: json.loads(each["slice"]["S"]) for node, each in self._slices(id, version).items()},
            source=source["text"]["S"],
            uses=json.loads(item["uses"]["S"]) if "uses" in item else {},
        )

    def discard(self, id: str, version: int) -> None:
        """Take back a version that never went live."""
        slices = [f"{_item(version)}#{node}" for node in self._slices(id, version)]
        for item in (_item(version), _source(version), *slices):
            client("dynamodb").delete_item(TableName=self._table(id), Key=_key(id, item))

    def expire(self, id: str, expires_at: int, *, last: int | None = None) -> None:
        """Let every version up to `last` go at that time, in seconds since the epoch: sessions may end on them.

        What somebody publishes meanwhile, under the same name, has a higher number and stays.
        """
        dynamodb = client("dynamodb")
        for prefix in ("v", "source#"):
            for item in self._items(id, prefix, "#name, #item, version"):
                if last is not None and int(item["version"]["N"]) > last:
                    continue
                with suppress(dynamodb.exceptions.ConditionalCheckFailedException):
                    dynamodb.update_item(
                        TableName=self._table(id),
                        Key={"name": item["name"], "item": item["item"]},
                        UpdateExpression="SET expires_at = :then",
                        ConditionExpression="attribute_exists(#name)",
                        ExpressionAttributeNames={"#name": "name"},
                        ExpressionAttributeValues={":then": {"N": str(expires_at)}},
                    )

    def move(self, moves: Sequence[Move]) -> None:
        """Make these versions live, up to a hundred at once. Raises Overtaken when one was moved by someone else."""
        for start in range(0, len(moves), _MOST_MOVES):
            self.move_together(moves[start : start + _MOST_MOVES])

    def move_together(self, moves: Sequence[Move], while_these: Sequence[Stays | DraftStays] = ()) -> None:
        """Make all of these versions live in one moment, or none of them.

        Raises Overtaken when one was moved by someone else or something of `while_these` is not so any more, TooLarge
        for more than a hundred of both.
        """
        if len(moves) + len(while_these) > _MOST_MOVES:
            raise TooLarge(f"this touches more than {_MOST_MOVES} flows, integrations and assets at once")
        dynamodb = client("dynamodb")
        items = [*map(self._transaction, moves), *map(self._condition, while_these)]
        try:
            dynamodb.transact_write_items(TransactItems=items)
        except dynamodb.exceptions.TransactionCanceledException:
            raise Overtaken("another version went live while these were published; deploy again") from None

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
        version.pop("expires_at", None)  # what is live stays
        listed = {"listed": {"S": move.id.partition("/")[0]}}
        return {"Put": {**table, "Item": {**version, **_key(move.id, _LIVE), **listed}, **condition}}

    def _condition(self, stays: Stays | DraftStays) -> dict[str, Any]:
        if isinstance(stays, DraftStays):
            key, field, number = _key(f"flow/{stays.flow}", _DRAFT), "revision", stays.revision
            table = self._flows
        else:
            key, field, number = _key(stays.id, _LIVE), "version", stays.version
            table = self._table(stays.id)
        exactly = {
            "ConditionExpression": "#field = :number",
            "ExpressionAttributeNames": {"#field": field},
            "ExpressionAttributeValues": {":number": {"N": str(number)}},
        }
        there = {"ConditionExpression": "attribute_exists(#name)", "ExpressionAttributeNames": {"#name": "name"}}
        return {"ConditionCheck": {"TableName": table, "Key": key, **(exactly if number else there)}}

    def _slices(self, id: str, version: int) -> dict[str, Item]:
        found = self._items(id, f"{_item(version)}#")
        return {item["item"]["S"].partition("#")[2]: item for item in found}

    def _items(self, id: str, prefix: str, projection: str = "") -> list[Item]:
        asked: dict[str, Any] = {
            "TableName": self._table(id),
            "KeyConditionExpression": "#name = :name AND begins_with(#item, :prefix)",
            "ExpressionAttributeNames": {"#name": "name", "#item": "item"},
            "ExpressionAttributeValues": {":name": _key(id, "")["name"], ":prefix": {"S": prefix}},
            "ConsistentRead": True,
        }
        if projection:
            asked["ProjectionExpression"] = projection
        found: list[Item] = []
        while True:
            page = client("dynamodb").query(**asked)
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                return found
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

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
            raise Overtaken(f"another version of {id} is being published; deploy again") from None

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
    kind, _, name = id.partition("/")
    return {"name": {"S": name if kind in _OWN_NAME else id}, "item": {"S": item}}


def _item(version: int) -> str:
    return f"v{version:06d}"


def _source(version: int) -> str:
    return f"source#{_item(version)}"


def _fields(document: Mapping[str, Any]) -> Item:
    return {name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in document.items()}


def _compact(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
