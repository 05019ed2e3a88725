"""Note: writes a note into the transcript, and sends nothing."""

from __future__ import annotations

from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Ports


def visit(visit: Visit, _ports: Ports) -> Outcome:
    """Exit `done`; the shared handler takes `failed` when the variables exceed their limit."""
    return Outcome(exit="done", effects=({"effect": "note", "note": visit.config["note"]},))
