"""API Integration: calls the business's API, stores its answer and chooses the exit by it.

A call that the API's trouble prevents may be held: the node waits for time alone, and tries again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from chatflow.conversation.session import API
from chatflow.errors import HostBusy, InDoubt, Refused, Unavailable
from chatflow.integrations.holding import (
    BUSY_SECONDS,
    DOUBTFUL,
    OUTAGE,
    Held,
    held_again,
    held_call,
    is_to_tell,
    retry_after,
)
from chatflow.integrations.host_health import Health, call_health, host_of, is_trouble
from chatflow.integrations.outcome import FAILURES, answer_variables, failure_reason, response_variable
from chatflow.integrations.request_building import build_call, call_summary
from chatflow.integrations.response_mapping import MappedResponse, map_response, success_statuses
from chatflow.media import object_keys
from chatflow.nodes.contract import Outcome, Visit, Wait
from chatflow.nodes.ports import Answer, Call, Ports
from chatflow.templating import Scope, render
from nodes.api_integration.one_each import visit_each

GIVEN_UP: Final = "an operator gave the held call up"
REFUSED_BY_ANSWER: Final = "answer"  # the element validation of the answer says `failure`


def visit(visit: Visit, ports: Ports) -> Outcome:
    """Exits: a value of the element validation, `success`, `failure`. An API's failure is an outcome, too.

    With `each`, a call is made for each file of a list.
    """
    return visit_each(visit, ports, _visit_once) if visit.config.get("each") else _visit_once(visit, ports, "call")


def _visit_once(visit: Visit, ports: Ports, name: str) -> Outcome:
    """Make one call, whose effect has this name."""
    integration, held = visit.config["integration"], held_call(visit.wait_state)
    if held and held.given_up:
        effect = {**call_summary(integration), "reason": OUTAGE, "error": GIVEN_UP}
        return Outcome(exit="failure", set=_response(visit, 0, OUTAGE, doubt=held.doubt), effects=(effect,))
    call: Call | None = None
    try:
        scope = replace(Scope.of(visit), secret=lambda name: ports.secret(name, integration["url"]))
        call = build_call(integration, visit.config["parameters"], scope)
        _refuse_foreign_files(call, visit)
        answer = ports.call_api(name, _as_one_of_its_tries(call, held, visit, ports))
    except FAILURES as error:
        reason = failure_reason(error)
        doubt = reason in DOUBTFUL or (held is not None and held.doubt)
        effect = {**call_summary(integration, call), "reason": reason, "error": str(error)}
        if isinstance(error, Unavailable | InDoubt):
            if waits := _hold(visit, ports, held, call, effect, name=name, may_wait=isinstance(error, HostBusy)):
                return waits
            reason = effect["reason"]
        return Outcome(exit="failure", set=_response(visit, 0, reason, doubt=doubt), effects=(effect,))
    mapped = _mapped(answer, visit, ports)
    effect = call_summary(integration, call, answer)
    doubt = mapped.exit == "failure" and held is not None and held.doubt
    if mapped.exit == "failure":
        # The alarm on files counts by the reason: a call that says none would be counted, or not, by accident.
        effect["reason"] = mapped.reason or REFUSED_BY_ANSWER
        if mapped.error:
            effect["error"] = mapped.error
        if is_trouble(answer.status):
            if waits := _hold(visit, ports, held, call, effect, name=name, after=retry_after(answer, ports.now())):
                return waits
            if effect["reason"] == OUTAGE:
                return Outcome(
                    exit="failure", set=_response(visit, answer.status, OUTAGE, doubt=doubt), effects=(effect,)
                )
    variables = answer_variables(mapped.value, visit.config["save_as"])
    response = _response(visit, answer.status, mapped.reason, doubt=doubt)
    return Outcome(exit=mapped.exit, set={**variables, **response}, effects=(effect,))


def _as_one_of_its_tries(call: Call, held: Held | None, visit: Visit, ports: Ports) -> Call:
    """The call with what the port needs to know: its key, whether it is held, and what an answer shows of the host."""

    def health(answer: Answer) -> Health:
        exit, success = _mapped(answer, visit, ports).exit, success_statuses(visit.config["integration"])
        return call_health(answer.status, exit, answer.milliseconds, call.seconds, success)

    return replace(call, key=held.key if held else "", holds="hold" in visit.config, health=health)


def _mapped(answer: Answer, visit: Visit, ports: Ports) -> MappedResponse:
    expired = lambda: ports.now() >= visit.deadline  # noqa: E731
    return map_response(answer, visit.config["integration"], visit.config["values"], expired=expired)


def _hold(
    visit: Visit,
    ports: Ports,
    held: Held | None,
    call: Call | None,
    effect: dict[str, Any],
    *,
    name: str,
    may_wait: bool = False,
    after: float = 0.0,
) -> Outcome | None:
    """The wait for the next try; None when the call is not held (any more).

    A call for which no slot was free waits for one in any case (`may_wait`), but not for long. `name` is the effect's,
    and `effect` is completed for the transcript.
    """
    hold = visit.config.get("hold")  # a flow version from before an outage could be waited for has none
    if hold is None and not may_wait:
        return None
    now = ports.now() // 1000
    files = [part.file for part in call.parts if part.file] if call else []
    longest = ports.hold_seconds(hold["seconds"], files) if hold else BUSY_SECONDS
    key, reason = visit.effect_key(name), effect["reason"]
    again = held_again(held, key=key, reason=reason, seconds=longest, now=now, after=after)
    if again is None:
        effect["reason"] = OUTAGE if hold else reason
        return None
    say = render(hold["say"], Scope.of(visit)) if hold and is_to_tell(again, now) else ""
    host = again.host or host_of(visit.config["integration"]["url"])
    again = replace(again, told=again.told or bool(say), host=host)
    effect["held"] = again.shown
    wait = Wait((API,), seconds=max(1, again.next - now), wait_state=again.to_json(), say=say)
    return Outcome(wait=wait, effects=(effect,))


def _refuse_foreign_files(call: Call, visit: Visit) -> None:
    """Raises Refused for a file of another conversation: a variable may look like a file because an API answered so."""
    for part in call.parts:
        if part.file and not object_keys.may_use(visit.conversation.key, part.file.key, visit.conversation.formerly):
            raise Refused(f"the part {part.name!r} names a file that is not of this conversation")


def _response(visit: Visit, status: int, reason: str, *, doubt: bool) -> dict[str, Any]:
    return response_variable(visit.config["save_as"] or visit.node, status, reason, doubt=doubt)
