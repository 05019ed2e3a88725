"""Trouble on demand on the Graph side: errors, delays, answers that get lost, downloads that break off."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import Any

from local.whatsapp_simulator.refusals import TITLES, Refusal

OPERATIONS = ("send", "upload", "lookup", "download", "number")
MEDIA_OPERATIONS = ("upload", "lookup", "download")


class UnknownFault(ValueError):
    """A fault that names no operation or no known trait."""


@dataclass
class Fault:
    """One kind of trouble for one operation; `times` counts down, and at 0 the fault is over."""

    status: int = 503
    code: int = 131016
    details: str = "Asked for through /handset/faults"
    times: int = 1
    stall: float = 0.0  # seconds before the answer
    only_stall: bool = False  # late, but as it should be
    after: bool = False  # the work is done first, then its answer is replaced: the business cannot know
    cut: int = -1  # download: bytes after which the connection breaks; -1: none

    def refusal(self) -> Refusal:
        title = TITLES.get(self.code, "Service unavailable")
        return Refusal(self.code, self.details, status=self.status, message=f"(#{self.code}) {title}")


class Faults:
    """The faults that are due, at most one per operation, and a delay of everything."""

    def __init__(self) -> None:
        self.stall = 0.0
        self._due: dict[str, Fault] = {}

    def plan(self, wanted: dict[str, Any]) -> None:
        """Take new faults; `{}` clears all. `media` stands for upload, lookup and download; raises UnknownFault."""
        if not wanted:
            self._due.clear()
            self.stall = 0.0
        for name, traits in wanted.items():
            if name == "stall":
                self.stall = float(traits)
            elif name == "media" or name in OPERATIONS:
                for operation in MEDIA_OPERATIONS if name == "media" else (name,):
                    self._due[operation] = _fault(traits)
            else:
                raise UnknownFault(f"No operation {name!r}; there are {', '.join((*OPERATIONS, 'media', 'stall'))}")

    async def strike(self, operation: str) -> Fault | None:
        """Delay the operation as planned; returns the fault that it must show, once less is due."""
        fault = self._due.get(operation)
        if fault:
            fault.times -= 1
            if fault.times <= 0:
                del self._due[operation]
        seconds = self.stall + (fault.stall if fault else 0.0)
        if seconds:
            await asyncio.sleep(seconds)
        return None if fault is None or fault.only_stall else fault

    def shown(self) -> dict[str, Any]:
        return {"stall": self.stall, **{name: asdict(fault) for name, fault in self._due.items()}}


def _fault(traits: dict[str, Any]) -> Fault:
    try:
        fault = Fault(**traits)
    except TypeError as wrong:
        raise UnknownFault(str(wrong)) from None
    # {"stall": 5} alone means: be late, but answer as usual.
    if fault.stall and not {"status", "code", "after", "cut"} & traits.keys():
        fault.only_stall = True
    return fault
