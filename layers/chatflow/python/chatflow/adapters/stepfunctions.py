"""Runs the state machine `turn` and waits for its result."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from chatflow.adapters.aws import client
from chatflow.adapters.aws.errors import AwsUnreachable
from chatflow.conversation.turn_limits import BUDGET_SECONDS
from chatflow.errors import InDoubt, Throttled, TurnFailed

# The machine's own TimeoutSeconds: a turn's budget, and what a node's task may take longer than its deadline.
EXECUTION_SECONDS = BUDGET_SECONDS + 4
# Longer than an execution may last, with only one attempt: another would start a second execution beside one that is
# still running.
WAIT_SECONDS = EXECUTION_SECONDS + 1
WORKER_SECONDS = WAIT_SECONDS + 1  # timeout of the function that waits, which saves the turn afterwards

# How an execution names a node that Lambda did not run, or whose own calls were throttled (node_handler.py).
_THROTTLED = ("Lambda.TooManyRequestsException", Throttled.__name__)


def run(machine_arn: str, name: str, machine_input: dict[str, Any], *, traced_percent: float) -> dict[str, Any]:
    """Run one synchronous Express execution; returns its output. X-Ray records that share of the executions.

    Raises Throttled when a node was throttled to the end, TurnFailed unless the execution succeeded (the API answers
    200 for a failed one as well). Raises InDoubt when no answer came: the execution may still be running, so the turn
    must not be repeated before EXECUTION_SECONDS are over.
    """
    states = client("stepfunctions", read_timeout=WAIT_SECONDS, attempts=1)
    encoded = json.dumps(machine_input, ensure_ascii=False, separators=(",", ":"))
    try:
        answer = states.start_sync_execution(
            stateMachineArn=machine_arn,
            name=name,
            input=encoded,
            traceHeader=trace_header(name, traced_percent, time.time()),
        )
    except AwsUnreachable as error:
        if not error.sent:
            raise
        raise InDoubt(f"the turn's execution gave no answer: {error}") from None
    if answer["status"] != "SUCCEEDED" and answer.get("error") in _THROTTLED:
        raise Throttled("a node of the turn could not run: AWS refused it because of its rate")
    if answer["status"] != "SUCCEEDED":
        # `cause` may hold what a customer wrote; `error` is a class name.
        raise TurnFailed(f"the turn's execution ended {answer['status']}: {answer.get('error', 'no error named')}")
    output: dict[str, Any] = json.loads(answer["output"])
    return output


def trace_header(name: str, traced_percent: float, now: float) -> str:
    """X-Ray's header for the execution of this name: a trace's id, and whether it is recorded.

    Without a header, X-Ray would record every turn of a quiet deployment: one request a second, and 5 % of the others.
    https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
    """
    digest = hashlib.sha256(name.encode()).hexdigest()
    sampled = int(digest[:8], 16) / 2**32 * 100 < traced_percent
    return f"Root=1-{int(now):08x}-{digest[8:32]};Sampled={int(sampled)}"
