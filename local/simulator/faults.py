"""Fault injection on the channel's API: errors, delays, lost responses, and downloads that break off."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Generic, TypeVar

from starlette.responses import FileResponse, Response, StreamingResponse

REASON = "Asked for through /handset/faults"


class InvalidFault(ValueError):
    """A fault for an unknown operation or with an unknown property."""


@dataclass
class Fault:
    """One fault of one operation; it ends when `times` has come down to 0. A channel adds the form of its errors."""

    status: int = 503
    times: int = 1
    stall: float = 0.0  # seconds before the response
    only_stall: bool = False  # respond late but correctly
    after: bool = False  # perform the operation first, then replace its response: the business cannot know
    cut: int = -1  # download: bytes after which the connection breaks; -1: none
    above: int = 0  # only calls beyond so many in a second; 0: every call
    _allowed: deque[float] = field(default_factory=deque, init=False, repr=False)  # calls of the last second

    def concerns(self, now: float) -> bool:
        """Whether a call at this time of a monotonic clock has the fault. One that was refused is not counted."""
        if not self.above:
            return True
        while self._allowed and self._allowed[0] <= now - 1:
            self._allowed.popleft()
        if len(self._allowed) >= self.above:
            return True
        self._allowed.append(now)
        return False

    def to_json(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self) if each.init}


F = TypeVar("F", bound=Fault)


class Faults(Generic[F]):
    """The planned faults, at most one per operation, and a delay of all operations."""

    def __init__(self, fault: type[F], operations: tuple[str, ...], groups: Mapping[str, tuple[str, ...]]) -> None:
        """`fault` is the channel's form of a fault, `groups` are names that stand for several operations."""
        self.stall = 0.0
        self._fault = fault
        self._operations = {**{name: (name,) for name in operations}, **groups}
        self._planned: dict[str, F] = {}
        self._injected: Counter[str] = Counter()  # how often a fault took effect, by operation

    def plan(self, faults: dict[str, Any]) -> None:
        """Add faults by operation; `{}` clears all. Raises InvalidFault."""
        if not faults:
            self._planned.clear()
            self.stall = 0.0
        for name, properties in faults.items():
            if name == "stall":
                self.stall = float(properties)
            elif name in self._operations:
                for operation in self._operations[name]:
                    self._planned[operation] = self._checked(properties)
            else:
                raise InvalidFault(f"No operation {name!r}; there are {', '.join((*self._operations, 'stall'))}")

    async def take(self, operation: str) -> F | None:
        """Delay the operation as planned; returns the fault that it must show, and counts it down."""
        fault = self._planned.get(operation)
        if fault and not fault.concerns(asyncio.get_running_loop().time()):
            fault = None
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
        planned = {name: fault.to_json() for name, fault in self._planned.items()}
        return {"stall": self.stall, **planned, "injected": dict(self._injected)}

    def _checked(self, properties: dict[str, Any]) -> F:
        try:
            fault = self._fault(**properties)
        except TypeError as error:
            raise InvalidFault(str(error)) from None
        # {"stall": 5} alone means: respond late, but as usual.
        if fault.stall and not properties.keys() - {"stall", "times"}:
            fault.only_stall = True
        return fault


def cut_download(response: Response, length: int) -> Response:
    """The same download with its full Content-Length, broken off after `length` bytes."""
    if not isinstance(response, FileResponse):
        return response
    path = Path(response.path)

    async def beginning() -> AsyncIterator[bytes]:
        with path.open("rb") as file:
            yield file.read(length)
        raise ConnectionResetError(f"The download was broken off. {REASON}")

    return StreamingResponse(beginning(), headers={**response.headers, "content-length": str(path.stat().st_size)})
