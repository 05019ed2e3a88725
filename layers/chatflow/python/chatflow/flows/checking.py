"""Everything that is wrong with a project, all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chatflow.flows import integration_rules, node_rules, routes
from chatflow.flows.assets import asset_problems, channel_profiles
from chatflow.flows.circles import circle_problems
from chatflow.flows.graph import Graph
from chatflow.flows.problems import Problem, suggestion
from chatflow.flows.project import Project
from chatflow.flows.slices import LARGEST, size
from chatflow.flows.variables import held_variables
from chatflow.flows.versions import slices_of
from chatflow.flows.view import FlowView, channels_of

RESERVED = ("routes", "deployment")  # what is published beside the flows has these names


def check(project: Project) -> list[Problem]:
    """Every problem, in the order of files and lines; none means that the project can be published."""
    graphs = {flow.document.file: Graph(flow, project.library) for flow in project.flows}
    problems = {
        *project.problems,
        *_library_problems(project),
        *_flow_problems(project, graphs),
        *circle_problems(graphs),
    }
    broken = {problem.file for problem in problems}
    whole = {file: graph for file, graph in graphs.items() if file not in broken}
    if not any(file.startswith("integrations/") for file in broken):
        problems |= {problem for graph in whole.values() for problem in _slice_problems(graph)}
    return sorted(problems)


def _library_problems(project: Project) -> Iterator[Problem]:
    names = {flow.name for flow in project.flows} | project.unreadable
    for name, integration in project.library.integrations.items():
        if integration is not None:
            document = project.documents[project.integration_files[name]]
            for each in integration_rules.findings(integration, project.library.deployment):
                yield document.problem(each.path, each.message)
    for asset in project.library.assets.values():
        yield from asset_problems(asset)
    if project.routes is not None:
        document = project.documents[routes.FILE]
        for each in routes.findings(project.routes, names, channel_profiles()):
            yield document.problem(each.path, each.message)


def _flow_problems(project: Project, graphs: Mapping[str, Graph]) -> Iterator[Problem]:
    held = held_variables(graphs)
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
        yield from node_rules.problems(FlowView(graph, inside, channels[file]), {*files, *project.unreadable})


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
    for first, part in slices_of(graph).items():
        if size(part) > LARGEST:
            message = (
                f"What can follow this node in one turn is too large: {size(part) // 1024} KB in {len(part['nodes'])} "
                f"nodes, at most {LARGEST // 1024} KB. Put a node that waits in between, or go on with another flow."
            )
            yield graph.flow.problem(("nodes", first), message)
