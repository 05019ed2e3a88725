"""Media: asks the customer for one file and stores it, or sends the customer one."""

from __future__ import annotations

from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Ports
from nodes.media import inbound, outbound


def visit(visit: Visit, ports: Ports) -> Outcome:
    """Inbound exits `received`, `unsafe`, `gave_up`, `timeout`, `failed`; outbound `sent`, `failed`."""
    if visit.config["direction"] == "inbound":
        return inbound.visit(visit, ports)
    return outbound.visit(visit, ports)
