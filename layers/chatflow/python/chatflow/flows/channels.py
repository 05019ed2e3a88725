"""The channels that flows run on: what each of them takes, and which ones the routes lead to a flow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from chatflow import channels
from chatflow.channels import manifest
from chatflow.channels.message_limits import MessageLimits
from chatflow.flows.graph import Graph
from chatflow.flows.problems import nearest
from chatflow.flows.routes import Routes
from chatflow.media.profiles import Profile


@dataclass(frozen=True)
class FlowChannel:
    """A channel as the validation of flows sees it."""

    name: str
    title: str
    files: Profile
    messages: MessageLimits
    default: bool = False  # flows are validated for it where the routes name no channel
    window: int = 0  # seconds after a customer's message in which a business may write; 0 where it always may


Channels = Mapping[str, FlowChannel]  # by name


@cache
def known_channels() -> dict[str, FlowChannel]:
    """Every channel: the folders with a manifest in the package `chatflow.channels`."""
    found = {}
    for folder in map(Path, channels.__path__):
        for name in manifest.names(folder):
            about, profile = manifest.load(name, folder), import_module(f"{channels.__name__}.{name}.profile")
            found[name] = FlowChannel(name, about.title, profile.PROFILE, profile.LIMITS, about.default, about.window)
    return found


def channels_of(
    graphs: Mapping[str, Graph],
    routes: Routes | None,
    known: Channels,
    also: str = "",
    others: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> dict[str, dict[str, FlowChannel]]:
    """For each flow (by file): the channels that it is validated for, as `channels_by_flow` finds them.

    `others` are further flows by name, with the flows that each leads to.
    """
    leads_to = dict(others)
    for graph in graphs.values():
        leads_to[graph.flow.name] = [after for node in graph.flow.nodes for after in graph.flows_after(node)]
    found = channels_by_flow(leads_to, routes, known, also)
    return {file: {name: known[name] for name in sorted(found[graph.flow.name])} for file, graph in graphs.items()}


def channels_by_flow(
    leads_to: Mapping[str, Iterable[str]], routes: Routes | None, known: Channels, also: str = ""
) -> dict[str, frozenset[str]]:
    """For each flow: the names of the channels that it is validated for. `leads_to`: the flows that each leads to.

    These are the channels of the routes that start the flow, and of every flow that leads to it. Words that leave any
    flow may be written on all of them. A route that names no channel is for those of the routes as a whole; without
    these, for every channel that any route names, and for the default one. So is a flow that nothing leads to. `also`
    is a further channel of the routes as a whole.
    """
    written = routes.routes if routes else []
    named = _meant((name for route in written for name in route.named_channels), known)
    anywhere = _meant(routes.channels, known) if routes and routes.channels else named | _defaults(known)
    anywhere |= {also} & known.keys()
    ahead = [
        *((route.flow, _meant(route.named_channels, known) if route.named_channels else anywhere) for route in written),
        *((flow, anywhere | named) for flow in (routes.flows_after_leaving if routes else ())),
    ]
    started: dict[str, set[str]] = {}
    while ahead:
        flow, names = ahead.pop()
        before = started.get(flow)
        if flow not in leads_to or (before is not None and names <= before):
            continue
        started[flow] = (before or set()) | names
        ahead += [(after, started[flow]) for after in leads_to[flow]]
    return {flow: frozenset(started.get(flow, anywhere)) for flow in leads_to}


def _defaults(known: Channels) -> set[str]:
    return {channel.name for channel in known.values() if channel.default}


def _meant(written: Iterable[str], known: Channels) -> set[str]:
    """The channels that are written or meant. A name that is like none of them is a problem, and counts for none."""
    return {name if name in known else nearest(name, known) for name in written} - {""}
