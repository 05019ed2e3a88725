"""Stores what is published: versions that never change, and which of them is live.

Writes the tables `flows` and `assets`. Their items are described in `chatflow.adapters.dynamodb.version_items`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.items import Item, document, get_item, number, query, schema, text
from chatflow.adapters.dynamodb.version_items import (
    DEPLOY_RECORD,
    DRAFT,
    LIVE,
    SOURCES,
    VERSIONS,
    index_field,
    key,
    key_of,
    slice_item,
    source_item,
    version_item,
)
from chatflow.errors import NotPublished, Overtaken, TooLarge
from chatflow.publishing.model import (
    Entry,
    LiveVersion,
    Master,
    Requirement,
    RequiresDeploy,
    RequiresDraft,
    VersionChange,
)

_TRANSACTION_ITEMS = 100  # DynamoDB's limit for one transaction
_EXISTS = {"ConditionExpression": "attribute_exists(#name)", "ExpressionAttributeNames": {"#name": "name"}}
_IS_NEW = {"ConditionExpression": "attribute_not_exists(#name)", "ExpressionAttributeNames": {"#name": "name"}}


class VersionStore:
    """The versions in both tables."""

    def __init__(self, flows_table: str, assets_table: str) -> None:
        self._flows = flows_table
        self._assets = assets_table

    def live(self, id: str) -> LiveVersion | None:
        """The live version, if there is one."""
        item = self._get(id, LIVE)
        if item is None:
            return None
        return LiveVersion(number(item, "version"), text(item, "master"), number(item, "published_at"))

    def add(self, entry: Entry, master: Master, now: int, *, by: str = "", note: str = "") -> int:
        """Store the next version, and return its number. It is not live yet. `by` and `note`: who publishes it and why.

        Raises Overtaken when someone else stores a version of it at the same time.
        """
        version = self._latest(entry.id) + 1
        its_number = {"version": {"N": str(version)}, **schema()}
        description = {
            **its_number,
            "master": {"S": master},
            "hash": {"S": entry.hash},
            "published_at": {"N": str(now)},
            "by": {"S": by},
            "note": {"S": note},
        }
        if entry.kind != "asset":
            description["title"] = {"S": str(entry.document.get("title", ""))}
        for node, part in entry.slices.items():
            self._put(entry.id, slice_item(version, node), {**its_number, "slice": {"S": _compact(part)}})
        if entry.source:
            self._put(entry.id, source_item(version), {**description, "text": {"S": entry.source}})
        uses = {"uses": {"S": _compact(entry.uses)}} if entry.uses else {}
        interface = {"interface": {"S": _compact(entry.interface)}} if entry.interface else {}
        content = {"document": {"S": _compact({**entry.document, "version": version})}}
        fields = _fields(entry.document) if entry.kind == "asset" else content
        # The version itself comes last: once it exists, it is complete.
        self._put(entry.id, version_item(version), {**description, **uses, **interface, **fields})
        return version

    def entry(self, id: str, version: int) -> Entry | None:
        """The content of a version, to publish it again. Not for assets."""
        item = self._get(id, version_item(version))
        if item is None:
            return None
        kind, _, name = id.partition("/")
        content = document(item, f"version {version} of {id}")
        content.pop("version", None)
        return Entry(
            kind,  # type: ignore[arg-type]  # an id begins with its kind
            name,
            text(item, "hash"),
            content,
            {node: json.loads(each["slice"]["S"]) for node, each in self._slices(id, version).items()},
            source=text(self._get(id, source_item(version)) or {}, "text"),
            uses=json.loads(item["uses"]["S"]) if "uses" in item else {},
            interface=json.loads(item["interface"]["S"]) if "interface" in item else None,
        )

    def add_interfaces(self, interfaces: Mapping[str, tuple[int, Mapping[str, Any]]]) -> None:
        """Store interfaces of at most 100 live versions that were stored without one, by flow, with their versions.

        Nothing is stored of a version that is not live any more.
        """
        updates = [self._interface_update(flow, *given) for flow, given in interfaces.items()]
        dynamodb = client("dynamodb")
        try:
            if updates:
                dynamodb.transact_write_items(TransactItems=[{"Update": update} for update in updates])
        except dynamodb.exceptions.ClientError:  # one of them was published meanwhile, or they are too large together
            for update in updates:
                with suppress(dynamodb.exceptions.ConditionalCheckFailedException):
                    dynamodb.update_item(**update)

    def _interface_update(self, flow: str, version: int, interface: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "TableName": self._flows,
            "Key": key_of(f"flow/{flow}", LIVE),
            "UpdateExpression": "SET interface = :interface",
            "ConditionExpression": "version = :version",
            "ExpressionAttributeValues": {
                ":interface": {"S": _compact(interface)},
                ":version": {"N": str(version)},
            },
        }

    def discard(self, id: str, version: int) -> None:
        """Delete a version that never was live."""
        slices = [slice_item(version, node) for node in self._slices(id, version)]
        for item in (version_item(version), source_item(version), *slices):
            client("dynamodb").delete_item(TableName=self._table(id), Key=key_of(id, item))

    def expire(self, id: str, expires_at: int, *, last: int | None = None) -> None:
        """Let every version up to `last` expire at that time, in seconds since the epoch: sessions may end on them.

        A version that is published meanwhile under the same name has a higher number, and stays.
        """
        dynamodb = client("dynamodb")
        for prefix in (VERSIONS, SOURCES):
            for item in list(self._items(id, prefix, "#name, #item, version")):
                if last is not None and number(item, "version") > last:
                    continue
                with suppress(dynamodb.exceptions.ConditionalCheckFailedException):
                    dynamodb.update_item(
                        TableName=self._table(id),
                        Key={"name": item["name"], "item": item["item"]},
                        UpdateExpression="SET expires_at = :then",
                        ExpressionAttributeValues={":then": {"N": str(expires_at)}},
                        **_EXISTS,
                    )

    def switch(self, changes: Sequence[VersionChange], requirements: Sequence[Requirement] = ()) -> None:
        """Make all of these changes of live versions in one transaction, or none of them.

        Raises Overtaken when another version than expected is live or a requirement does not hold, TooLarge for more
        than 100 of both together, NotPublished when a version is not stored any more.
        """
        if len(changes) + len(requirements) > _TRANSACTION_ITEMS:
            raise TooLarge(f"this touches more than {_TRANSACTION_ITEMS} flows, integrations and assets at once")
        dynamodb = client("dynamodb")
        items = [*map(self._write, changes), *map(self._check, requirements)]
        try:
            dynamodb.transact_write_items(TransactItems=items)
        except dynamodb.exceptions.TransactionCanceledException:
            raise Overtaken("another version went live while these were published; deploy again") from None

    def switch_in_batches(self, changes: Sequence[VersionChange], requirements: Sequence[Requirement] = ()) -> None:
        """Make any number of changes in transactions of a hundred items, each of which has the requirements.

        Raises as `switch`; earlier batches stay then.
        """
        size = _TRANSACTION_ITEMS - len(requirements)
        for start in range(0, len(changes), size):
            self.switch(changes[start : start + size], requirements)

    def _write(self, change: VersionChange) -> dict[str, Any]:
        table = {"TableName": self._table(change.id)}
        expected: dict[str, Any] = _IS_NEW
        if change.replaces:
            expected = {
                "ConditionExpression": "version = :replaced",
                "ExpressionAttributeValues": {":replaced": {"N": str(change.replaces)}},
            }
        if not change.to:
            return {"Delete": {**table, "Key": key_of(change.id, LIVE), **expected}}
        version = self._get(change.id, version_item(change.to))
        if version is None:
            raise NotPublished(f"version {change.to} of {change.id} is not there any more")
        version.pop("expires_at", None)  # a live version does not expire
        live = {**version, **key_of(change.id, LIVE), **index_field(change.id.partition("/")[0])}
        return {"Put": {**table, "Item": live, **expected}}

    def _check(self, requirement: Requirement) -> dict[str, Any]:
        if isinstance(requirement, RequiresDeploy):
            table, item_key = self._flows, key(*DEPLOY_RECORD)
            field, expected = "revision", requirement.revision
        elif isinstance(requirement, RequiresDraft):
            id = f"flow/{requirement.flow}"
            table, item_key = self._table(id), key_of(id, DRAFT)
            field, expected = "revision", requirement.revision
        else:
            table, item_key = self._table(requirement.id), key_of(requirement.id, LIVE)
            field, expected = "version", requirement.version
        has_number = {
            "ConditionExpression": "#field = :number",
            "ExpressionAttributeNames": {"#field": field},
            "ExpressionAttributeValues": {":number": {"N": str(expected)}},
        }
        condition = has_number if expected else _EXISTS
        return {"ConditionCheck": {"TableName": table, "Key": item_key, **condition}}

    def _slices(self, id: str, version: int) -> dict[str, Item]:
        """The slices of a version, by the node that each begins at."""
        prefix = slice_item(version, "")
        return {item["item"]["S"].removeprefix(prefix): item for item in self._items(id, prefix)}

    def _items(self, id: str, prefix: str, projection: str = "", **request: Any) -> Iterator[Item]:
        """The items whose names begin with the prefix, in the order of their names."""
        if projection:
            request["ProjectionExpression"] = projection
        return query(
            self._table(id),
            "#name = :name AND begins_with(#item, :prefix)",
            {":name": key_of(id, "")["name"], ":prefix": {"S": prefix}},
            ExpressionAttributeNames={"#name": "name", "#item": "item"},
            ConsistentRead=True,
            **request,
        )

    def _latest(self, id: str) -> int:
        """The highest number that was ever given; a slice of an incomplete version counts, too."""
        newest = next(self._items(id, VERSIONS, "version", ScanIndexForward=False, Limit=1), None)
        return number(newest, "version") if newest else 0

    def _get(self, id: str, item: str) -> Item | None:
        return get_item(self._table(id), key_of(id, item), consistent=True)

    def _put(self, id: str, item: str, fields: Item) -> None:
        dynamodb = client("dynamodb")
        try:
            dynamodb.put_item(TableName=self._table(id), Item={**key_of(id, item), **fields}, **_IS_NEW)
        except dynamodb.exceptions.ConditionalCheckFailedException:
            raise Overtaken(f"another version of {id} is being published; deploy again") from None

    def _table(self, id: str) -> str:
        return self._assets if id.startswith("asset/") else self._flows


def _fields(document: Mapping[str, Any]) -> Item:
    return {name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in document.items()}


def _compact(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
