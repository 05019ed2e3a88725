"""The tables `flows` and `assets` in moto, and the adapters with which the management API uses them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from chatflow.adapters import aws
from chatflow.adapters.dynamodb.assets import live_file
from chatflow.adapters.dynamodb.published_index import PublishedIndex
from chatflow.adapters.dynamodb.versions import VersionStore
from chatflow.flows.project import Project
from chatflow.publishing.entries import entries
from chatflow.publishing.model import VersionChange
from management.dependencies import Dependencies
from management.flows.draft_store import DraftStore
from management.flows.layout_store import LayoutStore
from management.secrets.store import BusinessSecrets
from tests.fakes.aws_account import an_account, create_table
from tests.fakes.management_dependencies import with_fakes

PREFIX = "cf/business/"
NOW = 1_795_370_400
_REGION = "eu-west-1"
_deployed: dict[str, Any] = {}  # the tables after the first deploy of a folder: later tests begin with a copy of them


@dataclass
class Published:
    """The adapters of both tables, and fakes: how many sessions run on a flow, and which trials were requested."""

    version_store: VersionStore
    published_index: PublishedIndex
    drafts: DraftStore
    running: dict[str, int]
    trials: list[dict[str, Any]]
    trial: dict[str, Any]

    def dependencies(self, others: Dependencies) -> Dependencies:
        """These tables, and otherwise the given dependencies, for the management API."""
        return with_fakes(
            others,
            published_index=self.published_index,
            version_store=self.version_store,
            drafts=self.drafts,
            layouts=LayoutStore("flows"),
            secrets=BusinessSecrets(PREFIX),
            count_running_sessions=lambda flow: self.running.get(flow, 0),
            live_asset=lambda name: live_file("assets", name),
            run_trial=self._try,
        )

    def _try(self, request: dict[str, Any]) -> dict[str, Any]:
        self.trials.append(request)
        return self.trial

    def deploy(self, project: Project) -> None:
        """Publish a whole project, as a deploy does."""
        for entry in entries(project):
            live = self.version_store.live(entry.id)
            version = self.version_store.add(entry, "deploy", NOW - 60)
            self.version_store.switch([VersionChange(entry.id, version, live.version if live else 0)])

    def deploy_once(self, key: str, project: Callable[[], Project]) -> None:
        """As `deploy`, made only once under a key: every call costs a tenth of a second, and a deploy has a hundred."""
        tables = dynamodb_backends[DEFAULT_ACCOUNT_ID][_REGION].tables
        if key not in _deployed:
            self.deploy(project())
            _deployed[key] = copy.deepcopy(tables)
        else:
            tables.update(copy.deepcopy(_deployed[key]))

    def items(self, name: str) -> dict[str, dict[str, Any]]:
        """All items under a name, by the names of the items."""
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
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[Published]:
    """Empty tables in an account of their own."""
    with an_account(monkeypatch, _REGION):
        for table in ("flows", "assets"):
            create_versions_table(table)
        yield Published(
            VersionStore("flows", "assets"), PublishedIndex("flows", "assets"), DraftStore("flows"), {}, [], {}
        )


def create_versions_table(table: str) -> None:
    """Create a table with the index `listed`."""
    create_table(table, "name", "item", listed=("listed", "name"))
