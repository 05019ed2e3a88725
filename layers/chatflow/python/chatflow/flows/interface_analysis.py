"""Finds the interface of a flow: follows its ways with variables that hold whatever they held when it began."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from chatflow.flows.cycles import immediate_flows
from chatflow.flows.graph import Graph
from chatflow.flows.interfaces import Interface, Way
from chatflow.flows.node_config import COPY
from chatflow.flows.template_references import texts
from chatflow.flows.variables import FAILURE, State, leaving_states
from chatflow.templating import names

_ENTRY: Final = "@"  # "@photo": whatever `photo` held when the flow began


def interface_of(graph: Graph, asked: Collection[str]) -> Interface:
    """The interface of a flow. `asked` are variables that its nodes ask for beside those that they name."""
    named = {name for node in graph.flow.nodes.values() for name in _named_in(node.raw)}
    return Interface(
        given=tuple(graph.flow.given),
        ways=_ways(graph),
        leads_to=tuple(sorted({flow for node in graph.flow.nodes for flow in graph.flows_after(node)})),
        at_once=tuple(sorted(immediate_flows(graph))),
        asks=tuple(sorted({*named, *asked})),
    )


def _ways(graph: Graph) -> dict[str, Way]:
    """The ways of a flow to other flows, by the name of the other."""
    touched = sorted(_touched(graph))
    begin: State = frozenset((name, _ENTRY + name) for name in touched)
    return {flow: _way(state, touched) for flow, state in sorted(leaving_states(graph, begin).items())}


def _way(state: State, touched: Iterable[str]) -> Way:
    from_entry = {(name, held.removeprefix(_ENTRY)) for name, held in state if held.startswith(_ENTRY)}
    return Way(
        sets=tuple(sorted(pair for pair in state if not pair[1].startswith(_ENTRY))),
        copies=tuple(sorted(pair for pair in from_entry if pair[0] != pair[1])),
        drops=tuple(name for name in touched if (name, name) not in from_entry),
    )


def _touched(graph: Graph) -> set[str]:
    """The variables that any node sets or copies."""
    found = {FAILURE}
    for behaviour in graph.behaviours.values():
        for sets in behaviour.sets.values():
            found.update(sets, (kind.removeprefix(COPY) for kind in sets.values() if kind.startswith(COPY)))
    return found


def _named_in(fields: Any) -> Iterator[str]:
    for _path, text in texts(fields):
        yield from names(text)
        if text.isidentifier():
            yield text
