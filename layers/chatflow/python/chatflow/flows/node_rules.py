"""What is wrong with each node where it stands: its exits, the variables it uses, and what its type finds itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from chatflow.flows.fields import END, ToFlow
from chatflow.flows.nodes import UNKNOWN, Behaviour, NodeConfig
from chatflow.flows.problems import Finding, Problem, listed, nearest, suggestion
from chatflow.flows.references import mistakes, uses
from chatflow.flows.view import FlowView


def problems(view: FlowView, flows: Collection[str]) -> Iterator[Problem]:
    """Every problem of every node whose fields are sound. `flows` are the names of all flows."""
    flow = view.graph.flow
    for name, node in flow.nodes.items():
        if name == END:
            yield flow.problem(("nodes", name), '"end" is where a flow ends. Give this node another name.')
        if node.config is None:
            continue
        behaviour = view.behaviour(name)
        for finding in (
            *_exit_findings(node.config, behaviour, view, flows),
            *_variable_findings(name, node.config, view),
            *node.config.check(name, view),
        ):
            yield flow.problem(("nodes", name, *finding.path), finding.message)


def _exit_findings(
    config: NodeConfig, behaviour: Behaviour, view: FlowView, flows: Collection[str]
) -> Iterator[Finding]:
    written: dict[str, str] = {}
    nodes = view.graph.flow.nodes
    if config.then is not None and not behaviour.main:
        yield Finding(("then",), f"A node of type {config.type} has no single way on. {_write_exits(behaviour)}")
    for path, exit, target in config.ways(behaviour):
        if exit not in behaviour.exits:
            yield Finding(path, f'There is no exit "{exit}".{suggestion(exit, behaviour.exits)}')
        elif exit in behaviour.never:
            yield Finding(path, behaviour.never[exit])
        if exit in written:
            yield Finding(path, f'Where "{exit}" leads is written twice: here and as {written[exit]}. Keep one.')
        written.setdefault(exit, _as_written(path))
        if isinstance(target, ToFlow):
            if target.flow not in flows:
                yield Finding(path, f'There is no flow "{target.flow}".{suggestion(target.flow, flows)}')
        elif target != END and target not in nodes:
            yield Finding(path, f'There is no node "{target}".{suggestion(target, {*nodes, END})}')
    mistyped = {nearest(exit, behaviour.exits) for exit in written if exit not in behaviour.exits}
    for exit in behaviour.required:
        if exit not in written and exit not in mistyped:
            near = nearest(exit, set(written) - set(behaviour.required))
            hint = f' Did you mean it by "{near}"?' if near else ""
            message = f'Where "{exit}" leads is not written. Write the name of a node, or end.{hint}'
            yield Finding(config.place_of(exit), message)


def _variable_findings(name: str, config: NodeConfig, view: FlowView) -> Iterator[Finding]:
    templates = config.templates()
    for path, message in mistakes(templates, secrets=False):
        yield Finding(path, message)
    everything = {variable for variables in view.held.values() for variable in variables if variable != UNKNOWN}
    for path, reference in uses(templates):
        if reference.source == "variable" and not view.holds(name, reference.name):
            hint = suggestion(reference.name, everything - {reference.name}, " ").rstrip()
            message = f"No way to this node sets [[{reference.name}]]. Set it before, or correct the name."
            yield Finding(path, message + hint)


def _write_exits(behaviour: Behaviour) -> str:
    return f"Write where each exit leads: {listed(behaviour.required)}."


def _as_written(path: tuple[str | int, ...]) -> str:
    return str(path[0]) if len(path) == 1 else "exits" if path[0] == "exits" else "then"
