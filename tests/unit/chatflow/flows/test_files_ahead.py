"""What a published flow says about files: which nodes a file may come before, and how late it may come."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.flows.validation import check
from tests.fakes.flow_folders import FlowFolder, compiled

UPLOAD = """
integration: upload
method: POST
url: "https://claims.example.com/files"
request: {content_type: multipart/form-data, parts: [{name: file, file: "[[photo]]"}]}
"""
FLOW = """
chatflow: 1
flow: tested
start: name
session: {timeout: 10m%s}
nodes:
  name: {type: input, prompt: "Your name?", save_as: name, then: photo}
  photo: {type: media, direction: inbound, prompt: "A photo?", save_as: photo, then: upload}
  upload: {type: api_integration, integration: upload, exits: {success: more, failure: end}}
  more: {type: input, prompt: "Anything else?", save_as: more, then: %s}
  other: {type: text, say: "Bye", then: {flow: tested}}
"""


def published(folder: FlowFolder, *, session: str = "", last: str = "end") -> dict[str, Any]:
    unreached = FLOW if last == "other" else FLOW.replace(FLOW[FLOW.index("  other:") :], "")
    project = folder.project({"tested.yaml": unreached % (session, last), "integrations/upload.yaml": UPLOAD})
    assert [str(problem) for problem in check(project)] == []
    flow: dict[str, Any] = compiled(project)["flows"]["tested"]
    return flow


def ahead(flow: dict[str, Any]) -> dict[str, bool]:
    nodes = {name: node for part in flow["slices"].values() for name, node in part["nodes"].items()}
    return {name: node.get("files_ahead", False) for name, node in nodes.items() if node["waits"]}


def test_files_are_ahead_of_the_nodes_that_may_lead_to_one_that_asks_for_a_file(folder: FlowFolder) -> None:
    assert ahead(published(folder)) == {"name": True, "photo": False, "more": False}


def test_another_flow_may_ask_for_a_file(folder: FlowFolder) -> None:
    assert ahead(published(folder, last="other"))["more"] is True


def test_a_loop_leads_back_to_the_node_that_asks_for_a_file(folder: FlowFolder) -> None:
    assert ahead(published(folder, last="photo")) == {"name": True, "photo": True, "more": True}


@pytest.mark.parametrize(
    ("written", "seconds"), [("", None), (", grace: 2m", None), (", grace: 5m", 300), (", grace: 0", 0)]
)
def test_grace_is_published_only_where_an_author_changed_it(
    folder: FlowFolder, written: str, seconds: int | None
) -> None:
    assert published(folder, session=written)["session"].get("grace") == seconds


def test_grace_has_bounds(folder: FlowFolder) -> None:
    project = folder.project({"tested.yaml": FLOW % (", grace: 2h", "other"), "integrations/upload.yaml": UPLOAD})
    assert [problem.message for problem in check(project)] == ["Write a time from 10s to 1h."]
