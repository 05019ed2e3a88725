"""The Lambda behind the custom resource that publishes the files of the repository at `cdk deploy`."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from chatflow.adapters.cloudformation import answer, rolling_back
from chatflow.adapters.dynamodb.versions import Shelf, keep_file
from chatflow.errors import ChatflowError
from chatflow.settings import PublishOnDeploySettings
from publish_on_deploy.deploy import World, publish, roll_back, withdraw
from publish_on_deploy.deploy_record import Deploys, read_publication

RESOURCE = "published-files"

logger = Logger(service="chatflow", use_rfc3339=True)


def lambda_handler(event: dict[str, Any], _context: Any) -> None:
    """Carry out CloudFormation's order, and tell it so. What goes wrong is told too: nobody else would hear of it."""
    try:
        _carry_out(event)
    except Exception as error:
        logger.exception("publishing failed")
        problem = str(error) if isinstance(error, ChatflowError) else f"{type(error).__name__}; see the function's log"
        answer(event, RESOURCE, problem=problem)
    else:
        answer(event, RESOURCE)


def _carry_out(event: dict[str, Any]) -> None:
    properties = event["ResourceProperties"]
    world = _world(properties)
    if event["RequestType"] == "Delete":
        withdraw(world)
    elif rolling_back(event["StackId"]):
        roll_back(_identity(properties), _identity(event.get("OldResourceProperties", {})), world)
    else:
        wanted = read_publication(properties["Bucket"], properties["Publication"])
        take_over = properties["TakeOver"] == "true"
        went_live = publish(wanted, _identity(properties), event["RequestId"], world, take_over=take_over)
        logger.info("published", extra={"went_live": went_live, "unchanged": len(wanted) - len(went_live)})


def _identity(properties: dict[str, Any]) -> str:
    return f"{properties.get('Publication', '')} {properties.get('TakeOver', '')}"


def _world(properties: dict[str, Any]) -> World:
    settings = PublishOnDeploySettings.from_environment()
    return World(
        shelf=Shelf(settings.flows_table, settings.assets_table),
        deploys=Deploys(settings.flows_table),
        keep_file=lambda entry: keep_file(entry, properties["Bucket"], settings.asset_bucket),
    )
