"""The exit `undelivered`: there where it is written, compiled beside the exits, with a slice of its own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.flow_folders import FlowFolder, compiled

HEAD = "chatflow: 1\nflow: tested\nstart: ask\nnodes:\n"
ASK = '  ask: {type: input, prompt: "Plate?", save_as: plate, exits: {received: send, undelivered: call}}\n'
SEND = "  send: {{type: text, say: Thanks, exits: {{{exits}}}}}\n"
CALL = '  call: {type: text, say: "We call you: [[ask_failure.reason]]", then: end}\n'


def flow_of(folder: FlowFolder, nodes: str) -> dict[str, Any]:
    flow: dict[str, Any] = compiled(folder.project({"tested.yaml": HEAD + nodes}))["flows"]["tested"]
    return flow


def test_it_is_compiled_beside_the_exits_and_its_target_begins_a_slice(folder: FlowFolder) -> None:
    flow = flow_of(folder, ASK + SEND.format(exits="sent: end") + CALL)
    ask = flow["slices"]["ask"]["nodes"]["ask"]
    assert ask["undelivered"] == "call"
    assert "undelivered" not in ask["exits"]
    assert flow["slices"]["call"]["nodes"].keys() == {"call"}


def test_a_node_that_went_on_at_once_may_have_it_too(folder: FlowFolder) -> None:
    nodes = ASK + SEND.format(exits="sent: last, undelivered: call") + CALL
    last = '  last: {type: input, prompt: "Anything else?", save_as: more, then: end}\n'
    flow = flow_of(folder, nodes + last)
    assert flow["slices"]["ask"]["nodes"]["send"]["undelivered"] == "call"


@pytest.mark.parametrize("target", ["end", "{flow: other}"])
def test_it_leads_to_the_end_or_to_another_flow_without_a_slice(folder: FlowFolder, target: str) -> None:
    nodes = ASK.replace("undelivered: call", f"undelivered: {target}") + SEND.format(exits="sent: end")
    assert flow_of(folder, nodes)["slices"].keys() == {"ask"}


def test_a_flow_that_does_not_write_it_is_compiled_as_before(folder: FlowFolder) -> None:
    nodes = ASK.replace(", undelivered: call", "") + SEND.format(exits="sent: end")
    for part in flow_of(folder, nodes)["slices"].values():
        assert all("undelivered" not in node and "undelivered" not in node["exits"] for node in part["nodes"].values())


def test_its_reason_is_a_variable_only_where_it_leads(folder: FlowFolder) -> None:
    problems = folder.flow_problems(
        ASK + SEND.format(exits="sent: end").replace("Thanks", '"[[ask_failure.reason]]"') + CALL
    )
    assert [each for each in problems if "send" in each and "ask_failure" in each]
    assert not [each for each in problems if "call" in each]


def test_sending_again_each_time_is_a_circle(folder: FlowFolder) -> None:
    problems = folder.flow_problems("  send: {type: text, say: Hi, exits: {sent: end, undelivered: send}}\n")
    assert any("circle" in each for each in problems)


def test_no_option_of_a_menu_can_be_called_so(folder: FlowFolder) -> None:
    menu = '  ask: {type: menu, prompt: "?", options: [{id: undelivered, title: A, then: end}]}\n'
    assert any("undelivered" in each for each in folder.flow_problems(menu))
