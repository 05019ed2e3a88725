"""Warnings about waits for a time alone, on graphs of nodes that say, ask, look up something, or wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from chatflow.flows.channels import FlowChannel
from chatflow.flows.cycles import cycle_problems, endless_repetitions
from chatflow.flows.fields import ToFlow
from chatflow.flows.node_config import DOWNLOADED, RECEIVED, UNKNOWN, VALUE, Behaviour
from chatflow.flows.time_waits import least_silences, time_wait_warnings

HOUR, DAY = 3600, 86_400
SAYS = Behaviour(("on", "undelivered"), setbacks=frozenset({"undelivered"}))
LOOKS_UP = Behaviour(("on", "failure"), setbacks=frozenset({"failure"}))
ASKS = Behaviour(("on", "timeout", "undelivered"), waits=True, on_timeout="timeout", setbacks=frozenset({"timeout"}))

Nodes = Mapping[str, tuple[Behaviour, Mapping[str, Any]]]


def rests(seconds: int) -> Behaviour:
    exits = ("on", "message", "failed", "undelivered")
    return Behaviour(
        exits, waits=True, for_time=True, least_wait=seconds, on_timeout="on", setbacks=frozenset({"failed"})
    )


def a_graph(nodes: Nodes, *, on_timeout: str = "", retention_days: int = 30) -> Any:
    """The graph of a flow that starts with the first of these nodes: its behaviour, and where its exits lead."""

    def problem(path: tuple[str, ...], message: str) -> str:
        return f"{path[1]}: {message}"

    return SimpleNamespace(
        flow=SimpleNamespace(name="f", nodes=dict(nodes), problem=problem, retention_days=retention_days),
        start=next(iter(nodes)),
        on_timeout=on_timeout,
        behaviours={name: behaviour for name, (behaviour, _) in nodes.items()},
        behaviour=lambda name: nodes[name][0],
        targets={name: targets for name, (_, targets) in nodes.items()},
        target=lambda name, exit: nodes[name][1].get(exit, ""),
        inside=lambda targets: [each for each in targets if isinstance(each, str) and each in nodes],
    )


def warned(nodes: Nodes, *, window: int = DAY, holds: Mapping[str, frozenset[str]] | None = None, **more: Any) -> Any:
    channel: Any = SimpleNamespace(title="Pigeon", window=window)
    channels: dict[str, FlowChannel] = {"pigeon": channel}
    graph = a_graph(nodes, **more)
    view: Any = SimpleNamespace(graph=graph, channels=channels, held={name: holds or {} for name in nodes})
    return [str(each).split(":")[0] for each in time_wait_warnings(view)]


@pytest.mark.parametrize(("seconds", "names"), [(DAY - 1, []), (DAY, ["wait"]), (30 * DAY, ["wait"])])
def test_a_message_after_a_wait_as_long_as_the_window_is_a_warning(seconds: int, names: list[str]) -> None:
    nodes = {"wait": (rests(seconds), {"on": "say"}), "say": (SAYS, {"on": "end"})}
    assert warned(nodes) == names


def test_a_channel_without_a_window_needs_none() -> None:
    assert warned({"wait": (rests(30 * DAY), {"on": "say"}), "say": (SAYS, {"on": "end"})}, window=0) == []


def test_waits_add_up_and_the_one_that_is_too_much_is_named() -> None:
    nodes = {
        "first": (rests(20 * HOUR), {"on": "say"}),
        "say": (SAYS, {"on": "second"}),
        "second": (rests(5 * HOUR), {"on": "again"}),
        "again": (SAYS, {"on": "third"}),
        "third": (rests(20 * HOUR), {"on": "say"}),
    }
    assert warned(nodes) == ["second"]


def test_an_answer_of_the_customer_opens_the_window_again() -> None:
    nodes = {
        "first": (rests(20 * HOUR), {"on": "ask"}),
        "ask": (ASKS, {"on": "second", "timeout": "second"}),
        "second": (rests(20 * HOUR), {"on": "say"}),
        "say": (SAYS, {"on": "end"}),
    }
    assert warned(nodes) == []


def test_a_wait_that_is_followed_by_no_message_needs_none() -> None:
    nodes = {"wait": (rests(3 * DAY), {"on": "look", "message": "say"}), "look": (LOOKS_UP, {"on": "end"})}
    assert warned({**nodes, "say": (SAYS, {"on": "end"})}) == []


@pytest.mark.parametrize("target", ["ask", ToFlow(flow="other")])
def test_a_question_or_another_flow_is_a_message_too(target: Any) -> None:
    assert warned({"wait": (rests(3 * DAY), {"on": target}), "ask": (ASKS, {})}) == ["wait"]


def test_the_shortest_way_counts_because_the_longer_one_may_never_be_taken() -> None:
    nodes = {
        "begin": (LOOKS_UP, {"on": "wait", "failure": "last"}),
        "wait": (rests(23 * HOUR), {"on": "last"}),
        "last": (rests(HOUR), {"on": "say"}),
        "say": (SAYS, {"on": "end"}),
    }
    assert warned(nodes) == []
    assert least_silences(a_graph(nodes))["say"] == HOUR


@pytest.mark.parametrize(
    ("holds", "names"),
    [
        ({"photo": frozenset({RECEIVED})}, ["wait"]),
        ({"report": frozenset({VALUE, DOWNLOADED})}, ["wait"]),
        ({"name": frozenset({VALUE})}, []),
        ({"anything": frozenset({UNKNOWN})}, []),
    ],
)
def test_files_that_are_deleted_before_the_wait_is_over_are_a_warning(holds: Any, names: list[str]) -> None:
    nodes = {"wait": (rests(8 * DAY), {"on": "end"})}
    assert warned(nodes, holds=holds, retention_days=7) == names
    assert warned(nodes, holds=holds, retention_days=14) == []
    assert warned(nodes, holds=holds, retention_days=8) == names  # they are stored for 7 of these days


GIVES = replace(ASKS, sets={"on": {"photo": RECEIVED}})
PHOTO = {"photo": frozenset({RECEIVED})}


@pytest.mark.parametrize(("days", "names"), [(29, ["first"]), (30, ["second"]), (60, [])])
def test_a_file_grows_older_through_all_waits_since_it_was_stored_whatever_the_customer_writes(
    days: int, names: list[str]
) -> None:
    nodes = {
        "before": (rests(20 * DAY), {"on": "give"}),
        "give": (GIVES, {"on": "first", "timeout": "end"}),
        "first": (rests(20 * DAY), {"on": "ask"}),
        "ask": (ASKS, {"on": "second"}),
        "second": (rests(20 * DAY), {"on": "end"}),
    }
    assert warned(nodes, holds=PHOTO, retention_days=days, window=0) == [
        *(["before"] if days == 29 else []),  # here, another flow may have stored it
        *names,
    ]


def test_a_file_that_is_given_anew_is_young_again() -> None:
    nodes = {
        "give": (GIVES, {"on": "wait", "timeout": "wait"}),
        "wait": (rests(5 * DAY), {"on": "give"}),
    }
    assert warned(nodes, holds=PHOTO, retention_days=7, window=0) == []


def test_a_way_that_was_found_late_may_be_the_one_of_the_least_silence() -> None:
    nodes = {
        "begin": (LOOKS_UP, {"on": "day", "failure": "days"}),
        "day": (rests(DAY // 2), {"on": "last"}),
        "days": (rests(2 * DAY), {"on": "ask"}),
        "ask": (ASKS, {"on": "last"}),
        "last": (rests(DAY // 2), {"on": "say"}),
        "say": (SAYS, {"on": "end"}),
    }
    assert least_silences(a_graph(nodes))["last"] == 0


def test_messages_that_are_sent_again_and_again_without_the_customer_are_a_warning_and_no_problem() -> None:
    graphs = {"f.yaml": a_graph({"say": (SAYS, {"on": "wait"}), "wait": (rests(60), {"on": "say", "message": "end"})})}
    assert list(cycle_problems(graphs)) == []
    [warning] = endless_repetitions(graphs)
    assert "say > wait > say" in str(warning)


@pytest.mark.parametrize(
    "nodes",
    [
        {"look": (LOOKS_UP, {"on": "say", "failure": "wait"}), "wait": (rests(60), {"on": "look"}), "say": (SAYS, {})},
        {"ask": (ASKS, {"on": "wait"}), "wait": (rests(60), {"on": "ask"})},
        {"say": (SAYS, {"on": "wait"}), "wait": (rests(60), {"on": "end", "message": "say"})},
    ],
    ids=["looks up every minute", "asks", "goes on when the customer writes"],
)
def test_a_repetition_that_sends_nothing_or_hears_the_customer_needs_none(nodes: Nodes) -> None:
    graphs = {"f.yaml": a_graph(nodes)}
    assert list(cycle_problems(graphs)) == []
    assert list(endless_repetitions(graphs)) == []
