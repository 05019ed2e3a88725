"""Flows as they are live: listed, taken back, exported, deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatflow_cli.profiles import Profile
from tests.command_line.conftest import FLOW, Chatflow
from tests.fakes.management.contents import ADMIN, NOW, Contents, Draft
from tests.fakes.management.deployment import Deployment

pytestmark = pytest.mark.usefixtures("logged_in")


def test_flows_are_listed_with_what_is_live_and_what_is_drafted(
    chatflow: Chatflow, contents: Contents, flow_file: Path
) -> None:
    assert "No flow yet" in chatflow("flows", "list").out
    chatflow("flows", "publish", str(flow_file))
    header, row = chatflow("flows", "list").out.splitlines()
    assert header.split() == ["Flow", "Title", "Live", "Published", "By", "Note", "Draft"]
    assert row.split()[:5] == ["photo", "Take", "a", "photo", "1"]
    assert chatflow("flows", "list", "--json").json["items"][0]["name"] == "photo"


def test_a_long_list_is_read_page_by_page(chatflow: Chatflow, deployment: Deployment, contents: Contents) -> None:
    contents.drafts = {f"flow-{number:03}": Draft(FLOW, 1, ADMIN) for number in range(230)}
    assert len(chatflow("flows", "list", "--json", "--limit", "1000").json["items"]) == 230
    assert [call.params.get("cursor") for call in deployment.asked("GET", "/flows")] == [None, "100", "200"]
    assert len(chatflow("flows", "list", "--json", "-n", "3").json["items"]) == 3


def test_an_old_version_goes_live_again(chatflow: Chatflow, contents: Contents, flow_file: Path) -> None:
    chatflow("flows", "publish", str(flow_file))
    flow_file.write_text(FLOW.replace("Hello", "Good day"))
    chatflow("flows", "publish", str(flow_file))
    said = chatflow("flows", "rollback", "photo", "1")
    assert said.out == "photo is live as version 3, which is 1 again.\n"
    assert contents.sources["photo"][2] == FLOW
    lines = chatflow("flows", "versions", "photo").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["3", "2", "1"]
    assert lines[1].split()[1] == "live"


def test_a_flow_is_exported_as_it_was_written(chatflow: Chatflow, flow_file: Path, tmp_path: Path) -> None:
    chatflow("flows", "publish", str(flow_file))
    assert chatflow("flows", "export", "photo").out == FLOW
    assert chatflow("flows", "export", "photo", "--draft", "--json").json == {"flow": "photo", "yaml": FLOW}
    said = chatflow("flows", "export", "photo", "--version", "1", "-o", str(tmp_path / "out.yaml"))
    assert said.out == ""
    assert (tmp_path / "out.yaml").read_text() == FLOW
    assert chatflow("flows", "export", "photo", "--version", "1", "--draft").code == 2


def test_a_flow_that_is_not_there_is_not_found(chatflow: Chatflow) -> None:
    said = chatflow("flows", "show", "none", "--json")
    assert said.code == 4
    assert said.json["error"]["type"] == "urn:chatflow:problem:not-found"
    assert said.json["error"]["exit"] == 4
    assert said.err == ""


def test_one_is_asked_before_something_is_taken_away(chatflow: Chatflow, contents: Contents, flow_file: Path) -> None:
    chatflow("flows", "publish", str(flow_file))
    said = chatflow("flows", "unpublish", "photo")
    assert said.code == 2
    assert "--yes" in said.err
    assert contents.live == {"photo": 1}
    assert chatflow("flows", "unpublish", "photo", "--yes").code == 0
    assert contents.live == {}


def test_a_flow_on_which_sessions_run_is_deleted_by_force_only(
    chatflow: Chatflow, contents: Contents, flow_file: Path
) -> None:
    chatflow("flows", "publish", str(flow_file))
    contents.sessions = [{"conversation": "c_1", "state": "waiting", "updated_at": NOW}]
    said = chatflow("flows", "delete", "photo", "--yes")
    assert said.code == 5
    assert "Running sessions: 1" in said.err
    assert "--force" in said.err
    assert chatflow("flows", "delete", "photo", "--yes", "--force").code == 0


def test_names_go_into_paths_whole(chatflow: Chatflow, deployment: Deployment, logged_in: Profile) -> None:
    assert chatflow("flows", "show", "../me?x=1").code == 4
    assert [call.path for call in deployment.calls] == ["/flows/..%2Fme%3Fx%3D1"]
