"""Validates a project as a whole and reports every problem at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from chatflow.flows import integrations, routes
from chatflow.flows.asset_files import asset_problems, channel_profiles
from chatflow.flows.compilation import LARGEST, compile_slices, size
from chatflow.flows.cycles import cycle_problems
from chatflow.flows.fields import END, ToFlow
from chatflow.flows.graph import Graph
from chatflow.flows.node_config import UNKNOWN, Behaviour, NodeConfig
from chatflow.flows.problems import Finding, Problem, listed, nearest, suggestion
from chatflow.flows.project import Project
from chatflow.flows.template_references import template_problems, uses
from chatflow.flows.variables import possible_variables
from chatflow.flows.view import FlowView, channels_of

RESERVED = ("routes", "deployment")  # names of published items that are not flows


def check(project: Project) -> list[Problem]:
    """Every problem, sorted by file and line. An empty list means that the project can be published."""
    graphs = {flow.document.file: Graph(flow, project.resources) for flow in project.flows}
    problems = {
        *project.problems,
        *_library_problems(project),
        *_flow_problems(project, graphs),
        *cycle_problems(graphs),
    }
    broken = {problem.file for problem in problems}
    whole = {file: graph for file, graph in graphs.items() if file not in broken}
    if not any(file.startswith("integrations/") for file in broken):
        problems |= {problem for graph in whole.values() for problem in _slice_problems(graph)}
    return sorted(problems)


def _library_problems(project: Project) -> Iterator[Problem]:
    names = {flow.name for flow in project.flows} | project.unreadable
    for name, integration in project.resources.integrations.items():
        if integration is not None:
            document = project.documents[project.integration_files[name]]
            for each in integrations.findings(integration, project.resources.deployment):
                yield document.problem(each.path, each.message)
    for asset in project.resources.assets.values():
        yield from asset_problems(asset)
    if project.routes is not None:
        document = project.documents[routes.FILE]
        for each in routes.findings(project.routes, names, channel_profiles()):
            yield document.problem(each.path, each.message)


def _flow_problems(project: Project, graphs: Mapping[str, Graph]) -> Iterator[Problem]:
    held = possible_variables(graphs)
    channels = channels_of(graphs, project.routes, channel_profiles())
    files: dict[str, str] = {}
    for file, graph in graphs.items():
        flow = graph.flow
        if flow.name and flow.name in files:
            message = f'The flow "{flow.name}" stands in {files[flow.name]} too. Give one of them another name.'
            yield flow.problem(("flow",), message)
        files.setdefault(flow.name, file)
    for file, graph in graphs.items():
        inside = {node: variables for (each, node), variables in held.items() if each == file}
        yield from _entry_problems(graph)
        yield from _node_problems(FlowView(graph, inside, channels[file]), {*files, *project.unreadable})


def _entry_problems(graph: Graph) -> Iterator[Problem]:
    flow = graph.flow
    if flow.name in RESERVED:
        yield flow.problem(("flow",), f'No flow can be called "{flow.name}". Give it another name.')
    for path, name in ((("start",), flow.start), (("session", "on_timeout"), flow.on_timeout)):
        if name and name not in flow.nodes:
            yield flow.problem(path, f'There is no node "{name}".{suggestion(name, flow.nodes)}')
    if flow.start in flow.nodes:
        for name in flow.nodes:
            if name not in graph.reachable:
                message = "Nothing leads to this node. Lead an exit of another node to it, or take it out."
                yield flow.problem(("nodes", name), message)


def _slice_problems(graph: Graph) -> Iterator[Problem]:
    for first, part in compile_slices(graph).items():
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
            yield flow.problem(("nodes", name, *finding.path), finding.message)


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
            yield Finding(config.exit_path(exit), message)


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
