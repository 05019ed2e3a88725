"""Each error has the API's text and its exit code, and shows no stack trace."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chatflow_cli.auth.profiles import Profile, Profiles
from tests.fakes.management.contents import NOW, Contents
from tests.fakes.management.deployment import Deployment
from tests.unit.chatflow_cli.conftest import Chatflow


@pytest.mark.parametrize(
    ("status", "slug", "code"),
    [
        (400, "invalid-request", 1),
        (401, "unauthorized", 3),
        (403, "forbidden", 3),
        (404, "not-found", 4),
        (409, "conflict", 5),
        (412, "edit-conflict", 5),
        (413, "too-large", 1),
        (422, "invalid-request", 1),
        (428, "precondition-required", 5),
        (500, "internal", 6),
    ],
)
def test_a_problem_ends_in_its_exit_code(
    chatflow: Chatflow, deployment: Deployment, logged_in: Profile, *, status: int, slug: str, code: int
) -> None:
    document = {"type": f"urn:chatflow:problem:{slug}", "title": "Title", "detail": "Detail.", "status": status}
    deployment.faults = [(status, json.dumps(document))] * 2
    result = chatflow("flows", "list")
    assert result.code == code
    assert result.out == ""
    assert result.err.startswith("Title\nDetail.\n")

    deployment.faults = [(status, json.dumps(document))] * 2
    error = chatflow("flows", "list", "--json").json["error"]
    assert (error["exit"], error["type"], error["detail"]) == (code, document["type"], "Detail.")


def test_each_wrong_field_is_named(chatflow: Chatflow, deployment: Deployment, logged_in: Profile) -> None:
    errors = [{"field": "query.kind", "message": "not a kind"}, {"field": "query.state", "message": "not a state"}]
    deployment.faults = [(422, json.dumps({"title": "The request is not valid", "detail": "x", "errors": errors}))]
    result = chatflow("assets", "list", "--kind", "paper")
    assert result.err.splitlines()[1:] == ["query.kind: not a kind", "query.state: not a state"]


def test_a_moment_of_unavailability_is_not_noticed(
    chatflow: Chatflow, deployment: Deployment, logged_in: Profile
) -> None:
    deployment.faults = [(503, ""), (429, "{}")]
    assert chatflow("flows", "list").code == 0
    deployment.faults = [(503, "")] * 4
    assert chatflow("flows", "list").code == 6


def test_a_repeated_post_carries_the_same_key_and_a_put_is_not_repeated(
    chatflow: Chatflow, deployment: Deployment, logged_in: Profile
) -> None:
    deployment.faults = [(502, "<html>Bad gateway</html>")]
    assert chatflow("sessions", "find", "--contact", "1", "--account", "1").code == 0
    first, second = (call.headers["idempotency-key"] for call in deployment.calls)
    assert first == second
    deployment.faults = [(502, "")]
    assert chatflow("secrets", "set", "a", typed="b").code == 6


def test_a_deployment_that_is_gone_is_unavailable(chatflow: Chatflow, logged_in: Profile) -> None:
    Profiles().save("default", replace(logged_in, url="http://127.0.0.1:9/api/v1"))
    result = chatflow("whoami")
    assert result.code == 6
    assert "does not answer" in result.err
    assert "Traceback" not in result.err


def test_a_fault_of_our_own_shows_no_stack_trace(
    chatflow: Chatflow, logged_in: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatflow_cli.api.ManagementApi.get", lambda *_, **__: 1 / 0)
    result = chatflow("whoami")
    assert result.code == 70
    assert "ZeroDivisionError" in result.err
    assert "Traceback" not in result.err


def test_words_of_others_do_not_steer_the_terminal(chatflow: Chatflow, contents: Contents, logged_in: Profile) -> None:
    unknown = dict.fromkeys(("conversation", "event", "session", "turn", "node"))
    strange = {"reason": "a\x1b[2Jb\u202ec\x9bd[bold]e[/bold]\n\tf", "kind": ":smile:", "state": "dead"}
    contents.letters = [{"id": "e-1", "queue": "events", "at": NOW, **unknown, **strange}]
    result = chatflow("dead-letters", "list")
    assert "a\\x1b[2Jb\\u202ec\\x9bd[bold]e[/bold] f" in result.out
    assert ":smile:" in result.out
    assert chatflow("dead-letters", "list", "--json").json["items"] == contents.letters
