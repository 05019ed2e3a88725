"""An erasure, asked of the function that may delete, which the asking one may not."""

from __future__ import annotations

import json

from chatflow.adapters.aws import client
from chatflow.errors import InDoubt, TurnFailed

_SECONDS = 130.0  # the function's own 120 s end before, and the asking one's 145 s after


def ask_to_erase(function: str, conversation: str, at: int) -> None:
    """Returns when nothing is left of the conversation of before `at` (seconds since the epoch).

    Raises TurnFailed when there is more than fits one go, or the function failed: asked again, it goes on. Raises
    InDoubt when it may still be at work.
    """
    from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

    asked = json.dumps({"conversation": conversation, "at": at}).encode()
    try:
        answer = client("lambda", read_timeout=_SECONDS, attempts=1).invoke(FunctionName=function, Payload=asked)
    except (ReadTimeoutError, ConnectionClosedError) as error:
        raise InDoubt(f"the erasure did not answer: {type(error).__name__}") from None
    payload = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise TurnFailed("the erasure broke off; the log of the function `erasure` says why")
    if not json.loads(payload)["done"]:
        raise TurnFailed("more is left to erase than fits one go; its event is tried again")
