"""Asks, exits by a way that it never declared, waits for nothing, tells who it talks to, and reads the clock."""

from __future__ import annotations

import time

from chatflow.messages import Text
from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Ports


def visit(visit: Visit, ports: Ports) -> Outcome:
    ports.send_message("ask", Text("What now?"))
    return Outcome(exit="elsewhere", effects=({"to": visit.conversation.contact, "at": time.time()},))
