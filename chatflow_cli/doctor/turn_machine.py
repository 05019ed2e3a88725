"""Whether a turn runs: one execution of the turn machine, with a flow that reaches nobody."""

from __future__ import annotations

import json
import time
from typing import Any, Final

from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.aws_errors import attempt
from chatflow_cli.doctor.finding import Finding, not_ok, ok
from chatflow_cli.doctor.smoke_flow import VARIABLES, SmokeFlow

ACTION: Final = "states:StartSyncExecution"
CHECK: Final = "Turn machine"
_SECONDS: Final = 60  # for the turn; the cold start of a node's function is a second or two
_CLIENT_SECONDS: Final = 140.0  # longer than an execution may last


def check_turn(account: Account, machine: str, flow: SmokeFlow) -> Finding:
    """Run the flow from its first node to its end. The execution stays in the log, under the flow's name."""
    return attempt(CHECK, ACTION, lambda: _check(account, machine, flow))


def _check(account: Account, machine: str, flow: SmokeFlow) -> Finding:
    client = account.client("stepfunctions", read_timeout=_CLIENT_SECONDS, attempts=1)
    answer = client.start_sync_execution(
        stateMachineArn=machine, name=flow.name, input=json.dumps(machine_input(flow, time.time()))
    )
    mend = f'See the execution {flow.name} in the log of the turn machine (the saved query "Failed turns").'
    if answer["status"] != "SUCCEEDED":
        return not_ok(CHECK, f"A turn ended {answer['status']}: {answer.get('error') or 'no error named'}.", mend)
    output = json.loads(answer["output"])
    if (output.get("status"), output.get("variables")) != ("ended", VARIABLES):
        return not_ok(CHECK, f"A turn ended as {output.get('status')!r} with unexpected variables.", mend)
    return ok(CHECK, "a turn ran from its first node to its end")


def machine_input(flow: SmokeFlow, now: float) -> dict[str, Any]:
    """The input of an execution, as the conversation function makes it. `now` is in seconds since the epoch."""
    compiled = flow.compiled()
    return {
        "nodes": compiled["nodes"],
        "at": compiled["start"],
        "phase": "enter",
        "event": {"kind": "doctor"},
        "memo": {},
        "variables": {},
        "visits": 0,
        "most_visits": len(compiled["nodes"]),
        "until": int((now + _SECONDS) * 1000),
        "flow": flow.name,
        "session": flow.name,
        "turn": 0,
        "retention_days": 0,
        "conversation": {"key": flow.name, "channel": "", "account": "", "contact": "", "name": ""},
    }
