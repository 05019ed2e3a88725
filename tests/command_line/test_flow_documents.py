"""Flows as people write them: checked, published; nobody's work is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.command_line.conftest import FLOW, Chatflow
from tests.fakes.management.contents import ADMIN, Contents, Draft
from tests.fakes.management.deployment import Deployment

ROOT = Path(__file__).parents[2]
PROBLEM = {
    "file": "photo.yaml",
    "line": 6,
    "flow": "photo",
    "node": "hello",
    "field": "then",
    "message": 'There is no node "bye".',
}
pytestmark = pytest.mark.usefixtures("logged_in")


def test_a_folder_is_checked_without_any_deployment(chatflow: Chatflow, deployment: Deployment) -> None:
    said = chatflow("flows", "validate", str(ROOT / "flows"))
    assert (said.code, said.out) == (0, f"{ROOT / 'flows'}: no problem.\n")
    assert deployment.calls == []


def test_a_problem_in_a_folder_stands_with_its_file_line_and_node(chatflow: Chatflow, flow_file: Path) -> None:
    flow_file.write_text(FLOW.replace("then: end", "then: bye"))
    (flow_file.parent / "routes.yaml").write_text((ROOT / "flows" / "routes.yaml").read_text())
    said = chatflow("flows", "validate", str(flow_file.parent))
    assert said.code == 1
    assert str(flow_file) in said.out
    assert "line 6" in said.out
    assert "hello > then" in said.out
    assert re.search(r"^\d+ problems\.$", said.out, re.MULTILINE)

    problem = chatflow("flows", "validate", str(flow_file.parent), "--json").json["problems"][0]
    assert (problem["file"], problem["line"], problem["node"]) == (str(flow_file), 6, "hello")
    assert chatflow("flows", "validate", str(flow_file), "--offline").code == 1


def test_a_file_alone_is_not_checked_offline(chatflow: Chatflow, flow_file: Path) -> None:
    said = chatflow("flows", "validate", "--offline", str(flow_file))
    assert said.code == 2
    assert "routes.yaml" in said.err


def test_a_file_is_checked_against_what_is_live(chatflow: Chatflow, contents: Contents, flow_file: Path) -> None:
    assert chatflow("flows", "validate", str(flow_file)).code == 0
    contents.problems = [PROBLEM]
    said = chatflow("flows", "validate", str(flow_file))
    assert said.code == 1
    assert said.out.splitlines()[:3] == [
        str(flow_file),
        "  line 6    hello > then",
        '            There is no node "bye".',
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [("[1", "photo.yaml:1 is not YAML."), ("- 1", "no line `flow: <name>`"), ("flow: 7", "no line `flow: <name>`")],
)
def test_a_file_that_is_no_flow_is_named_so(chatflow: Chatflow, flow_file: Path, text: str, words: str) -> None:
    flow_file.write_text(text)
    said = chatflow("flows", "publish", str(flow_file))
    assert said.code == 1
    assert words in said.err


def test_a_file_that_is_not_text_is_named_so(chatflow: Chatflow, flow_file: Path) -> None:
    flow_file.write_bytes(b"flow: \xff\xfe")
    assert "It is not UTF-8" in chatflow("flows", "publish", str(flow_file)).err


def test_publishing_makes_a_file_the_draft_and_then_a_version(
    chatflow: Chatflow, contents: Contents, flow_file: Path
) -> None:
    said = chatflow("flows", "publish", str(flow_file), "--note", "First")
    assert (said.code, said.out) == (0, "photo is live as version 1.\n")
    assert contents.sources == {"photo": [FLOW]}
    assert chatflow("flows", "publish", str(flow_file), "--json").json["version"] == 2


def test_a_flow_with_problems_is_not_published_and_no_draft_is_touched(
    chatflow: Chatflow, deployment: Deployment, contents: Contents, flow_file: Path
) -> None:
    contents.problems = [PROBLEM]
    said = chatflow("flows", "publish", str(flow_file))
    assert said.code == 1
    assert "Nothing was published." in said.out
    assert contents.drafts == {}
    assert deployment.asked("PUT", "/flows/photo/draft") == []


def test_what_goes_wrong_between_checking_and_publishing_is_told_the_same_way(
    chatflow: Chatflow, deployment: Deployment, contents: Contents, flow_file: Path
) -> None:
    put = deployment.operations["PUT", "/flows/{flow}/draft"]

    def spoil(*given: object, **named: object) -> object:
        contents.problems = [PROBLEM]
        return put(*given, **named)

    deployment.operations["PUT", "/flows/{flow}/draft"] = spoil  # type: ignore[assignment]
    said = chatflow("flows", "publish", str(flow_file), "--json")
    assert said.code == 1
    assert said.json["problems"][0]["file"] == str(flow_file)


def test_the_unpublished_draft_of_someone_else_stays(chatflow: Chatflow, contents: Contents, flow_file: Path) -> None:
    contents.drafts["photo"] = Draft(FLOW.replace("Hello", "Mine"), 4, "other@example.com")
    said = chatflow("flows", "publish", str(flow_file))
    assert said.code == 5
    assert "other@example.com wrote it" in said.err
    assert "--over-draft" in said.err
    assert contents.drafts["photo"].revision == 4

    assert chatflow("flows", "publish", str(flow_file), "--over-draft").code == 0
    assert contents.drafts["photo"].text == FLOW


def test_a_draft_of_ones_own_or_one_that_is_live_gives_way(
    chatflow: Chatflow, contents: Contents, flow_file: Path
) -> None:
    contents.drafts["photo"] = Draft(FLOW.replace("Hello", "Mine"), 4, ADMIN)
    assert chatflow("flows", "import", str(flow_file)).code == 0

    contents.drafts["photo"] = Draft(FLOW.replace("Hello", "Live"), 4, "other@example.com")
    contents.sources["photo"], contents.live["photo"] = [FLOW.replace("Hello", "Live")], 1
    assert chatflow("flows", "import", str(flow_file)).code == 0
    assert contents.live["photo"] == 1


def test_a_change_between_reading_and_writing_is_a_conflict(
    chatflow: Chatflow, deployment: Deployment, contents: Contents, flow_file: Path
) -> None:
    contents.drafts["photo"] = Draft(FLOW, 4, ADMIN)
    get = deployment.operations["GET", "/flows/{flow}/draft"]

    def then_changed(*given: object, **named: object) -> object:
        reply = get(*given, **named)
        contents.drafts["photo"].revision += 1
        return reply

    deployment.operations["GET", "/flows/{flow}/draft"] = then_changed  # type: ignore[assignment]
    said = chatflow("flows", "import", str(flow_file))
    assert said.code == 5
    assert "Someone else changed this meanwhile" in said.err


def test_an_empty_flow_replaces_one_only_when_one_says_so(
    chatflow: Chatflow, contents: Contents, flow_file: Path
) -> None:
    flow_file.write_text("flow: photo\nnodes: {}\n")
    said = chatflow("flows", "import", str(flow_file))
    assert said.code == 5
    assert "--allow-empty" in said.err
    assert chatflow("flows", "import", str(flow_file), "--allow-empty").code == 0
