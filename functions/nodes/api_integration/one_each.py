"""One call for each file of a list, in its order.

What is done is in the wait state, so that no file is uploaded twice: when the list needs more time than a visit has, or
one of its calls is held, the node waits and goes on with the files that are left.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from chatflow.conversation.session import API
from chatflow.integrations.holding import held_call
from chatflow.integrations.host_health import is_trouble
from chatflow.integrations.outcome import response_variable
from chatflow.media.reference import MOST_FILES, is_media_list
from chatflow.nodes.contract import TOO_LARGE, VARIABLES_LIMIT, Outcome, Visit, Wait
from chatflow.nodes.ports import Ports

_MARGIN: Final = 3_000  # milliseconds of a visit that a call's own timeout does not cover
_GO_ON: Final = 1  # seconds; a wait has a deadline

MakeCall = Callable[[Visit, Ports, str], Outcome]  # with the name of the effect


def visit_each(visit: Visit, ports: Ports, make_call: MakeCall) -> Outcome:
    """Exit `failure` when a call fails; else the exit to which all answers lead, or `success`.

    A file that the API refuses does not keep the others from being uploaded; an API in trouble ends the list.
    """
    state = visit.wait_state.get("each") or {}
    done: list[dict[str, Any]] = list(state.get("done") or ())
    hold: dict[str, Any] = state.get("hold") or {}  # the last hold: all files of the list share its time
    held = visit.wait_state.get("held")
    effects: list[dict[str, Any]] = []
    files = _files(visit)
    while len(done) < len(files):
        if effects and ports.now() + visit.config["integration"]["timeout"] * 1000 + _MARGIN > visit.deadline:
            return Outcome(wait=Wait((API,), _GO_ON, {"each": {"done": done, "hold": hold}}), effects=tuple(effects))
        name = f"call_{len(done)}"
        if held is None and hold:
            held = {**hold, "key": visit.effect_key(name), "tries": 0, "full": 0, "doubt": False}
        variables = {**visit.variables, visit.config["each"]: files[len(done)]}
        outcome = make_call(replace(visit, variables=variables, wait_state={"held": held} if held else {}), ports, name)
        effects += [{**each, "file": len(done) + 1} for each in outcome.effects]
        if outcome.wait:
            kept = {**outcome.wait.wait_state, "each": {"done": done, "hold": hold}}
            return Outcome(wait=replace(outcome.wait, wait_state=kept), effects=tuple(effects))
        if call := held_call({"held": held}):
            hold = call.to_json()["held"]
        held = None
        done.append(_done(visit, outcome))
        if len(json.dumps(done, ensure_ascii=False).encode()) > VARIABLES_LIMIT:
            done[-1] |= {"exit": "failure", "reason": TOO_LARGE, "value": None}
        if _ends_the_list(done[-1]):
            break
    return _outcome(visit, done, effects)


def _files(visit: Visit) -> list[Any]:
    """The files of the list. One file is a list of one; what holds none is refused by the call."""
    value = visit.variables.get(visit.config["each"])
    return value if is_media_list(value) and len(value) <= MOST_FILES else [value]


def _done(visit: Visit, outcome: Outcome) -> dict[str, Any]:
    save_as = visit.config["save_as"]
    return {
        "exit": outcome.exit,
        **outcome.set[f"{save_as or visit.node}_response"],
        **({"value": outcome.set.get(save_as)} if save_as else {}),
    }


def _ends_the_list(call: dict[str, Any]) -> bool:
    """Whether the API was not reached, is in trouble, or answers too much."""
    trouble = not call["status"] or is_trouble(call["status"]) or call["reason"] == TOO_LARGE
    return bool(call["exit"] == "failure" and trouble)


def _outcome(visit: Visit, done: list[dict[str, Any]], effects: list[dict[str, Any]]) -> Outcome:
    save_as = visit.config["save_as"]
    failed = next((each for each in done if each["exit"] == "failure"), None)
    exits = {each["exit"] for each in done}
    shown = failed or done[-1]
    doubt = any(each.get("in_doubt") for each in done)
    response = response_variable(save_as or visit.node, shown["status"], shown["reason"], doubt=doubt)
    for each in response.values():
        each["done"] = sum(call["exit"] != "failure" for call in done)
        each["items"] = [{"status": call["status"], "reason": call["reason"]} for call in done]
    exit = "failure" if failed else exits.pop() if len(exits) == 1 else "success"
    answers = {save_as: [each.get("value") for each in done]} if save_as else {}
    return Outcome(exit=exit, set={**answers, **response}, effects=tuple(effects))
