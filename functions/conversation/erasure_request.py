"""Invokes the function `contact_erasure`, which may delete what the conversation function may not."""

from __future__ import annotations

import json
from collections.abc import Sequence

from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.errors import InDoubt, TurnFailed, Unfinished

_SECONDS = 64.0  # timeout; longer than the invoked function's 60 s, shorter than the conversation function's 67 s


def request_erasure(function: str, conversation: str, at: int, keys: Sequence[str] = ()) -> None:
    """Returns when nothing is left of the conversation from before `at` (seconds since the epoch), nor under `keys`.

    Raises Unfinished when there is more than fits one invocation, TurnFailed when the function failed: another call
    continues.
    Raises InDoubt when the function may still be running.
    """
    from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

    payload = json.dumps({"conversation": conversation, "at": at, "keys": list(keys)}).encode()
    try:
        answer = botocore_client("lambda", read_timeout=_SECONDS, attempts=1).invoke(
            FunctionName=function, Payload=payload
        )
    except (ReadTimeoutError, ConnectionClosedError) as error:
        raise InDoubt(f"the erasure did not answer: {type(error).__name__}") from None
    body = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise TurnFailed("the erasure broke off; the log of the function `erasure` says why")
    if not json.loads(body)["done"]:
        raise Unfinished("more is left to erase than fits one go")
