"""The tables of what is published, as moto plays them, with what management reads and writes there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from moto import mock_aws

from chatflow.adapters import aws, secrets
from chatflow.adapters.assets import asset
from chatflow.adapters.business_secrets import BusinessSecrets
from chatflow.adapters.catalogue import Catalogue
from chatflow.adapters.drafts import Drafts
from chatflow.adapters.publishing import Shelf
from chatflow.flows.document import Project
from chatflow.flows.entries import entries
from chatflow.publication import Move
from management import world
from management.world import World

PREFIX = "cf/business/"
NOW = 1_795_370_400


@dataclass
class Published:
    """What a test looks at, and what goes on around it: sessions that run, calls that are tried."""

    shelf: Shelf
    catalogue: Catalogue
    drafts: Drafts
    running: dict[str, int]
    trials: list[dict[str, Any]]
    trial: dict[str, Any]

    def deploy(self, project: Project) -> None:
        """Publish a whole project, as a deploy does."""
        for entry in entries(project):
            live = self.shelf.live(entry.id)
            version = self.shelf.add(entry, "deploy", NOW - 60)
            self.shelf.move([Move(entry.id, version, live.version if live else 0)])

    def items(self, name: str) -> dict[str, dict[str, Any]]:
        """Everything that is kept under a name."""
        found = aws.client("dynamodb").query(
            TableName="flows",
            KeyConditionExpression="#name = :name",
            ExpressionAttributeNames={"#name": "name"},
            ExpressionAttributeValues={":name": {"S": name}},
        )["Items"]
        return {item["item"]["S"]: item for item in found}

    def delete_asset(self, name: str) -> None:
        key = {"name": {"S": name}, "item": {"S": "live"}}
        aws.client("dynamodb").delete_item(TableName="assets", Key=key)


@contextmanager
def published(its_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Published]:
    """Tables in an account of its own, and a world that works on them."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        aws.client.cache_clear()
        aws.session.cache_clear()
        secrets._kept.clear()
        for table in ("flows", "assets"):
            made(table)
        its = Published(Shelf("flows", "assets"), Catalogue("flows", "assets"), Drafts("flows"), {}, [], {})

        def tried(asked: dict[str, Any]) -> dict[str, Any]:
            its.trials.append(asked)
            return its.trial

        world.use(
            replace(
                its_world,
                catalogue=its.catalogue,
                shelf=its.shelf,
                drafts=its.drafts,
                secrets=BusinessSecrets(PREFIX),
                running=lambda flow: its.running.get(flow, 0),
                asset=lambda name: asset("assets", name),
                trial=tried,
            )
        )
        yield its
    aws.client.cache_clear()
    aws.session.cache_clear()


def made(table: str) -> None:
    """A table with the index `listed`."""
    aws.client("dynamodb").create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("name", "item", "listed")],
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}, {"AttributeName": "item", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "listed",
                "KeySchema": [
                    {"AttributeName": "listed", "KeyType": "HASH"},
                    {"AttributeName": "name", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
