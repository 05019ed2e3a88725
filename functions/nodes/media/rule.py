"""Media: asks the customer for one file and stores it, sends the customer one, or only stores one."""

from __future__ import annotations

from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Ports
from nodes.media import inbound, outbound, storing


def visit(visit: Visit, ports: Ports) -> Outcome:
    """Inbound exits `received`, `unsafe`, `gave_up`, `timeout`, `failed`; outbound `sent`, `failed`.

    The direction `store` is no author's: a turn uses it for a file that comes while a person talks to the customer.
    """
    if visit.config["direction"] == "inbound":
        return inbound.visit(visit, ports)
    if visit.config["direction"] == "store":
        return storing.visit(visit, ports)
    return outbound.visit(visit, ports)
