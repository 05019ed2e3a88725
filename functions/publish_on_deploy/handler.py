"""Lambda entry point of the custom resource that publishes the files of the repository at `cdk deploy`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from chatflow.adapters.aws import client
from chatflow.adapters.cloudformation import answering, rolling_back
from chatflow.adapters.dynamodb.versions import VersionStore
from chatflow.logs import logger
from chatflow.settings import PublishOnDeploySettings
from publish_on_deploy.deploy import Dependencies, publish_files, roll_back, withdraw
from publish_on_deploy.deploy_record import DeployRecordStore
from publish_on_deploy.uploads import copy_to_library, read_entries

RESOURCE = "published-files"


def lambda_handler(event: dict[str, Any], _context: Any) -> None:
    """Carry out CloudFormation's request, and answer it."""
    with answering(event, RESOURCE, logger.exception):
        _carry_out(event)


def _carry_out(event: dict[str, Any]) -> None:
    properties = event["ResourceProperties"]
    dependencies = _dependencies(properties)
    if event["RequestType"] == "Delete":
        # A table that somebody deleted has nothing live, and must not stop the deletion of the stack.
        with suppress(client("dynamodb").exceptions.ResourceNotFoundException):
            withdraw(dependencies)
    elif rolling_back(event["StackId"]):
        roll_back(dependencies, _identity(properties), failed=_identity(event.get("OldResourceProperties", {})))
    else:
        entries = read_entries(properties["Bucket"], properties["Publication"])
        take_over = properties["TakeOver"] == "true"
        published = publish_files(dependencies, entries, _identity(properties), event["RequestId"], take_over=take_over)
        logger.info("published", extra={"went_live": published, "unchanged": len(entries) - len(published)})


def _identity(properties: dict[str, Any]) -> str:
    """The name of what is deployed: the uploaded list of entries, and whether it takes over."""
    return f"{properties.get('Publication', '')} {properties.get('TakeOver', '')}"


def _dependencies(properties: dict[str, Any]) -> Dependencies:
    settings = PublishOnDeploySettings.from_environment()
    return Dependencies(
        versions=VersionStore(settings.flows_table, settings.assets_table),
        records=DeployRecordStore(settings.flows_table),
        copy_file=lambda entry: copy_to_library(entry, properties["Bucket"], settings.asset_bucket),
    )
