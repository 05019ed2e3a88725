"""Lambda entry point of the custom resource that puts the web console's files into its bucket."""

from __future__ import annotations

from typing import Any

from chatflow.adapters.cloudformation import answering
from chatflow.logs import logger
from console_files.put_files import former_files, kept_files, put_files, remove_others

RESOURCE = "console-files"


def lambda_handler(event: dict[str, Any], _context: Any) -> None:
    """Carry out CloudFormation's request, and answer it."""
    with answering(event, RESOURCE, logger.exception):
        _carry_out(event)


def _carry_out(event: dict[str, Any]) -> None:
    properties = event["ResourceProperties"]
    if event["RequestType"] == "Delete":
        removed = remove_others(properties["Bucket"], kept=())
        logger.info("emptied", extra={"removed": len(removed)})
        return
    names = put_files(properties)
    # A page that was opened before the deploy loads parts of the former build when it needs them.
    former = former_files(event["OldResourceProperties"]) if event["RequestType"] == "Update" else []
    if former is None:
        logger.warning("the former build is gone: nothing is removed")
        return
    removed = remove_others(properties["Bucket"], kept_files([*names, *former]))
    logger.info("put", extra={"files": len(names), "removed": len(removed)})
