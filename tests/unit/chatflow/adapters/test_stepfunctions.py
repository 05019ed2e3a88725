"""The start of the state machine: once, however long it takes, and judged by what it says of itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from chatflow.adapters import aws, stepfunctions
from chatflow.errors import InDoubt, Throttled, TurnFailed
from infrastructure.conversation.turn_definition import definition
from tests.fakes.faulty_server import stalls
from tests.fakes.http_server import Answering, Server, says, serving

ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:turn"


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    aws.client.cache_clear()
    yield monkeypatch
    aws.client.cache_clear()


def step_functions(credentials: pytest.MonkeyPatch, server: Server) -> None:
    """The service stands at this server."""
    credentials.setenv("AWS_ENDPOINT_URL", server.url("").rstrip("/"))


def execution(**answer: object) -> Answering:
    body = {"executionArn": f"{ARN}:1", "startDate": 1.0, "stopDate": 2.0, **answer}
    return says(json.dumps(body).encode(), **{"Content-Type": "application/x-amz-json-1.0"})


def test_a_machine_that_stalls_is_started_once(credentials: pytest.MonkeyPatch) -> None:
    """The usual way would be to wait a minute, then to start a second execution beside the first."""
    credentials.setattr(stepfunctions, "WAIT_SECONDS", 1)
    with serving(stalls) as server:
        step_functions(credentials, server)
        with pytest.raises(InDoubt):
            stepfunctions.run(ARN, "c_ann-1-0", {}, traced_percent=5)
    assert len(server.requests) == 1


def test_whoever_starts_the_machine_waits_longer_than_it_may_run() -> None:
    assert definition({})["TimeoutSeconds"] == stepfunctions.EXECUTION_SECONDS < stepfunctions.WAIT_SECONDS


def test_what_came_of_a_turn_is_read_from_its_output(credentials: pytest.MonkeyPatch) -> None:
    with serving(execution(status="SUCCEEDED", output='{"status": "ended"}')) as server:
        step_functions(credentials, server)
        assert stepfunctions.run(ARN, "c_ann-1-0", {"at": "ask", "name": "Änn"}, traced_percent=5) == {
            "status": "ended"
        }
    asked = json.loads(server.requests[0].body)
    assert json.loads(asked["input"]) == {"at": "ask", "name": "Änn"}
    assert asked["name"] == "c_ann-1-0"


@pytest.mark.parametrize("error", ["Lambda.TooManyRequestsException", "Throttled"])
def test_a_node_that_was_throttled_to_the_end_is_no_failure_of_the_turn(
    credentials: pytest.MonkeyPatch, error: str
) -> None:
    with serving(execution(status="FAILED", error=error)) as server:
        step_functions(credentials, server)
        with pytest.raises(Throttled):
            stepfunctions.run(ARN, "c_ann-1-0", {}, traced_percent=5)


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT"])
def test_a_failed_execution_answers_200_and_is_still_a_failure(credentials: pytest.MonkeyPatch, status: str) -> None:
    answer = execution(status=status, error="Lambda.Unknown", cause="the customer wrote: my number is 555")
    with serving(answer) as server:
        step_functions(credentials, server)
        with pytest.raises(TurnFailed) as failed:
            stepfunctions.run(ARN, "c_ann-1-0", {}, traced_percent=5)
    assert "Lambda.Unknown" in str(failed.value)
    assert "555" not in str(failed.value)


@pytest.mark.parametrize(("percent", "least", "most"), [(0, 0, 0), (5, 60, 140), (100, 2000, 2000)])
def test_the_configured_share_of_turns_is_traced(percent: float, least: int, most: int) -> None:
    headers = [stepfunctions.trace_header(f"c_ann-{turn}-0", percent, 1_760_000_000) for turn in range(2000)]
    assert all(re.fullmatch(r"Root=1-68e77800-[0-9a-f]{24};Sampled=[01]", header) for header in headers)
    assert least <= sum(header.endswith("Sampled=1") for header in headers) <= most
    assert len(set(headers)) == len(headers)
