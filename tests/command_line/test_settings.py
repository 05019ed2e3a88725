"""Routes, integrations, secrets, the audit: what flows stand on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line.conftest import Chatflow
from tests.fakes.management.contents import ADMIN, Contents
from tests.fakes.management.deployment import Deployment

pytestmark = pytest.mark.usefixtures("logged_in")

INTEGRATION = "integration: claims\nmethod: POST\nurl: https://claims.example.com/files\n"


@pytest.fixture
def integration_file(tmp_path: Path) -> Path:
    file = tmp_path / "claims.yaml"
    file.write_text(INTEGRATION)
    return file


def test_routes_are_shown_replaced_and_taken_back(chatflow: Chatflow, contents: Contents, tmp_path: Path) -> None:
    (tmp_path / "routes.yaml").write_text("default: photo\n")
    assert chatflow("routes", "show").out == "default: welcome\n"
    assert chatflow("routes", "put", str(tmp_path / "routes.yaml")).out == "The routes are live as version 2.\n"
    assert chatflow("routes", "show", "--json").json == {"default": "photo"}
    assert chatflow("routes", "rollback", "1").code == 0
    assert contents.routes[-1] == "default: welcome\n"


def test_routes_with_problems_are_not_published(chatflow: Chatflow, contents: Contents, tmp_path: Path) -> None:
    (tmp_path / "routes.yaml").write_text("default: none\n")
    contents.problems = [{"file": "routes.yaml", "line": 1, "field": "default", "message": "There is no such flow."}]
    said = chatflow("routes", "put", str(tmp_path / "routes.yaml"))
    assert said.code == 1
    assert "There is no such flow." in said.out
    assert len(contents.routes) == 1


def test_an_integration_is_put_listed_exported_and_kept_while_flows_use_it(
    chatflow: Chatflow, contents: Contents, integration_file: Path
) -> None:
    said = chatflow("integrations", "put", str(integration_file))
    assert said.out == "claims is live as version 1. New versions of: photo.\n"
    assert chatflow("integrations", "put", str(integration_file)).code == 0
    assert chatflow("integrations", "list").out.splitlines()[1].split()[:3] == ["claims", "2", "POST"]
    assert chatflow("integrations", "export", "claims").out == INTEGRATION
    said = chatflow("integrations", "rm", "claims", "--yes")
    assert said.code == 5
    assert "Used by: photo (call, again)" in said.err


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
    said = chatflow("integrations", "try", "claims", "-p", "plate=B AB 1", "-p", 'x={"a":1}', "-f", "file=a.png")
    assert said.code == 0
    for words in (
        "POST https://claims.example.com/files",
        "Bearer ***",
        "a.png, image/png, 2.0 kB",
        "201  after 0.25 s",
        "C-1",
    ):
        assert words in said.out
    assert deployment.calls[-1].json == {"parameters": {"plate": "B AB 1", "x": {"a": 1}}, "file": {"file": "a.png"}}

    nothing = {"request": None, "response": None, "variables": {}, "attempts": [], "seconds": 2.0}
    contents.trial = {**nothing, "exit": "failure", "reason": "unavailable", "error": "connection refused"}
    said = chatflow("integrations", "try", "claims", "--document", str(integration_file))
    assert said.code == 1
    assert "connection refused" in said.out
    assert deployment.calls[-1].json["document"]["integration"] == "claims"
    assert chatflow("integrations", "try", "claims", "-p", "plate").code == 2


def test_a_secret_s_value_comes_from_stdin_and_is_said_nowhere(
    chatflow: Chatflow, deployment: Deployment, contents: Contents
) -> None:
    said = chatflow("secrets", "set", "claims-token", typed="s3cret\n")
    assert (said.code, said.out) == (0, "claims-token is set.\n")
    assert contents.secrets == {"claims-token": "s3cret"}
    assert "s3cret" not in said.out + said.err
    assert "claims-token" in chatflow("secrets", "list").out
    assert chatflow("secrets", "set", "claims-token", typed="\n").code == 2
    assert chatflow("secrets", "set", "claims-token", "s3cret").code == 2
    assert chatflow("secrets", "rm", "claims-token", "--yes").code == 0


def test_what_a_role_may_not_do_is_said(chatflow: Chatflow, deployment: Deployment) -> None:
    deployment.pool.users[ADMIN].roles = ["viewer"]
    said = chatflow("secrets", "set", "claims-token", typed="s3cret\n")
    assert said.code == 3
    assert "this takes the role admin" in said.err
    assert "chatflow whoami" in said.err


def test_the_audit_tells_who_did_what(chatflow: Chatflow) -> None:
    _, row = chatflow("audit", "--since", "3d").out.splitlines()
    assert [word for word in (ADMIN, "publish_flow", "flow photo", "done") if word not in row] == []
