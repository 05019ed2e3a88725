"""Express executions on the local stack: limits, errors and JSONata as on AWS."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

END = {"Type": "Pass", "End": True}


def run(cloud: Any, states: dict[str, Any], given: Any = None, **machine: Any) -> dict[str, Any]:
    """Run a JSONata Express machine that begins with its first state."""
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **machine}
    client = cloud.client("stepfunctions")
    made = client.create_state_machine(
        name=f"m{uuid4().hex}",
        definition=json.dumps(definition),
        roleArn=cloud.outputs["RoleArn"],
        type="EXPRESS",
    )
    answer: dict[str, Any] = client.start_sync_execution(
        stateMachineArn=made["stateMachineArn"], input=json.dumps(given or {})
    )
    return answer


def do(cloud: Any, **more: Any) -> dict[str, Any]:
    """A task that invokes the toy function with the state's input."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": cloud.outputs["DoerArn"], "Payload": "{% $states.input %}"},
        "End": True,
        **more,
    }


def test_an_execution_of_passes_is_quick(cloud: Any) -> None:
    run(cloud, {"Only": END})
    begun = time.monotonic()
    for _ in range(5):
        assert run(cloud, {"Only": END})["status"] == "SUCCEEDED"
    assert time.monotonic() - begun < 5 * 0.15, "each would sleep 0.15 s unpatched"


def test_a_machine_ends_at_its_time_limit_as_timed_out_without_output(cloud: Any) -> None:
    begun = time.monotonic()
    answer = run(cloud, {"Long": {"Type": "Wait", "Seconds": 30, "End": True}}, TimeoutSeconds=1)
    assert (answer["status"], answer["error"]) == ("TIMED_OUT", "States.Timeout")
    assert "output" not in answer
    assert time.monotonic() - begun < 10


def test_a_task_ends_at_its_time_limit_and_the_error_is_caught(cloud: Any) -> None:
    task = do(
        cloud, TimeoutSeconds=1, Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "Late", "Output": "{% 'late' %}"}]
    )
    assert json.loads(run(cloud, {"Do": task, "Late": END}, {"sleep": 2.5})["output"]) == "late"


def test_a_time_limit_may_be_an_expression(cloud: Any) -> None:
    task = do(cloud, TimeoutSeconds="{% $states.input.seconds %}")
    answer = run(cloud, {"Do": task}, {"sleep": 2.5, "seconds": 1})
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Timeout")


def test_retry_and_catch_see_the_exceptions_class(cloud: Any) -> None:
    caught = {
        "ErrorEquals": ["BusinessRefused"],
        "Next": "Refused",
        "Output": "{% $parse($states.errorOutput.Cause).errorMessage %}",
    }
    assert json.loads(
        run(cloud, {"Do": do(cloud, Catch=[caught]), "Refused": END}, {"fail": "BusinessRefused"})["output"]
    ) == ("told to")
    other = run(cloud, {"Do": do(cloud, Catch=[caught]), "Refused": END}, {"fail": "SomethingElse"})
    assert (other["status"], other["error"]) == ("FAILED", "SomethingElse")


def test_a_failed_execution_answers_with_error_and_cause_and_no_output(cloud: Any) -> None:
    answer = run(cloud, {"No": {"Type": "Fail", "Error": "Stopped", "Cause": "{% 'because' %}"}})
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "Stopped", "because")
    assert "output" not in answer


def test_succeed_evaluates_its_output(cloud: Any) -> None:
    answer = run(cloud, {"Done": {"Type": "Succeed", "Output": {"sum": "{% $states.input.a + 1 %}"}}}, {"a": 2})
    assert json.loads(answer["output"]) == {"sum": 3}


def test_one_assign_sees_the_previous_values(cloud: Any) -> None:
    states = {
        "First": {"Type": "Pass", "Assign": {"v": 1, "w": 0}, "Next": "Both"},
        "Both": {"Type": "Pass", "Assign": {"v": 2, "w": "{% $v %}"}, "Next": "Show"},
        "Show": {"Type": "Pass", "Output": "{% [$v, $w] %}", "End": True},
    }
    assert json.loads(run(cloud, states)["output"]) == [2, 1]


def test_a_choice_assigns_and_continues_a_loop(cloud: Any) -> None:
    states = {
        "Begin": {"Type": "Pass", "Assign": {"n": 0}, "Next": "Again"},
        "Again": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $n < 5 %}", "Assign": {"n": "{% $n + 1 %}"}, "Next": "Again"}],
            "Default": "Show",
        },
        "Show": {"Type": "Pass", "Output": "{% $n %}", "End": True},
    }
    assert json.loads(run(cloud, states)["output"]) == 5


def test_state_larger_than_256_kib_ends_the_execution_despite_a_catch_of_all_errors(cloud: Any) -> None:
    task = do(cloud, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}])
    answer = run(cloud, {"Do": task, "Caught": END}, {"bytes": 300_000})
    assert (answer["status"], answer["error"]) == ("FAILED", "States.DataLimitExceeded")


def test_an_expression_without_a_result_fails_the_state(cloud: Any) -> None:
    answer = run(cloud, {"Show": {"Type": "Pass", "Output": "{% $states.input.missing %}", "End": True}})
    assert (answer["status"], answer["error"]) == ("FAILED", "States.QueryEvaluationError")


def test_a_definition_with_a_broken_expression_is_refused(cloud: Any) -> None:
    with pytest.raises(ClientError, match="INVALID_JSONATA_EXPRESSION"):
        run(cloud, {"Show": {"Type": "Pass", "Output": "{% 1 + %}", "End": True}})


def test_old_executions_are_discarded(cloud: Any) -> None:
    client = cloud.client("stepfunctions")
    made = client.create_state_machine(
        name=f"m{uuid4().hex}",
        definition=json.dumps({"StartAt": "Only", "States": {"Only": END}}),
        roleArn=cloud.outputs["RoleArn"],
        type="EXPRESS",
    )
    for _ in range(220):
        client.start_sync_execution(stateMachineArn=made["stateMachineArn"])
    pages = client.get_paginator("list_executions").paginate(stateMachineArn=made["stateMachineArn"])
    assert sum(len(p["executions"]) for p in pages) <= 200
