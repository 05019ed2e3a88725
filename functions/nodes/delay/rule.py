"""Delay: waits for a time, then continues. Messages meanwhile do not move that time."""

from __future__ import annotations

from typing import Any, Final

from chatflow.conversation.events import TIMEOUT
from chatflow.conversation.session import ANY_MESSAGE, ANY_WITHOUT_FILE
from chatflow.errors import ChannelRefused, ChannelUnavailable
from chatflow.messages import Text
from chatflow.nodes.contract import Outcome, Visit, Wait
from chatflow.nodes.ports import Ports
from chatflow.templating import Scope, fill, render
from nodes.delay.moments import LONGEST, moment_of, next_time_of_day

_SAY_AGAIN_AFTER: Final = 600  # seconds: somebody who writes several messages in a row hears the answer once


def visit(visit: Visit, ports: Ports) -> Outcome:
    """Exits `done`, `message`, `failed`. The time is found when the node is entered, and kept in `wait_state`."""
    if visit.event.get("kind") == TIMEOUT and visit.phase == "resume":
        return Outcome(exit="done")
    now = ports.now() // 1000
    if visit.phase == "enter":
        return _begin(visit, now)
    if visit.config["exit_on_message"]:
        return Outcome(exit="message")
    return _answer(visit, ports, now)


def _begin(visit: Visit, now: int) -> Outcome:
    until = _until(visit, now)
    if isinstance(until, str):
        return Outcome(
            exit="failed",
            set={f"{visit.node}_failure": {"reason": until}},
            effects=({"effect": "wait", "failed": "there is no time to wait for", "reason": until},),
        )
    if until <= now:
        return Outcome(exit="done", effects=({"effect": "wait", "skipped": "the time has passed"},))
    return Outcome(wait=_wait(visit, {"until": until}))


def _until(visit: Visit, now: int) -> int | str:
    """The time to wait for, or the reason why there is none."""
    config = visit.config
    if "for" in config:
        return now + int(config["for"])
    if "at" in config:
        try:
            return next_time_of_day(config["at"], config["zone"], now)
        except (KeyError, ValueError):  # a zone that was renamed since the flow was published
            return "no_such_zone"
    until = moment_of(fill(config["until"], Scope.of(visit)))
    if until is None:
        return "not_a_time"
    return until if until <= now + LONGEST else "too_far"


def _wait(visit: Visit, state: dict[str, Any]) -> Wait:
    config = visit.config
    expects = (ANY_MESSAGE,) if config["exit_on_message"] else (ANY_WITHOUT_FILE,) if config["say"] else ()
    return Wait(expects, wait_state=state, until=int(state["until"]))


def _answer(visit: Visit, ports: Ports, now: int) -> Outcome:
    """Say what the author wrote for messages meanwhile, unless it was said a short while ago, and go on waiting."""
    state = visit.wait_state
    text = render(visit.config["say"], Scope.of(visit))
    if not text.strip() or now < int(state.get("said_at", 0)) + _SAY_AGAIN_AFTER:
        return Outcome(wait=_wait(visit, state), effects=({"effect": "say", "skipped": "said already"},))
    try:
        said = ports.send_message("say", Text(text))
    except (ChannelRefused, ChannelUnavailable) as error:
        said = {"effect": "say", "failed": str(error)}
    return Outcome(wait=_wait(visit, {**state, "said_at": now}), effects=(said,))
