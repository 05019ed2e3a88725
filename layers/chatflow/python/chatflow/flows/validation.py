"""Validates a project as a whole and reports every problem at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from chatflow.flows import integrations, routes
from chatflow.flows.asset_files import asset_problems
from chatflow.flows.channels import channels_of, known_channels
from chatflow.flows.compilation import LARGEST, size, slices
from chatflow.flows.cycles import cycle_problems, endless_repetitions
from chatflow.flows.fields import END, RESERVED, ToFlow
from chatflow.flows.files import ROUTES
from chatflow.flows.flow import name_is_written
from chatflow.flows.graph import Graph
from chatflow.flows.interface_analysis import interface_of
from chatflow.flows.interfaces import Interface
from chatflow.flows.node_config import UNKNOWN, Behaviour, NodeConfig
from chatflow.flows.problems import Finding, Problem, listed, nearest, suggestion
from chatflow.flows.project import Project
from chatflow.flows.repair import PLACEHOLDER
from chatflow.flows.surroundings import Arrivals, leading_to
from chatflow.flows.template_references import template_problems, uses
from chatflow.flows.time_waits import time_wait_warnings
from chatflow.flows.unnamed_variables import Names, has_unnamed, probable_names, with_names
from chatflow.flows.variables import State, Variable, named_variables, possible_variables
from chatflow.flows.view import FlowView

MOST_OF_A_FILE = 1000  # problems that are listed; a response of the management API holds them all


def check(project: Project) -> list[Problem]:
    """Every problem, sorted by file and line. An empty list means that the project can be published.

    Broken fields hide nothing: what is wrong in both readings of the project is wrong whatever they should hold.
    """
    if not project.readings:
        return _limited({*project.problems, *_problems_of(project)})
    names = _names_of_unnamed(project.readings[0])
    one, other = (
        {each.identity: each for each in _problems_of(with_names(reading, names))} for reading in project.readings
    )
    certain = (_without_placeholders(one[identity], other[identity]) for identity in one.keys() & other.keys())
    return _limited({*project.problems, *(each for each in certain if not any(b.holds(each) for b in project.broken))})


def warnings(project: Project) -> list[Problem]:
    """What does not prevent publishing, sorted like problems. Empty while anything has a problem that hides it."""
    if project.readings:
        return []
    views = _views(project)
    found = [each for view in views for each in _node_warnings(view)]
    found += (each for view in views for each in time_wait_warnings(view))
    found += endless_repetitions({view.graph.flow.document.file: view.graph for view in views})
    return _limited(found)


def variables_by_node(project: Project, file: str) -> dict[str, list[Variable]]:
    """The variables that may be set when each node of a flow is entered; no nodes if the flow cannot be read.

    Broken fields are taken as what was probably meant.
    """
    reading = project.readings[0] if project.readings else project
    views = _views(with_names(reading, _names_of_unnamed(reading)))
    return {
        node: named_variables(held)
        for view in views
        if view.graph.flow.document.file == file
        for node, held in view.held.items()
    }


def problems_on(project: Project, channel: str) -> tuple[list[Problem], list[Problem]]:
    """The problems and the warnings that the routes' flows would have if messages came from this channel as well.

    Only those are listed that are this channel's.
    """
    names = project.flow_names
    found: list[set[Problem]] = []
    for taken in (known_channels().keys() & {channel}, set()):
        views = [
            replace(view, channels={name: each for name, each in view.channels.items() if name in taken})
            for view in _views(project, also=channel)
        ]
        found.append({each for view in views for each in _node_problems(view, names)})
        found.append({each for view in views for each in _node_warnings(view)})
    problems, warned, problems_anywhere, warned_anywhere = found
    return _limited(problems - problems_anywhere), _limited(warned - warned_anywhere)


def _limited(problems: Collection[Problem]) -> list[Problem]:
    """The problems in order; of a file with very many the first ones, and how many more there are."""
    limited: list[Problem] = []
    for file, in_file in groupby(sorted(problems), key=lambda problem: problem.file):
        found = list(in_file)
        limited += found[:MOST_OF_A_FILE]
        if len(found) > MOST_OF_A_FILE:
            message = f"There are {len(found) - MOST_OF_A_FILE} more problems in this file. Mend these first."
            limited.append(Problem(file, found[MOST_OF_A_FILE].line, "", "", "", message))
    return limited


def _without_placeholders(one: Problem, other: Problem) -> Problem:
    """The problem as the first reading has it, unless its suggestions name a placeholder."""
    return other if PLACEHOLDER.search(one.message) else one


def _names_of_unnamed(reading: Project) -> Names:
    views = _views(reading)
    if not has_unnamed(views):
        return {}
    for view in views:
        deque(_node_problems(view, ()), maxlen=0)  # so that every node asks for its variables
    return probable_names(views)


def _problems_of(project: Project) -> Iterator[Problem]:
    yield from _library_problems(project)
    views = _views(project)
    names = project.flow_names
    yield from _name_problems(project)
    for view in views:
        yield from _entry_problems(view.graph)
        yield from _node_problems(view, names)
        yield from _slice_problems(view.graph)
    yield from cycle_problems({view.graph.flow.document.file: view.graph for view in views})


def _library_problems(project: Project) -> Iterator[Problem]:
    names = project.flow_names
    for file, integration in project.integrations.items():
        for each in integrations.findings(integration, project.resources.deployment):
            yield project.documents[file].problem(each.path, each.message)
    files = {integration.integration: file for file, integration in project.integrations.items()}
    for integration, each in integrations.host_findings(project.integrations.values(), project.resources.deployment):
        yield project.documents[files[integration.integration]].problem(each.path, each.message)
    for asset in project.resources.assets.values():
        yield from asset_problems(asset)
    if project.routes is not None:
        document = project.documents[ROUTES]
        for each in routes.findings(project.routes, names, known_channels()):
            yield document.problem(each.path, each.message)


def interfaces(project: Project) -> dict[str, Interface]:
    """The interfaces of the flows of a project, by name; an empty one for a flow that cannot be read.

    Broken fields are taken as what was probably meant.
    """
    reading = project.readings[0] if project.readings else project
    asked: dict[str, set[str]] = {}
    views = _views(replace(reading, routes=None, others={}))
    for view in views:
        everywhere = replace(view, channels=known_channels())
        deque(_node_problems(everywhere, ()), maxlen=0)  # so that every node asks for its variables
        asked[view.graph.flow.name] = set(everywhere.asked)
    found = {view.graph.flow.name: interface_of(view.graph, asked[view.graph.flow.name]) for view in views}
    return {**dict.fromkeys(reading.unreadable, Interface()), **found}


def _views(project: Project, also: str = "") -> list[FlowView]:
    graphs = {flow.document.file: Graph(flow, project.resources) for flow in project.flows}
    held = possible_variables(graphs, _arriving(graphs, project.others) if project.others else {})
    leads_to = {name: each.leads_to for name, each in project.others.items()}
    channels = channels_of(graphs, project.routes, known_channels(), also, leads_to)
    return [
        FlowView(graph, {node: held[file, node] for node in graph.flow.nodes}, channels[file])
        for file, graph in graphs.items()
    ]


def _arriving(graphs: Mapping[str, Graph], others: Mapping[str, Interface]) -> dict[str, State]:
    """What the flows that are not in the project hand over to those that are, by file."""
    files = {graph.flow.name: file for file, graph in reversed(list(graphs.items()))}
    inside = {name: interface_of(graphs[file], ()) for name, file in files.items()}
    states = Arrivals(leading_to(inside, {**others, **inside})).from_others(0, inside)
    return {files[name]: state for name, state in states.items()}


def _name_problems(project: Project) -> Iterator[Problem]:
    files: dict[str, str] = {}
    for flow in project.flows:
        file = flow.document.file
        if flow.name in files and name_is_written(flow.document, "flow"):
            message = f'The flow "{flow.name}" stands in {files[flow.name]} too. Give one of them another name.'
            yield flow.problem(("flow",), message)
        files.setdefault(flow.name, file)


def _entry_problems(graph: Graph) -> Iterator[Problem]:
    flow = graph.flow
    if flow.name in RESERVED:
        yield flow.problem(("flow",), f'No flow can be called "{flow.name}". Give it another name.')
    for path, name in ((("start",), flow.start), (("session", "on_timeout"), flow.on_timeout)):
        if name and name not in flow.nodes:
            yield flow.problem(path, f'There is no node "{name}".{suggestion(name, flow.nodes)}')
    for name in flow.nodes:
        if name not in graph.reachable:
            message = "Nothing leads to this node. Lead an exit of another node to it, or take it out."
            yield flow.problem(("nodes", name), message)


def _slice_problems(graph: Graph) -> Iterator[Problem]:
    for first, part in slices(graph).items():
        if size(part) > LARGEST:
            message = (
                f"What can follow this node in one turn is too large: {size(part) // 1024} KB in {len(part['nodes'])} "
                f"nodes, at most {LARGEST // 1024} KB. Put a node that waits in between, or go on with another flow."
            )
            yield graph.flow.problem(("nodes", first), message)


def _node_problems(view: FlowView, flows: Collection[str]) -> Iterator[Problem]:
    """Problems of the nodes whose fields are valid. `flows` are the names of all flows."""
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
            yield flow.node_problem(name, finding)


def _node_warnings(view: FlowView) -> Iterator[Problem]:
    flow = view.graph.flow
    for name, node in flow.nodes.items():
        if node.config is not None:
            for finding in node.config.warnings(name, view):
                yield flow.node_problem(name, finding)


def _exit_findings(
    config: NodeConfig, behaviour: Behaviour, view: FlowView, flows: Collection[str]
) -> Iterator[Finding]:
    written: dict[str, str] = {}
    nodes = view.graph.flow.nodes
    if config.then is not None and not behaviour.main:
        yield Finding(("then",), f"A node of type {config.type} has no single way on. {_write_exits(behaviour)}")
    for path, exit, target in config.exit_targets(behaviour):
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
            yield Finding(config.exit_path(exit), message, "exit-not-connected", exit)


def _variable_findings(name: str, config: NodeConfig, view: FlowView) -> Iterator[Finding]:
    templates = config.templates()
    for path, message in template_problems(templates, secrets=False):
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
