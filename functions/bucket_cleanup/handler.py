"""The Lambda behind the custom resource that empties the buckets of a stack that is deleted. Never part of `prod`."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from bucket_cleanup.empty_bucket import empty
from chatflow.adapters.cloudformation import answer

RESOURCE = "emptied-buckets"
_SPARE_MILLISECONDS = 15_000  # for the last deletion, and for the answer

logger = Logger(service="chatflow", use_rfc3339=True)


def lambda_handler(event: dict[str, Any], context: Any) -> None:
    """Empty the buckets when the stack goes, and only then. CloudFormation is always told what came of it."""
    try:
        left = _emptied(event, context) if event["RequestType"] == "Delete" else []
    except Exception as error:
        logger.exception("emptying failed")
        answer(event, RESOURCE, problem=f"{type(error).__name__}; see the function's log")
        return
    problem = f"There was no time to empty {', '.join(left)}. Delete the stack again: it goes on from here."
    answer(event, RESOURCE, problem=problem if left else "")


def _emptied(event: dict[str, Any], context: Any) -> list[str]:
    """The buckets that could not be emptied in time."""

    def in_time() -> bool:
        return int(context.get_remaining_time_in_millis()) > _SPARE_MILLISECONDS

    return [bucket for bucket in event["ResourceProperties"]["Buckets"] if not empty(bucket, in_time)]
