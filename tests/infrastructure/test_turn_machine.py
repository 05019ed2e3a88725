"""The state machine: its states and transitions, as the console shows them, and its settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.node_types import MANIFESTS, construct
from tests.infrastructure.template_checks import Check, Mutation, Template, assert_detects, only, plain, readable

MACHINE = "AWS::StepFunctions::StateMachine"

# Beside these, each node type has a state that ChooseNode leads to, and that leads to Remember.
GRAPH = """
Begin -> ChooseNode
ChooseNode -> TooManyVisits, AnotherSlice, Deferred, UnknownNodeType
EndOrContinue -> Waiting, AnotherFlow, NextNode, EndSession
NextNode -> ChooseNode
Remember -> EndOrContinue
ends: AnotherFlow, AnotherSlice, Deferred, EndSession, TooManyVisits, Waiting
fails: UnknownNodeType
"""


def test_the_graph_is_the_reviewed_one(template: Template) -> None:
    definition = _definition(template)
    types = [construct(each).removeprefix("NodeTypes") for each in MANIFESTS.values()]
    visits = {name: definition["States"].pop(name) for name in types}
    chosen = [each for each in definition["States"]["ChooseNode"]["Choices"] if each["Next"] in visits]
    assert [(each["Condition"], each["Next"]) for each in chosen] == [
        (f"{{% $lookup($nodes, $at).type = '{name}' %}}", state) for name, state in zip(MANIFESTS, types, strict=True)
    ]
    assert {target for state in visits.values() for target in _targets(state)} == {"Remember"}
    definition["States"]["ChooseNode"]["Choices"] = [
        each for each in definition["States"]["ChooseNode"]["Choices"] if each not in chosen
    ]
    assert _graph(definition).strip() == GRAPH.strip()


def no_execution_data_is_logged(template: Template) -> None:
    logging = only(template, MACHINE)["LoggingConfiguration"]
    assert logging["Level"] == "ALL"
    assert logging["IncludeExecutionData"] is False
    assert logging["Destinations"]


def it_is_express_and_traced(template: Template) -> None:
    machine = only(template, MACHINE)
    assert machine["StateMachineType"] == "EXPRESS"
    assert machine["TracingConfiguration"] == {"Enabled": True}


def each_node_type_calls_its_own_function(template: Template) -> None:
    for name, state in _definition(template)["States"].items():
        if state["Type"] == "Task":
            assert readable(state["Arguments"]["FunctionName"]) == f"<NodeTypes{name}Function>"
            assert state["TimeoutSeconds"] <= 66


def a_node_that_lambda_refuses_to_run_is_tried_again(template: Template) -> None:
    tasks = [state for state in _definition(template)["States"].values() if state["Type"] == "Task"]
    assert tasks
    for state in tasks:
        (retry,) = (each for each in state["Retry"] if "Lambda.TooManyRequestsException" in each["ErrorEquals"])
        assert retry["MaxAttempts"] >= 3
        assert retry["BackoffRate"] > 1
        assert retry["JitterStrategy"] == "FULL"


def _definition(template: Template) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(plain(only(template, MACHINE)["DefinitionString"]))
    return parsed


def _graph(definition: dict[str, Any]) -> str:
    states = definition["States"]
    lines = [
        f"{name} -> {', '.join(targets)}" for name, state in sorted(states.items()) if (targets := [*_targets(state)])
    ]
    ends = [name for name, state in sorted(states.items()) if state.get("End") or state["Type"] == "Succeed"]
    fails = [name for name, state in sorted(states.items()) if state["Type"] == "Fail"]
    return "\n".join([*lines, f"ends: {', '.join(ends)}", f"fails: {', '.join(fails)}"])


def _targets(state: dict[str, Any]) -> Iterator[str]:
    for choice in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield choice["Next"]
    yield from (state[key] for key in ("Default", "Next") if key in state)


def _log_the_data(template: Template) -> None:
    only(template, MACHINE)["LoggingConfiguration"]["IncludeExecutionData"] = True


def _log_errors_alone(template: Template) -> None:
    only(template, MACHINE)["LoggingConfiguration"]["Level"] = "ERROR"


def _make_it_standard(template: Template) -> None:
    only(template, MACHINE)["StateMachineType"] = "STANDARD"


def _call_another(template: Template) -> None:
    parts = only(template, MACHINE)["DefinitionString"]["Fn::Join"][1]
    first, second, *_ = (place for place, part in enumerate(parts) if isinstance(part, dict))
    parts[first] = parts[second]


def _give_up_at_once(template: Template) -> None:
    definition = only(template, MACHINE)["DefinitionString"]["Fn::Join"]
    definition[1] = [
        part.replace('"MaxAttempts":3', '"MaxAttempts":0') if isinstance(part, str) else part for part in definition[1]
    ]


@pytest.mark.parametrize(
    ("check", "mutate"),
    [
        (no_execution_data_is_logged, _log_the_data),
        (no_execution_data_is_logged, _log_errors_alone),
        (it_is_express_and_traced, _make_it_standard),
        (each_node_type_calls_its_own_function, _call_another),
        (a_node_that_lambda_refuses_to_run_is_tried_again, _give_up_at_once),
    ],
)
def test_the_machine_has_its_settings(template: Template, check: Check, mutate: Mutation) -> None:
    assert_detects(check, template, mutate)
