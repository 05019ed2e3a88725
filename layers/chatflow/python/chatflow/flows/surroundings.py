"""What the flows that are not read bring to those that are: variables, channels, circles.

The variables of all flows are found as the smallest solution of what their interfaces say. A state of variables is one
integer with a bit for each variable and each thing that it may hold, so that a thousand flows with thousands of
variables take milliseconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from chatflow.flows.interfaces import Interface, Way
from chatflow.flows.node_config import UNKNOWN, VALUE
from chatflow.flows.variables import State

Interfaces = Mapping[str, Interface]  # by the name of the flow


@dataclass(frozen=True)
class _Step:
    """A way as operations on states: keep these bits, add those, and move what some variables hold to others."""

    keep: int  # as a mask that excludes what is dropped
    add: int
    copies: tuple[tuple[int, int, int], ...]  # from this bit to that one; what is added when there is nothing to copy


class Arrivals:
    """What every flow may begin with, for each of some sets of interfaces."""

    def __init__(self, *worlds: Interfaces) -> None:
        interfaces = {id(each): each for world in worlds for each in world.values()}.values()
        pairs = {pair for each in interfaces for pair in _pairs(each)}
        self._kinds = {kind: number for number, kind in enumerate(sorted({VALUE, *(kind for _, kind in pairs)}))}
        copied = {name for each in interfaces for way in each.ways.values() for copy in way.copies for name in copy}
        names = sorted({UNKNOWN, *copied, *(name for name, _ in pairs)})
        self._names = {name: number for number, name in enumerate(names)}
        self._one = (1 << len(self._kinds)) - 1  # everything that one variable may hold
        self._steps: dict[int, dict[str, _Step]] = {
            id(each): {flow: self._step(way) for flow, way in each.ways.items()} for each in interfaces
        }
        self._interfaces = list(interfaces)  # so that their ids stay theirs
        self._states = [self._solved(world) for world in worlds]
        self._worlds = worlds

    def differing(self, one: int, other: int) -> Iterator[str]:
        """The flows in both of these worlds that may begin with something else of what they ask for."""
        first, second = self._states[one], self._states[other]
        for flow in first.keys() & second.keys():
            changed = first[flow] ^ second[flow]
            if changed and any(
                changed & (self._one << place)
                for name in (UNKNOWN, *self._worlds[one][flow].asks)
                if (place := self._place(name)) is not None
            ):
                yield flow

    def from_others(self, world: int, flows: Collection[str]) -> dict[str, State]:
        """What the other flows of a world hand over to these, for each of these flows."""
        states, interfaces = self._states[world], self._worlds[world]
        found = dict.fromkeys(flows, 0)
        for other, interface in interfaces.items():
            if other not in found:
                for flow in interface.ways.keys() & found.keys():
                    found[flow] |= _after(states[other], self._steps[id(interface)][flow], self._one)
        return {flow: frozenset(self._decoded(state)) for flow, state in found.items()}

    def _solved(self, world: Interfaces) -> dict[str, int]:
        states = {flow: self._bits((name, VALUE) for name in each.given) for flow, each in world.items()}
        ahead = dict.fromkeys(world)
        while ahead:
            flow = next(iter(ahead))
            del ahead[flow]
            for target, step in self._steps[id(world[flow])].items():
                if target in states:
                    grown = states[target] | _after(states[flow], step, self._one)
                    if grown != states[target]:
                        states[target] = grown
                        ahead[target] = None
        return states

    def _step(self, way: Way) -> _Step:
        dropped = 0
        for name in way.drops:
            if (place := self._place(name)) is not None:
                dropped |= self._one << place
        set_anyway = {name for name, _ in way.sets}
        copies = tuple(
            (self._bit(other), self._bit(name), 0 if name in set_anyway else 1 << self._kinds[VALUE])
            for name, other in way.copies
        )
        return _Step(~dropped, self._bits(way.sets), copies)

    def _bits(self, pairs: Iterable[tuple[str, str]]) -> int:
        found = 0
        for name, kind in pairs:
            found |= 1 << (self._bit(name) + self._kinds[kind])
        return found

    def _bit(self, name: str) -> int:
        return self._names[name] * len(self._kinds)

    def _place(self, name: str) -> int | None:
        """The first bit of a variable; None for one that no flow sets."""
        number = self._names.get(name)
        return None if number is None else number * len(self._kinds)

    def _decoded(self, state: int) -> Iterator[tuple[str, str]]:
        names, kinds = list(self._names), list(self._kinds)
        while state:
            lowest = state & -state
            name, kind = divmod(lowest.bit_length() - 1, len(kinds))
            yield names[name], kinds[kind]
            state ^= lowest


def led_to_by(flows: Iterable[str], interfaces: Interfaces) -> set[str]:
    """These flows, and all that they lead to, over any number of others."""
    return _reached(flows, {name: each.ways for name, each in interfaces.items()})


def leading_to(flows: Iterable[str], interfaces: Interfaces) -> Interfaces:
    """The interfaces of these flows, and of all that lead to them, over any number of others."""
    found = _reached(flows, _backwards({name: each.ways for name, each in interfaces.items()}))
    return {name: each for name, each in interfaces.items() if name in found}


def circle_of(flow: str, interfaces: Interfaces) -> set[str]:
    """The flows that form circles with this one in which a session need not wait for the customer; itself included."""
    following = {name: [other for other in each.at_once if other in interfaces] for name, each in interfaces.items()}
    return _reached([flow], following) & _reached([flow], _backwards(following))


def _backwards(steps: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    before: dict[str, list[str]] = {}
    for name, ahead in steps.items():
        for each in ahead:
            before.setdefault(each, []).append(name)
    return before


def _reached(first: Iterable[str], steps: Mapping[str, Iterable[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = [*first]
    while ahead:
        flow = ahead.pop()
        if flow not in seen:
            seen.add(flow)
            ahead += steps.get(flow, ())
    return seen


def _pairs(interface: Interface) -> Iterator[tuple[str, str]]:
    for name in interface.given:
        yield name, VALUE
    for way in interface.ways.values():
        yield from way.sets


def _after(state: int, step: _Step, one: int) -> int:
    found = (state & step.keep) | step.add
    for source, target, otherwise in step.copies:
        found |= ((state >> source & one) or otherwise) << target
    return found
