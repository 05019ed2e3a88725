"""Invokes the Lambda function that tries integrations. That function may read secrets; the management API may not."""

from __future__ import annotations

import json
from typing import Any, Final

from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.errors import Unavailable

_READ_TIMEOUT: Final = 27.0  # seconds; a trial takes at most 24


def run_trial(function: str, request: dict[str, Any]) -> dict[str, Any]:
    """The result of a trial. It is not retried, because its call is real. Raises Unavailable if the function fails."""
    response = botocore_client("lambda", read_timeout=_READ_TIMEOUT, attempts=1).invoke(
        FunctionName=function, Payload=json.dumps(request).encode()
    )
    payload = response["Payload"].read()
    if response.get("FunctionError"):
        raise Unavailable("the trial broke off; the log of the function `trial` says why")
    result: dict[str, Any] = json.loads(payload)
    return result
