"""The record of the last deploy: what it published, and how to undo it. Decision record 0008.

One item in the table `flows`. Its attribute `revision` counts the writes; items of earlier versions have none. The
document keeps its fields: in a rollback, the function of the former version reads what its successor wrote.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.items import document, get_item, number, schema
from chatflow.adapters.dynamodb.version_items import DEPLOY_RECORD, key
from chatflow.errors import Overtaken
from chatflow.tolerant_reader import read

_KEY = key(*DEPLOY_RECORD)


@dataclass(frozen=True)
class DeployedVersion:
    """The version that a deploy published of an entry, and the entry's hash."""

    version: int
    hash: str


@dataclass(frozen=True)
class DeployRecord:
    """The last publish of the files of the repository, and how to undo it.

    `identity` names what was deployed, `request` the order of CloudFormation to do so, which may come twice. `done` is
    false while versions are being made live. `entries` holds what is deployed now, by id; `before` the version that
    was live of everything that was changed, 0 for none. `revision` tells whether another order has written since.
    """

    identity: str = ""
    request: str = ""
    done: bool = True
    entries: Mapping[str, DeployedVersion] = field(default_factory=dict)
    before: Mapping[str, int] = field(default_factory=dict)
    previous_identity: str = ""
    previous_entries: Mapping[str, DeployedVersion] = field(default_factory=dict)
    revision: int = 0

    def undone(self) -> DeployRecord:
        """The record as it was before this deploy."""
        return DeployRecord(identity=self.previous_identity, entries=self.previous_entries, revision=self.revision)

    def finished(self) -> DeployRecord:
        return replace(self, done=True)

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "revision"}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DeployRecord:
        """The record of any release. Raises Unreadable."""
        return read(cls, data, "the record of the last deploy")


class DeployRecordStore:
    """Loads and saves the record."""

    def __init__(self, flows_table: str) -> None:
        self._table = flows_table

    def load(self) -> DeployRecord:
        """The record, an empty one when nothing is deployed."""
        item = get_item(self._table, _KEY, consistent=True)
        if item is None:
            return DeployRecord()
        record = DeployRecord.from_json(document(item, "the record of the last deploy"))
        return replace(record, revision=number(item, "revision") if "revision" in item else 0)

    def save(self, record: DeployRecord) -> DeployRecord:
        """Store the record in place of the one with its revision, and return it with the next.

        Raises Overtaken when another order of CloudFormation has written since.
        """
        dynamodb = client("dynamodb")
        text = json.dumps(record.to_json(), separators=(",", ":"))
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(revision)"}
        if record.revision:
            condition = {
                "ConditionExpression": "revision = :revision",
                "ExpressionAttributeValues": {":revision": {"N": str(record.revision)}},
            }
        item = {**_KEY, **schema(), "document": {"S": text}, "revision": {"N": str(record.revision + 1)}}
        try:
            dynamodb.put_item(TableName=self._table, Item=item, **condition)
        except dynamodb.exceptions.ConditionalCheckFailedException:
            raise Overtaken("another deploy or a rollback has begun meanwhile") from None
        return replace(record, revision=record.revision + 1)

    def delete(self) -> None:
        client("dynamodb").delete_item(TableName=self._table, Key=_KEY)
