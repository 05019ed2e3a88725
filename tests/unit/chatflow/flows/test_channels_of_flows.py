"""A flow is validated for the channels that its routes name, and for those of every flow that leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatflow.conversation.routing import flow_for
from chatflow.flows.channels import channels_of, known_channels
from chatflow.flows.graph import Graph
from chatflow.flows.validation import check
from chatflow.messages import IncomingMessage
from tests.fakes.flow_folders import FlowFolder, compiled
from tests.fakes.stub_channel import stub_channel

BOTH = {"pigeon", "whatsapp"}


@pytest.fixture(autouse=True)
def _pigeon(tmp_path: Path) -> Iterator[None]:
    with stub_channel(tmp_path / "channels"):
        yield


def flow(name: str, then: str = "end") -> str:
    return f"chatflow: 1\nflow: {name}\nstart: hi\nnodes: {{hi: {{type: text, say: Hi, then: {then}}}}}\n"


def channels(folder: FlowFolder, routes: str, **flows: str) -> set[str]:
    """The channels of the flow `other`, with these routes and these flows beside it."""
    files = {f"{name}.yaml": flow(name, then) for name, then in flows.items()}
    project = folder.project({"routes.yaml": f"chatflow: 1\n{routes}\n", **files})
    graphs = {each.name: Graph(each, project.resources) for each in project.flows}
    return set(channels_of(graphs, project.routes, known_channels())["other"])


def test_a_folder_of_channels_is_found_with_title_and_limits() -> None:
    pigeon = known_channels()["pigeon"]
    assert (pigeon.title, pigeon.messages.buttons, pigeon.default) == ("Pigeon", 12, False)


def test_exactly_one_channel_is_meant_where_none_is_named() -> None:
    assert sum(each.default for each in known_channels().values()) == 1


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ("routes: [{flow: other}]", {"whatsapp"}),
        ("routes: [{flow: other, channel: pigeon}]", {"pigeon"}),
        ("routes: [{flow: other, channels: [pigeon, whatsapp]}]", BOTH),
        ("routes: [{flow: other}]\nchannels: [pigeon]", {"pigeon"}),
        ("routes: [{flow: other}]\nchannels: [pigeon, whatsapp]", BOTH),
        ("routes: [{flow: other, channel: whatsapp}]\nchannels: [pigeon]", {"whatsapp"}),
        ("routes: [{flow: other, channel: pigeon}, {flow: other, channel: whatsapp, keywords: [a]}]", BOTH),
        ("routes: [{keywords: [a], channel: pigeon, flow: first}, {flow: other}]", BOTH),
        ("routes: [{keywords: [a], channel: pigeon, flow: first}, {flow: other}]\nchannels: [whatsapp]", {"whatsapp"}),
        ("routes: [{flow: first, channel: pigeon}]", BOTH),
        ("routes: [{flow: first}]", {"whatsapp"}),
        ("routes: [{flow: first, channel: pigeon}]\nleave: [{words: [x], then: {flow: other}}]", BOTH),
        (
            "routes: [{flow: first, channel: pigeon}]\nchannels: [pigeon]\nleave: [{words: [x], then: {flow: other}}]",
            {"pigeon"},
        ),
        ("routes: [{flow: other, channel: pigeno}]", {"pigeon"}),
        ("routes: [{flow: other, channel: letter}]", set()),
    ],
)
def test_a_flow_runs_where_its_routes_start_it(folder: FlowFolder, routes: str, expected: set[str]) -> None:
    assert channels(folder, routes, first="end") == expected


def test_a_flow_runs_where_the_flows_run_that_lead_to_it(folder: FlowFolder) -> None:
    routes = "routes: [{flow: first, channel: pigeon}, {flow: first, channel: whatsapp, keywords: [a]}]"
    assert channels(folder, routes, first="{flow: second}", second="{flow: other}") == BOTH
    only_pigeon = "routes: [{flow: first, channel: pigeon}]"
    assert channels(folder, only_pigeon, first="{flow: second}", second="{flow: other}") == {"pigeon"}


def test_flows_that_lead_to_each_other_share_their_channels(folder: FlowFolder) -> None:
    files = {"first.yaml": flow("first", "{flow: other}"), "other.yaml": flow("other", "{flow: first}")}
    folder.project(files)
    routes = "routes: [{flow: first, channel: pigeon}, {flow: other, channel: whatsapp}]"
    assert channels(folder, routes) == BOTH


def test_without_routes_a_flow_is_validated_for_the_default_channel(folder: FlowFolder) -> None:
    (folder.path / "routes.yaml").unlink()
    project = folder.project()
    graphs = {each.name: Graph(each, project.resources) for each in project.flows}
    assert set(channels_of(graphs, None, known_channels())["other"]) == {"whatsapp"}


def _message(channel: str, text: str = "hello") -> IncomingMessage:
    return IncomingMessage("m", channel, "1", "c", "text", 1, text=text)


def test_routes_start_flows_on_their_channels_only(folder: FlowFolder) -> None:
    written = "routes: [{flow: first, channels: [pigeon, parrot]}, {flow: other}]\nchannels: [whatsapp]"
    with stub_channel(folder.path.parent / "more", "parrot"):
        routes = compiled(folder.project({"routes.yaml": f"chatflow: 1\n{written}\n", "first.yaml": flow("first")}))
    started = [flow_for(routes["routes"], _message(each)) for each in ("pigeon", "parrot", "whatsapp", "telex")]
    assert started == ["first", "first", "other", ""]


def test_routes_that_name_no_channel_are_published_as_ever(folder: FlowFolder) -> None:
    [route] = compiled(folder.project())["routes"]["routes"]
    assert route == {"keywords": [], "channel": "", "account": "", "flow": "other"}


@pytest.mark.parametrize(
    ("routes", "problem"),
    [
        ("[{flow: other}]\nchannels: [pigeno]", 'channels[0]: There is no channel "pigeno". Did you mean "pigeon"?'),
        ("[{flow: other}]\nchannels: [pigeon, pigeon]", 'channels[1]: "pigeon" stands here twice. Take one out.'),
        ("[{flow: other, channels: [letter]}]", 'routes[0].channels[0]: There is no channel "letter". There is:'),
        (
            "[{flow: other, channel: pigeon, channels: [whatsapp]}]",
            "routes[0].channels: Write channel or channels, not both.",
        ),
        (
            "[{flow: other, channels: [pigeon], keywords: [a]}, {flow: other, channel: pigeon, keywords: [a]}]",
            'routes[1].keywords[0]: "a" already stands in route 1, which wins.',
        ),
        (
            "[{flow: other, keywords: [a]}, {flow: other, channel: pigeon, keywords: [a]}]\nchannels: [pigeon]",
            'routes[1].keywords[0]: "a" already stands in route 1, which wins.',
        ),
        ("[{flow: other}, {flow: other, channel: whatsapp}]", "routes[0]: This route takes every message, so no route"),
    ],
)
def test_what_is_wrong_with_the_channels_of_routes(folder: FlowFolder, routes: str, problem: str) -> None:
    (found,) = check(folder.project({"routes.yaml": f"chatflow: 1\nroutes: {routes}\n"}))
    assert f"{found.field}: {found.message}".startswith(problem)


def test_a_route_for_other_channels_may_follow_one_that_takes_everything_on_its_own(folder: FlowFolder) -> None:
    routes = "channels: [whatsapp]\nroutes: [{flow: other}, {flow: other, channel: pigeon}]"
    assert folder.problems({"routes.yaml": f"chatflow: 1\n{routes}\n"}) == []
