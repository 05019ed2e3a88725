"""Exits by a way that it never declared, waits for nothing, tells who it talks to, and reads the clock."""

from __future__ import annotations

import time

from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Ports


def visit(visit: Visit, _ports: Ports) -> Outcome:
    return Outcome(exit="elsewhere", effects=({"to": visit.conversation.contact, "at": time.time()},))
