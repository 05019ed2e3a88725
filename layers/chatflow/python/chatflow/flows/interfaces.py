"""What the flows of a project must know of one another: the interface of a flow.

Flows influence one another in three ways only: a flow hands over its variables to the flow that it goes on with, it
brings its channels there, and flows may form a circle. The interface says this of one flow, whatever its variables hold
when it begins. It is stored with each published version, so that a flow is validated among all others without reading
them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# Another number makes interfaces that were stored before count for nothing: they are taken from the text of the flow.
# It must change when a change of the analysis or of a node type changes the interface of a flow that did not change.
FORMAT: Final = 1
LARGEST: Final = 64 * 1024  # characters of a stored interface: an item of DynamoDB has 400 KB


@dataclass(frozen=True)
class Way:
    """What a flow makes of its variables on its way to another flow, taking all of its nodes that lead there together.

    `sets` are the variables that it may set, with what they then hold; `copies` those that may hold what another one
    held when the flow began, as (variable, other). A variable of `drops` never arrives as it was then; all others may.
    """

    sets: tuple[tuple[str, str], ...] = ()
    copies: tuple[tuple[str, str], ...] = ()
    drops: tuple[str, ...] = ()


@dataclass(frozen=True)
class Interface:
    """A flow as other flows see it. `ways` and the other names of flows are those that it leads to."""

    given: tuple[str, ...] = ()  # variables that a business sets when it starts the flow
    ways: Mapping[str, Way] = field(default_factory=dict)
    leads_to: tuple[str, ...] = ()  # from any of its nodes, also one that nothing leads to
    at_once: tuple[str, ...] = ()  # those that a session may enter without waiting for the customer
    asks: tuple[str, ...] = ()  # the variables that its validation may ask for


def storable(interface: Interface) -> dict[str, Any] | None:
    """The interface as it is stored; None if it is too large."""
    ways = {flow: [way.sets, way.copies, way.drops] for flow, way in interface.ways.items()}
    stored = {
        "format": FORMAT,
        "given": interface.given,
        "ways": ways,
        "leads_to": interface.leads_to,
        "at_once": interface.at_once,
        "asks": interface.asks,
    }
    text = json.dumps(stored)
    found: dict[str, Any] = json.loads(text)
    return found if len(text) <= LARGEST else None


def stored_interface(stored: Any) -> Interface | None:
    """An interface that was stored; None for one of another format, or none at all."""
    if not isinstance(stored, dict) or stored.get("format") != FORMAT:
        return None
    return Interface(
        tuple(stored["given"]),
        {flow: Way(_pairs(way[0]), _pairs(way[1]), tuple(way[2])) for flow, way in stored["ways"].items()},
        tuple(stored["leads_to"]),
        tuple(stored["at_once"]),
        tuple(stored["asks"]),
    )


def _pairs(stored: Iterable[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(other)) for name, other in stored)
