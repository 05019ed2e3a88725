"""API Integration: call the business's API, keep what it answers, go on by what that means."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatflow.errors import Refused
from chatflow.integrations.outcome import FAILURES, kept, reason_of, response
from chatflow.integrations.request_building import build, summary
from chatflow.integrations.response_mapping import read
from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Call, Ports
from chatflow.templating import Scope


def visit(visit: Visit, ports: Ports) -> Outcome:
    """Exit: a value of the element validation, `success` or `failure`. An API that is down or says no is an outcome."""
    integration = visit.config["integration"]
    call: Call | None = None
    try:
        call = build(integration, visit.config["parameters"], replace(Scope.of(visit), secret=ports.secret))
        _refuse_strange_files(call, visit)
        answer = ports.call("call", call)
    except FAILURES as error:
        reason = reason_of(error)
        effect = {**summary(integration, call), "reason": reason, "error": str(error)}
        return Outcome(exit="failure", set=_response(visit, 0, reason), effects=(effect,))
    reading = read(answer, integration, visit.config["values"])
    effect = summary(integration, call, answer)
    if reading.reason:
        effect["reason"] = reading.reason
    variables = kept(reading.value, visit.config["save_as"])
    return Outcome(
        exit=reading.exit, set={**variables, **_response(visit, answer.status, reading.reason)}, effects=(effect,)
    )


def _refuse_strange_files(call: Call, visit: Visit) -> None:
    """A variable may look like a file because some API answered so; only this conversation's own files may be sent."""
    ours = (f"media/{visit.conversation.key}/", f"download/{visit.conversation.key}/", "asset/")
    for part in call.parts:
        if part.file and not part.file.key.startswith(ours):
            raise Refused(f"the part {part.name!r} names a file that is not of this conversation")


def _response(visit: Visit, status: int, reason: str) -> dict[str, Any]:
    return response(visit.config["save_as"] or visit.node, status, reason)
