"""The smoke check of a deployed stack: API, turn, queue, alarms and web console. It removes what it makes."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.alarms import alarm_findings
from chatflow_cli.doctor.api_trial import trial_findings
from chatflow_cli.doctor.finding import Finding, not_ok
from chatflow_cli.doctor.queues import queue_findings
from chatflow_cli.doctor.smoke_flow import SmokeFlow
from chatflow_cli.doctor.stack import Stack
from chatflow_cli.doctor.turn_machine import check_turn
from chatflow_cli.doctor.web_console import console_findings

if TYPE_CHECKING:
    from chatflow_cli.command import CommandContext

# The outputs that the checks read.
OUTPUTS = frozenset(
    {
        "CommandLine",
        "ConversationFunction",
        "EventsDeadLetters",
        "EventsQueue",
        "ManagementUrl",
        "ScheduleDeadLetters",
        "TurnMachine",
    }
)


def after_deploy(account: Account, stack: Stack, context: CommandContext) -> Iterator[Finding]:
    """`context` has the login to the stack's management API."""
    if missing := OUTPUTS - stack.outputs.keys():
        text = f"It has no output {', '.join(sorted(missing))}."
        yield not_ok("Outputs", text, "Deploy it again: make deploy")
        return
    # Names of flows: small letters, digits, "-".
    flow = SmokeFlow(f"doctor-{secrets.token_hex(4)}")
    yield from trial_findings(context, stack.outputs, flow)
    yield check_turn(account, stack.outputs["TurnMachine"], flow)
    yield from queue_findings(account, stack.outputs)
    yield from alarm_findings(account, stack.name)
    yield from console_findings(stack.outputs)
