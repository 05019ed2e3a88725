"""The variables that editors offer at a node: those that validation accepts there, each with what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatflow.flows.project import load
from chatflow.flows.validation import check, variables_by_node
from tests.fakes.flow_folders import FlowFolder

ROOT = Path(__file__).parents[4]
FLOWS = ROOT / "flows"
EXAMPLES = sorted(path.name for path in FLOWS.glob("*.yaml") if path.name not in ("routes.yaml", "deployment.yaml"))
PROBE = "z_behind_the_probe"


def listed(folder: FlowFolder, nodes: str, **more: str) -> dict[str, dict[str, str]]:
    """The variables at each node of a flow of these nodes, that starts with the first: name and type."""
    start = nodes.strip().split(":")[0]
    fields = "".join(f"{name}: {value}\n" for name, value in more.items())
    flow = f"chatflow: 1\nflow: tested\nstart: {start}\n{fields}nodes:\n{nodes}"
    found = variables_by_node(folder.project({"tested.yaml": flow}), "tested.yaml")
    return {node: {each.name: each.type for each in variables} for node, variables in found.items()}


def probed(flow: dict[str, Any], node: str, names: list[str]) -> dict[str, Any]:
    """The flow with a node in front of this one, under its name, that uses these variables."""
    nodes = dict(flow["nodes"])
    nodes[PROBE] = nodes[node]
    nodes[node] = {"type": "text", "say": " ".join(f"[[{name}]]" for name in names), "then": PROBE}
    return {**flow, "nodes": nodes}


def accepted(folder: Path, file: str, flow: dict[str, Any], node: str, names: list[str]) -> set[str]:
    (folder / file).write_text(yaml.safe_dump(probed(flow, node, names)))
    messages = [each.message for each in check(load(folder)) if each.file == file and each.node == node]
    refused = {name for name in names for message in messages if f"No way to this node sets [[{name}]]" in message}
    return {*names} - refused


def of_others(names: Iterator[str] | set[str], node: str) -> list[str]:
    """Without those that the node itself names after it: it has another name behind the probe."""
    return sorted(name for name in names if not name.startswith(f"{node}_"))


@pytest.mark.parametrize("file", EXAMPLES)
def test_a_variable_is_listed_where_validation_accepts_it_and_nowhere_else(file: str, tmp_path: Path) -> None:
    for path in FLOWS.glob("**/*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(FLOWS)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    flow = yaml.safe_load((FLOWS / file).read_text())
    found = {node: {each.name for each in known} for node, known in variables_by_node(load(FLOWS), file).items()}
    assert [*found] == [*flow["nodes"]]
    everything = {name for names in found.values() for name in names} | {"nothing_sets_this"}
    for node, names in found.items():
        assert accepted(tmp_path, file, flow, node, of_others(everything, node)) == {*of_others(names, node)}


def test_each_node_type_says_what_its_variables_hold(folder: FlowFolder) -> None:
    nodes = """
  name: {type: input, prompt: "Name?", save_as: name, exits: {received: place, gave_up: end}}
  place: {type: input, prompt: "Where?", accept: [location], save_as: place, then: either}
  either: {type: input, prompt: "Where?", accept: [location, text], save_as: either, then: choose}
  choose: {type: menu, prompt: "Which?", save_as: choice, options: [{id: a, title: A}], then: photo}
  photo: {type: media, direction: inbound, prompt: "A photo?", save_as: photo, then: send}
  send: {type: api_integration, integration: upload, parameters: {file: "[[photo]]"}, save_as: sent, exits: {success: photos, failure: end}}
  photos: {type: media, direction: inbound, prompt: "Photos?", save_as: photos, many: {max: 3}, then: each}
  each: {type: api_integration, integration: upload, each: true, parameters: {file: "[[photos]]"}, save_as: all, exits: {success: fetch, failure: end}}
  fetch: {type: api_integration, integration: download, save_as: report, exits: {success: set, failure: end}}
  set: {type: set_variable, set: {copy: "[[photo]]", words: "For [[name]]", one: 1, yes: true, many: [1], deep: {a: 1}, whole: "[[choice.id]]"}, then: bye}
  bye: {type: text, say: Bye, then: end}
"""  # noqa: E501
    at_the_end = listed(folder, nodes, given="[token]")["bye"]
    assert (
        at_the_end.items()
        >= {
            "token": "any",
            "name": "text",
            "place": "object",
            "either": "any",
            "choice": "object",
            "photo": "file",
            "sent": "any",
            "sent_response": "object",
            "photos": "list",
            "photos_count": "number",
            "all": "list",
            "report": "file",
            "copy": "file",
            "words": "text",
            "one": "number",
            "yes": "boolean",
            "many": "list",
            "deep": "object",
            "whole": "any",
        }.items()
    )


def test_a_variable_that_holds_different_things_on_different_ways_may_be_any(folder: FlowFolder) -> None:
    nodes = """
  ask: {type: input, prompt: "Sum?", save_as: sum, exits: {received: use, gave_up: none}}
  none: {type: set_variable, set: {sum: 0}, then: use}
  use: {type: text, say: "[[sum]]", then: end}
"""
    assert listed(folder, nodes)["use"]["sum"] == "any"
    assert "sum" not in listed(folder, nodes)["ask"]


def test_a_node_that_failed_says_why_on_the_way_on_failure_only(folder: FlowFolder) -> None:
    nodes = """
  pdf: {type: media, direction: outbound, source: {asset: leaflet.pdf}, exits: {sent: good, failed: bad}}
  good: {type: text, say: Good, then: end}
  bad: {type: text, say: Bad, then: end}
"""
    found = listed(folder, nodes)
    assert found["bad"]["pdf_failure"] == "object"
    assert "pdf_failure" not in found["good"]


def test_a_node_that_nothing_leads_to_has_all_of_its_flow(folder: FlowFolder) -> None:
    nodes = """
  ask: {type: input, prompt: "Name?", save_as: name, then: end}
  new: {type: text, say: Hello, then: end}
"""
    assert listed(folder, nodes)["new"]["name"] == "any"


@pytest.mark.parametrize(
    ("nodes", "node", "variable"),
    [
        ('  a: {type: inptu, prompt: "?", save_as: name, then: b}\n  b: {type: text, say: Hi, then: end}', "b", "name"),
        ('  a: {type: input, promt: "?", save_as: name, then: b}\n  b: {type: text, then: end}', "b", "name"),
        ('  a: {type: input, prompt: "?", save_as: name, then: bb}\n  b1: {type: text, say: "[["}', "b1", "name"),
    ],
)
def test_a_flow_with_problems_has_what_can_be_read(folder: FlowFolder, nodes: str, node: str, variable: str) -> None:
    assert variable in listed(folder, nodes)[node]


@pytest.mark.parametrize(
    "text", ["", "a: [b", "just words", "nodes: 3", "nodes: {a: 1}", "nodes: {1: {}}", "start: [1]"]
)
def test_a_text_that_is_no_flow_is_no_error(folder: FlowFolder, text: str) -> None:
    assert isinstance(variables_by_node(folder.project({"tested.yaml": text}), "tested.yaml"), dict)


def test_a_variable_without_a_name_is_not_listed(folder: FlowFolder) -> None:
    found = listed(folder, '  a: {type: input, prompt: "?", then: b}\n  b: {type: text, say: Hi, then: end}')
    assert {*found["b"]} <= {"failure", "a_failure"}
