"""API Integration: calls the business's API, stores its answer and chooses the exit by it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from chatflow.errors import Refused
from chatflow.integrations.outcome import FAILURES, answer_variables, failure_reason, response_variable
from chatflow.integrations.request_building import build_call, call_summary
from chatflow.integrations.response_mapping import map_response
from chatflow.media import object_keys
from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Call, Ports
from chatflow.templating import Scope

REFUSED_BY_ANSWER: Final = "answer"  # the element validation of the answer says `failure`


def visit(visit: Visit, ports: Ports) -> Outcome:
    """Exits: a value of the element validation, `success`, `failure`. An API's failure is an outcome, too."""
    integration = visit.config["integration"]
    call: Call | None = None
    try:
        scope = replace(Scope.of(visit), secret=lambda name: ports.secret(name, integration["url"]))
        call = build_call(integration, visit.config["parameters"], scope)
        _refuse_foreign_files(call, visit)
        answer = ports.call_api("call", call)
    except FAILURES as error:
        reason = failure_reason(error)
        effect = {**call_summary(integration, call), "reason": reason, "error": str(error)}
        return Outcome(exit="failure", set=_response(visit, 0, reason), effects=(effect,))
    mapped = map_response(answer, integration, visit.config["values"], expired=lambda: ports.now() >= visit.deadline)
    effect = call_summary(integration, call, answer)
    if mapped.exit == "failure":
        # The alarm on files counts by the reason: a call that says none would be counted, or not, by accident.
        effect["reason"] = mapped.reason or REFUSED_BY_ANSWER
        if mapped.error:
            effect["error"] = mapped.error
    variables = answer_variables(mapped.value, visit.config["save_as"])
    return Outcome(
        exit=mapped.exit, set={**variables, **_response(visit, answer.status, mapped.reason)}, effects=(effect,)
    )


def _refuse_foreign_files(call: Call, visit: Visit) -> None:
    """Raises Refused for a file of another conversation: a variable may look like a file because an API answered so."""
    for part in call.parts:
        if part.file and not object_keys.may_use(visit.conversation.key, part.file.key, visit.conversation.formerly):
            raise Refused(f"the part {part.name!r} names a file that is not of this conversation")


def _response(visit: Visit, status: int, reason: str) -> dict[str, Any]:
    return response_variable(visit.config["save_as"] or visit.node, status, reason)
