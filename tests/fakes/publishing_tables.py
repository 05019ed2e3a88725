"""The tables of what is published, as moto plays them, with what management reads and writes there."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from chatflow.adapters import aws
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
from tests.fakes.aws_account import an_account, create_table

PREFIX = "cf/business/"
NOW = 1_795_370_400
_REGION = "eu-west-1"
_deployed: dict[str, Any] = {}  # the tables after the first deploy of a folder: later tests begin with a copy of them


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

    def deploy_once(self, key: str, project: Callable[[], Project]) -> None:
        """As `deploy`, made only once under a key: every call costs a tenth of a second, and a deploy has a hundred."""
        tables = dynamodb_backends[DEFAULT_ACCOUNT_ID][_REGION].tables
        if key not in _deployed:
            self.deploy(project())
            _deployed[key] = copy.deepcopy(tables)
        else:
            tables.update(copy.deepcopy(_deployed[key]))

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
    with an_account(monkeypatch, _REGION):
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


def made(table: str) -> None:
    """A table with the index `listed`."""
    create_table(table, "name", "item", listed=("listed", "name"))
