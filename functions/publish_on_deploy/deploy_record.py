"""What the last deploy published: one item in the table `flows`, under a name that no flow can have."""

from __future__ import annotations

import json
from typing import Any

from chatflow.adapters.aws import client
from chatflow.publishing.model import Deploy, Entry

_KEY = {"name": {"S": "#deploy"}, "item": {"S": "last"}}


class Deploys:
    """The memory of deploys."""

    def __init__(self, flows_table: str) -> None:
        self._table = flows_table

    def last(self) -> Deploy:
        """An empty one when nothing was deployed."""
        item = client("dynamodb").get_item(TableName=self._table, Key=_KEY, ConsistentRead=True).get("Item")
        return Deploy.from_json(json.loads(item["document"]["S"])) if item else Deploy()

    def save(self, deploy: Deploy) -> None:
        document = json.dumps(deploy.to_json(), separators=(",", ":"))
        client("dynamodb").put_item(TableName=self._table, Item={**_KEY, "document": {"S": document}})

    def forget(self) -> None:
        client("dynamodb").delete_item(TableName=self._table, Key=_KEY)


def read_publication(bucket: str, key: str) -> list[Entry]:
    """The entries that synth wrote down."""
    body = client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    entries: list[dict[str, Any]] = json.load(body)
    return [Entry(**entry) for entry in entries]
