"""The Lambda of the custom resource that empties a stack's buckets before they are deleted. Not deployed in `prod`."""

from __future__ import annotations

from typing import Any

from bucket_cleanup.empty_bucket import empty_bucket, end_writes
from chatflow.adapters.cloudformation import answer
from chatflow.logs import logger

RESOURCE = "emptied-buckets"  # the physical id of the custom resource
_SPARE_MILLISECONDS = 15_000  # for the last batch, and for the answer


def lambda_handler(event: dict[str, Any], context: Any) -> None:
    """Empty the buckets when the stack is deleted, and only then. Every request is answered to CloudFormation."""
    try:
        remaining = _empty_buckets(event, context) if event["RequestType"] == "Delete" else []
    except Exception as error:
        logger.exception("emptying failed")
        answer(event, RESOURCE, problem=f"{type(error).__name__}; see the function's log")
        return
    problem = f"There was no time to empty {', '.join(remaining)}. Delete the stack again: it goes on from here."
    answer(event, RESOURCE, problem=problem if remaining else "")


def _empty_buckets(event: dict[str, Any], context: Any) -> list[str]:
    """The buckets that could not be emptied in time."""

    def in_time() -> bool:
        return int(context.get_remaining_time_in_millis()) > _SPARE_MILLISECONDS

    buckets = event["ResourceProperties"]["Buckets"]
    end_writes(buckets)
    return [bucket for bucket in buckets if not empty_bucket(bucket, in_time)]
