"""Set variable: stores values in variables."""

from __future__ import annotations

from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Ports
from chatflow.templating import Scope, fill


def visit(visit: Visit, _ports: Ports) -> Outcome:
    """Exit `done`; the shared handler takes `failed` when the variables exceed their limit."""
    return Outcome(exit="done", set=fill(visit.config["set"], Scope.of(visit)))
