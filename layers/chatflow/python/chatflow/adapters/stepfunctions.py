"""Runs the state machine `turn` and waits for its result."""

from __future__ import annotations

import json
from typing import Any

from chatflow.adapters.aws import client
from chatflow.errors import InDoubt, TurnFailed

EXECUTION_SECONDS = 130  # the machine's own TimeoutSeconds: a turn's budget, and a margin
# Longer than an execution may last, with only one attempt: botocore's default (60 s, with retries) would start a second
# execution beside one that is still running.
WAIT_SECONDS = EXECUTION_SECONDS + 5


def run(machine_arn: str, name: str, machine_input: dict[str, Any]) -> dict[str, Any]:
    """Run one synchronous Express execution; returns its output.

    Raises TurnFailed unless it succeeded (the API answers 200 for a failed execution as well). Raises InDoubt when no
    answer came: the execution may still be running, so the turn must not be repeated before EXECUTION_SECONDS are over.
    """
    from botocore.exceptions import HTTPClientError

    states = client("stepfunctions", read_timeout=WAIT_SECONDS, attempts=1)
    encoded = json.dumps(machine_input, ensure_ascii=False, separators=(",", ":"))
    try:
        answer = states.start_sync_execution(stateMachineArn=machine_arn, name=name, input=encoded)
    except HTTPClientError as error:
        raise InDoubt(f"the turn's execution gave no answer: {type(error).__name__}") from None
    if answer["status"] != "SUCCEEDED":
        # `cause` may hold what a customer wrote; `error` is a class name.
        raise TurnFailed(f"the turn's execution ended {answer['status']}: {answer.get('error', 'no error named')}")
    output: dict[str, Any] = json.loads(answer["output"])
    return output
