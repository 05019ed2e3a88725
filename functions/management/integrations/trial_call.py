"""A trial of an integration, asked of the function that may read secrets, which the asking one may not."""

from __future__ import annotations

import json
from typing import Any

from chatflow.adapters.aws import client
from chatflow.errors import Unavailable

_SECONDS = 27.0  # a trial takes at most 24


def try_call(function: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What came of it. Made once, whatever happens: a call is real. Raises Unavailable when the function fails."""
    answer = client("lambda", read_timeout=_SECONDS, attempts=1).invoke(
        FunctionName=function, Payload=json.dumps(asked).encode()
    )
    payload = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise Unavailable("the trial broke off; the log of the function `trial` says why")
    told: dict[str, Any] = json.loads(payload)
    return told
