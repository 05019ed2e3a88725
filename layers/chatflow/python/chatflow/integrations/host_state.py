"""The state of a host for people: what its cells (`chatflow.integrations.host_health`) say together. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chatflow.integrations.host_health import Cell, admission

Breaker = Literal["closed", "half_open", "open"]


@dataclass(frozen=True)
class HostState:
    """A host and its breaker. `until`: when its last open cell lets a probe through (seconds since the epoch), or 0.

    `open_cells` of `cells` refuse calls. `in_use` of `slots` are taken.
    """

    breaker: Breaker
    until: int
    open_cells: int
    cells: int
    in_use: int
    slots: int


def host_state(cells: Sequence[Cell], capacities: Sequence[int], now: int) -> HostState:
    """The state of a host with these cells, of which each has so many slots. `now` is in seconds since the epoch.

    A host is open as soon as one of its cells is: a call that meets open cells only is refused.
    """
    found = [admission(cell, capacity, now) for cell, capacity in zip(cells, capacities, strict=True)]
    opened = [each.until for each in found if each.kind in ("open", "probed")]
    half_open = any(cell.open_until for cell in cells)
    in_use = sum(len(cell.leases - each.expired) for cell, each in zip(cells, found, strict=True))
    breaker: Breaker = "open" if opened else "half_open" if half_open else "closed"
    return HostState(breaker, max(opened, default=0), len(opened), len(cells), in_use, sum(capacities))
