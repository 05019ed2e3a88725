"""`chatflow flows`: documents are validated, drafted, published and exported; flows are listed and removed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatflow_cli.auth.profiles import Profile
from tests.fakes.management.contents import ADMIN, NOW, Contents, Draft
from tests.fakes.management.deployment import Deployment
from tests.unit.chatflow_cli.conftest import FLOW, Chatflow

ROOT = Path(__file__).parents[3]
PROBLEM = {
    "file": "photo.yaml",
    "line": 6,
    "flow": "photo",
    "node": "hello",
    "field": "then",
    "message": 'There is no node "bye".',
}
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
    assert [call.params.get("cursor") for call in deployment.calls_to("GET", "/flows")] == [None, "100", "200"]
    assert len(chatflow("flows", "list", "--json", "-n", "3").json["items"]) == 3


def test_an_old_version_goes_live_again(chatflow: Chatflow, contents: Contents, flow_file: Path) -> None:
    chatflow("flows", "publish", str(flow_file))
    flow_file.write_text(FLOW.replace("Hello", "Good day"))
    chatflow("flows", "publish", str(flow_file))
    result = chatflow("flows", "rollback", "photo", "1")
    assert result.out == "photo is live as version 3, which is 1 again.\n"
    assert contents.sources["photo"][2] == FLOW
    lines = chatflow("flows", "versions", "photo").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["3", "2", "1"]
    assert lines[1].split()[1] == "live"


def test_a_flow_is_exported_as_it_was_written(chatflow: Chatflow, flow_file: Path, tmp_path: Path) -> None:
    chatflow("flows", "publish", str(flow_file))
    assert chatflow("flows", "export", "photo").out == FLOW
    assert chatflow("flows", "export", "photo", "--draft", "--json").json == {"flow": "photo", "yaml": FLOW}
    result = chatflow("flows", "export", "photo", "--version", "1", "-o", str(tmp_path / "out.yaml"))
    assert result.out == ""
    assert (tmp_path / "out.yaml").read_text() == FLOW
    assert chatflow("flows", "export", "photo", "--version", "1", "--draft").code == 2


def test_a_flow_that_is_not_there_is_not_found(chatflow: Chatflow) -> None:
    result = chatflow("flows", "show", "none", "--json")
    assert result.code == 4
    assert result.json["error"]["type"] == "urn:chatflow:problem:not-found"
    assert result.json["error"]["exit"] == 4
    assert result.err == ""


def test_one_is_asked_before_something_is_taken_away(chatflow: Chatflow, contents: Contents, flow_file: Path) -> None:
    chatflow("flows", "publish", str(flow_file))
    result = chatflow("flows", "unpublish", "photo")
    assert result.code == 2
    assert "--yes" in result.err
    assert contents.live == {"photo": 1}
    assert chatflow("flows", "unpublish", "photo", "--yes").code == 0
    assert contents.live == {}


def test_a_flow_on_which_sessions_run_is_deleted_by_force_only(
    chatflow: Chatflow, contents: Contents, flow_file: Path
) -> None:
    chatflow("flows", "publish", str(flow_file))
    contents.sessions = [{"conversation": "c_1", "state": "waiting", "updated_at": NOW}]
    result = chatflow("flows", "delete", "photo", "--yes")
    assert result.code == 5
    assert "Running sessions: 1" in result.err
    assert "--force" in result.err
    assert chatflow("flows", "delete", "photo", "--yes", "--force").code == 0


def test_names_go_into_paths_whole(chatflow: Chatflow, deployment: Deployment, logged_in: Profile) -> None:
    assert chatflow("flows", "show", "../me?x=1").code == 4
    assert [call.path for call in deployment.calls] == ["/flows/..%2Fme%3Fx%3D1"]


def test_a_folder_is_checked_without_any_deployment(chatflow: Chatflow, deployment: Deployment) -> None:
    result = chatflow("flows", "validate", str(ROOT / "flows"))
    assert (result.code, result.out) == (0, f"{ROOT / 'flows'}: no problem.\n")
    assert deployment.calls == []


def test_a_problem_in_a_folder_stands_with_its_file_line_and_node(chatflow: Chatflow, flow_file: Path) -> None:
    flow_file.write_text(FLOW.replace("then: end", "then: bye"))
    (flow_file.parent / "routes.yaml").write_text((ROOT / "flows" / "routes.yaml").read_text())
    result = chatflow("flows", "validate", str(flow_file.parent))
    assert result.code == 1
    assert str(flow_file) in result.out
    assert "line 6" in result.out
    assert "hello > then" in result.out
    assert re.search(r"^\d+ problems\.$", result.out, re.MULTILINE)

    problem = chatflow("flows", "validate", str(flow_file.parent), "--json").json["problems"][0]
    assert (problem["file"], problem["line"], problem["node"]) == (str(flow_file), 6, "hello")
    assert chatflow("flows", "validate", str(flow_file), "--offline").code == 1


def test_a_file_alone_is_not_checked_offline(chatflow: Chatflow, flow_file: Path) -> None:
    result = chatflow("flows", "validate", "--offline", str(flow_file))
    assert result.code == 2
    assert "routes.yaml" in result.err


def test_a_file_is_checked_against_what_is_live(chatflow: Chatflow, contents: Contents, flow_file: Path) -> None:
    assert chatflow("flows", "validate", str(flow_file)).code == 0
    contents.problems = [PROBLEM]
    result = chatflow("flows", "validate", str(flow_file))
    assert result.code == 1
    assert result.out.splitlines()[:3] == [
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
    result = chatflow("flows", "publish", str(flow_file))
    assert result.code == 1
    assert words in result.err


def test_a_file_that_is_not_text_is_named_so(chatflow: Chatflow, flow_file: Path) -> None:
    flow_file.write_bytes(b"flow: \xff\xfe")
    assert "It is not UTF-8" in chatflow("flows", "publish", str(flow_file)).err


def test_publishing_makes_a_file_the_draft_and_then_a_version(
    chatflow: Chatflow, contents: Contents, flow_file: Path
) -> None:
    result = chatflow("flows", "publish", str(flow_file), "--note", "First")
    assert (result.code, result.out) == (0, "photo is live as version 1.\n")
    assert contents.sources == {"photo": [FLOW]}
    assert chatflow("flows", "publish", str(flow_file), "--json").json["version"] == 2


def test_publishing_shows_the_warnings_of_validation(chatflow: Chatflow, contents: Contents, flow_file: Path) -> None:
    contents.warnings = ["photo.yaml:7: send > caption: A document is sent without a caption."]
    result = chatflow("flows", "publish", str(flow_file))
    assert result.code == 0
    assert result.out == (
        "photo is live as version 1.\nWarning: photo.yaml:7: send > caption: A document is sent without a caption.\n"
    )
    assert chatflow("flows", "publish", str(flow_file), "--json").json["warnings"] == contents.warnings


def test_a_flow_with_problems_is_not_published_and_no_draft_is_touched(
    chatflow: Chatflow, deployment: Deployment, contents: Contents, flow_file: Path
) -> None:
    contents.problems = [PROBLEM]
    result = chatflow("flows", "publish", str(flow_file))
    assert result.code == 1
    assert "Nothing was published." in result.out
    assert contents.drafts == {}
    assert deployment.calls_to("PUT", "/flows/photo/draft") == []


def test_what_goes_wrong_between_checking_and_publishing_is_told_the_same_way(
    chatflow: Chatflow, deployment: Deployment, contents: Contents, flow_file: Path
) -> None:
    put = deployment.operations["PUT", "/flows/{flow}/draft"]

    def spoil(*given: object, **named: object) -> object:
        contents.problems = [PROBLEM]
        return put(*given, **named)

    deployment.operations["PUT", "/flows/{flow}/draft"] = spoil  # type: ignore[assignment]
    result = chatflow("flows", "publish", str(flow_file), "--json")
    assert result.code == 1
    assert result.json["problems"][0]["file"] == str(flow_file)


def test_the_unpublished_draft_of_someone_else_stays(chatflow: Chatflow, contents: Contents, flow_file: Path) -> None:
    contents.drafts["photo"] = Draft(FLOW.replace("Hello", "Mine"), 4, "other@example.com")
    result = chatflow("flows", "publish", str(flow_file))
    assert result.code == 5
    assert "other@example.com wrote it" in result.err
    assert "--over-draft" in result.err
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
    result = chatflow("flows", "import", str(flow_file))
    assert result.code == 5
    assert "Someone else changed this meanwhile" in result.err


def test_an_empty_flow_replaces_one_only_when_one_says_so(
    chatflow: Chatflow, contents: Contents, flow_file: Path
) -> None:
    flow_file.write_text("flow: photo\nnodes: {}\n")
    result = chatflow("flows", "import", str(flow_file))
    assert result.code == 5
    assert "--allow-empty" in result.err
    assert chatflow("flows", "import", str(flow_file), "--allow-empty").code == 0


def test_what_does_not_fit_a_channel_is_shown(chatflow: Chatflow, deployment: Deployment, contents: Contents) -> None:
    assert chatflow("flows", "problems", "telegram").out == "Every live flow fits telegram.\n"
    contents.problems = [PROBLEM]
    contents.warnings = ["chat.yaml:6: a text is sent as 2 messages."]
    result = chatflow("flows", "problems", "telegram")
    assert result.code == 1
    assert "line 6" in result.out
    assert "Warning: chat.yaml:6: a text is sent as 2 messages." in result.out
    assert len(deployment.calls_to("GET", "/channels/telegram/flow-problems")) == 2
