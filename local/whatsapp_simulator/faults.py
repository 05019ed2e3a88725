"""Fault injection on the Graph API: errors, delays, lost responses, and downloads that break off."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from local.whatsapp_simulator.graph_errors import TITLES, GraphError

OPERATIONS = ("send", "upload", "lookup", "download", "number")
MEDIA_OPERATIONS = ("upload", "lookup", "download")


class InvalidFault(ValueError):
    """A fault for an unknown operation or with an unknown property."""


@dataclass
class Fault:
    """One fault of one operation; `times` counts down, and the fault ends at 0."""

    status: int = 503
    code: int = 131016
    details: str = "Asked for through /handset/faults"
    times: int = 1
    stall: float = 0.0  # seconds before the response
    only_stall: bool = False  # respond late but correctly
    after: bool = False  # perform the operation first, then replace its response: the business cannot know
    cut: int = -1  # download: bytes after which the connection breaks; -1: none

    def error(self) -> GraphError:
        title = TITLES.get(self.code, "Service unavailable")
        return GraphError(self.code, self.details, status=self.status, message=f"(#{self.code}) {title}")


class Faults:
    """The planned faults, at most one per operation, and a delay of all operations."""

    def __init__(self) -> None:
        self.stall = 0.0
        self._planned: dict[str, Fault] = {}
        self._injected: Counter[str] = Counter()  # how often a fault took effect, by operation

    def plan(self, faults: dict[str, Any]) -> None:
        """Add faults by operation; `{}` clears all. `media` stands for upload, lookup and download.

        Raises InvalidFault.
        """
        if not faults:
            self._planned.clear()
            self.stall = 0.0
        for name, properties in faults.items():
            if name == "stall":
                self.stall = float(properties)
            elif name == "media" or name in OPERATIONS:
                for operation in MEDIA_OPERATIONS if name == "media" else (name,):
                    self._planned[operation] = _fault(properties)
            else:
                raise InvalidFault(f"No operation {name!r}; there are {', '.join((*OPERATIONS, 'media', 'stall'))}")

    async def take(self, operation: str) -> Fault | None:
        """Delay the operation as planned; returns the fault that it must show, and counts it down."""
        fault = self._planned.get(operation)
        if fault:
            fault.times -= 1
            self._injected[operation] += 1
            if fault.times <= 0:
                del self._planned[operation]
        seconds = self.stall + (fault.stall if fault else 0.0)
        if seconds:
            await asyncio.sleep(seconds)
        return None if fault is None or fault.only_stall else fault

    def to_json(self) -> dict[str, Any]:
        planned = {name: asdict(fault) for name, fault in self._planned.items()}
        return {"stall": self.stall, **planned, "injected": dict(self._injected)}


def _fault(properties: dict[str, Any]) -> Fault:
    try:
        fault = Fault(**properties)
    except TypeError as error:
        raise InvalidFault(str(error)) from None
    # {"stall": 5} alone means: respond late, but as usual.
    if fault.stall and not {"status", "code", "after", "cut"} & properties.keys():
        fault.only_stall = True
    return fault
