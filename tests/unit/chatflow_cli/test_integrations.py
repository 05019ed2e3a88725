"""`chatflow integrations`: published, listed, exported, tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.management.contents import Contents
from tests.fakes.management.deployment import Deployment
from tests.unit.chatflow_cli.conftest import Chatflow

pytestmark = pytest.mark.usefixtures("logged_in")

INTEGRATION = "integration: claims\nmethod: POST\nurl: https://claims.example.com/files\n"


@pytest.fixture
def integration_file(tmp_path: Path) -> Path:
    file = tmp_path / "claims.yaml"
    file.write_text(INTEGRATION)
    return file


def test_an_integration_is_put_listed_exported_and_kept_while_flows_use_it(
    chatflow: Chatflow, contents: Contents, integration_file: Path
) -> None:
    result = chatflow("integrations", "put", str(integration_file))
    assert result.out == "claims is live as version 1. New versions of: photo.\n"
    assert chatflow("integrations", "put", str(integration_file)).code == 0
    assert chatflow("integrations", "list").out.splitlines()[1].split()[:3] == ["claims", "2", "POST"]
    assert chatflow("integrations", "export", "claims").out == INTEGRATION
    result = chatflow("integrations", "rm", "claims", "--yes")
    assert result.code == 5
    assert "Used by: photo (call, again)" in result.err


def test_trying_an_integration_shows_request_answer_and_exit(
    chatflow: Chatflow, deployment: Deployment, contents: Contents, integration_file: Path
) -> None:
    contents.trial = {
        "request": {
            "method": "POST",
            "url": "https://claims.example.com/files",
            "headers": {"Authorization": "Bearer ***"},
            "body": None,
            "parts": [{"name": "file", "filename": "a.png", "size": 2048, "mime": "image/png", "sha256": "ab" * 32}],
        },
        "response": {"status": 201, "headers": {}, "body": '{"claim": {"id": "C-1"}}', "file": None},
        "attempts": [{"status": 201, "error": "", "seconds": 0.25}],
        "seconds": 0.25,
        "reason": "",
        "error": "",
        "variables": {"claim": {"id": "C-1"}},
        "exit": "success",
    }
    result = chatflow("integrations", "try", "claims", "-p", "plate=B AB 1", "-p", 'x={"a":1}', "-f", "file=a.png")
    assert result.code == 0
    for words in (
        "POST https://claims.example.com/files",
        "Bearer ***",
        "a.png, image/png, 2.0 kB",
        "201  after 0.25 s",
        "C-1",
    ):
        assert words in result.out
    assert deployment.calls[-1].json == {"parameters": {"plate": "B AB 1", "x": {"a": 1}}, "file": {"file": "a.png"}}

    nothing = {"request": None, "response": None, "variables": {}, "attempts": [], "seconds": 2.0}
    contents.trial = {**nothing, "exit": "failure", "reason": "unavailable", "error": "connection refused"}
    result = chatflow("integrations", "try", "claims", "--document", str(integration_file))
    assert result.code == 1
    assert "connection refused" in result.out
    assert deployment.calls[-1].json["document"]["integration"] == "claims"
    assert chatflow("integrations", "try", "claims", "-p", "plate").code == 2


def test_a_curl_command_becomes_a_definition_that_can_be_put(chatflow: Chatflow, tmp_path: Path) -> None:
    result = chatflow("integrations", "from-curl", typed="curl https://claims.example.com/files")
    assert result.out == "integration: claims\nmethod: GET\nurl: https://claims.example.com/files\n"
    assert result.err == "Warning: -k was left out.\n"
    command, definition = tmp_path / "command.txt", tmp_path / "claims.yaml"
    command.write_text("curl https://claims.example.com/files\n")
    assert chatflow("integrations", "from-curl", str(command), "-o", str(definition)).code == 0
    assert chatflow("integrations", "put", str(definition)).code == 0
