"""Makes the Lambda handler of a node type from its rule.

This module imports nothing heavy: a node starts with the log alone, and loads what a visit needs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from chatflow.adapters import throttling
from chatflow.adapters.first_event import collecting_afterwards
from chatflow.errors import Throttled
from chatflow.logs import logger
from chatflow.nodes.contract import Outcome, Visit, within_limit
from chatflow.nodes.ports import Ports

Rule = Callable[[Visit, Ports], Outcome]
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def handler_for(rule: Rule, *, failure_exit: str) -> Handler:
    """A Lambda handler for a node type. `failure_exit` is taken when the variables would grow past their limit.

    The handler returns the outcome's JSON, and in `record` the visit as the transcript stores it.
    """

    @collecting_afterwards
    def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        from chatflow.adapters.visit_ports import VisitPorts

        visit = Visit.from_json(event)
        started = time.monotonic()
        ports = VisitPorts(visit)
        try:
            with throttling.calls_until(visit.deadline / 1000):
                if visit.phase == "deliver":
                    outcome = Outcome(exit="delivered", effects=(ports.deliver(),))
                else:
                    outcome = within_limit(rule(visit, ports), visit.variables, failure_exit)
        except Exception as error:
            if throttling.is_throttle(error):  # under this name, the turn's execution tells it from a defect
                raise Throttled(f"a call of the node {visit.node} was throttled until its deadline") from error
            raise
        record = {
            "visit": visit.visit,
            "flow": visit.flow,
            "node": visit.node,
            "phase": visit.phase,
            "exit": outcome.exit,
            "waits": outcome.wait is not None,
            "milliseconds": round((time.monotonic() - started) * 1000),
            "effects": list(outcome.effects),
        }
        logged = {**record, "effects": [_logged(effect) for effect in outcome.effects]}
        logger.info(
            "visit",
            extra={"conversation": visit.conversation.key, "session": visit.session, "turn": visit.turn, **logged},
        )
        if ports.owed:  # what is to be sent is for the session only: neither the log nor the transcript shows it
            record |= {"owed": ports.owed, "owes": ports.owes}
        return {**outcome.to_json(), "record": record}

    return handler


def _logged(effect: dict[str, Any]) -> dict[str, Any]:
    """The effect without message ids: those of some channels contain the contact's address."""
    return {key: value for key, value in effect.items() if key != "messages"}
