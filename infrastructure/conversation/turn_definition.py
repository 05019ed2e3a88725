"""The definition of the state machine `turn`: it chooses the node, runs it, then ends, waits, or continues.

Its graph is the picture of the system. Its expressions are JSONata; each node type adds one state and one branch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatflow.adapters.stepfunctions import EXECUTION_SECONDS
from chatflow.conversation.turn_limits import LEAST_PART
from infrastructure import timeouts

# Transient errors of Lambda itself. Exceptions of a node are not retried: a rule turns an expected failure into an
# outcome, so an exception is a defect, and a second run would raise it again.
_LAMBDA_ERRORS = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
]
# Parts of the input that every visit gets unchanged.
_PASSED_TO_VISITS = ("event", "flow", "session", "turn", "retention_days", "conversation")
_NODE = "$lookup($nodes, $at)"
_LEAST_TIME = f"{_NODE}.seconds * {round(1000 * LEAST_PART)}"  # milliseconds of a visit that is not the turn's first
_TARGET = f"$lookup({_NODE}.exits, $outcome.exit)"


def definition(functions: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    """The definition in Amazon States Language.

    `functions` maps a node type to its function's ARN and the longest that one visit may take, in seconds.
    """
    states: dict[str, Any] = {
        "Begin": {
            "Type": "Pass",
            "Assign": {
                "nodes": "{% $states.input.nodes %}",
                "at": "{% $states.input.at %}",
                "left": "",
                "phase": "{% $states.input.phase %}",
                "memo": "{% $states.input.memo %}",
                "variables": "{% $states.input.variables %}",
                "visits": "{% $states.input.visits %}",
                "trail": [],
                "given": {name: f"{{% $states.input.{name} %}}" for name in _PASSED_TO_VISITS},
                "until": "{% $states.input.until %}",
                "most_visits": "{% $states.input.most_visits %}",
                "owes": "{% $exists($states.input.owes) ? $states.input.owes : 0 %}",
            },
            "Output": {},
            "Next": "ChooseNode",
        },
        "ChooseNode": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $visits >= $most_visits %}", "Next": "TooManyVisits"},
                # A node that waits may be left at once. What follows it is in its own slice.
                {
                    "Condition": f"{{% $left != '' and $not($exists({_NODE})) %}}",
                    "Next": "AnotherSlice",
                },
                {
                    "Condition": f"{{% $count($trail) > 0 and $millis() + {_LEAST_TIME} > $until %}}",
                    "Next": "Deferred",
                },
                *(
                    {"Condition": f"{{% {_NODE}.type = '{name}' %}}", "Next": state_name(name)}
                    for name in sorted(functions)
                ),
            ],
            "Default": "UnknownNodeType",
        },
        **{state_name(name): _visit(arn, seconds) for name, (arn, seconds) in sorted(functions.items())},
        "Remember": {
            "Type": "Pass",
            "Assign": {
                "variables": "{% $merge([$variables, $outcome.set]) %}",
                "visits": "{% $visits + 1 %}",
                "trail": "{% $append($trail, [$outcome.record]) %}",
                # A message is owed that the channel did not take: those of later visits wait behind it.
                "owes": "{% $exists($outcome.record.owes) ? $outcome.record.owes : $owes %}",
            },
            "Output": {},
            "Next": "EndOrContinue",
        },
        "EndOrContinue": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $outcome.exit = '' %}", "Next": "Waiting"},
                {"Condition": f"{{% $type({_TARGET}) = 'object' %}}", "Next": "AnotherFlow"},
                {"Condition": f"{{% $type({_TARGET}) = 'string' and {_TARGET} != 'end' %}}", "Next": "NextNode"},
            ],
            "Default": "EndSession",
        },
        "NextNode": {
            "Type": "Pass",
            "Assign": {"at": f"{{% {_TARGET} %}}", "left": "{% $at %}", "phase": "enter", "memo": {}},
            "Output": {},
            "Next": "ChooseNode",
        },
        "Waiting": _end("waiting", at="{% $at %}", wait="{% $outcome.wait %}"),
        "EndSession": _end("ended"),
        "AnotherFlow": _end("another_flow", flow=f"{{% {_TARGET}.flow %}}"),
        "AnotherSlice": _end("another_slice", at="{% $at %}", slice="{% $left %}"),
        "Deferred": _end("deferred", at="{% $at %}"),
        "TooManyVisits": _end("too_many_visits"),
        "UnknownNodeType": {
            "Type": "Fail",
            "Error": "UnknownNodeType",
            "Cause": "The flow has a node of a type that this deployment does not know. Deploy the node type, or "
            "publish the flow without it.",
        },
    }
    return {
        "Comment": "One turn of a conversation: choose the node, run it, then end, wait, or continue.",
        "QueryLanguage": "JSONata",
        "StartAt": "Begin",
        "TimeoutSeconds": EXECUTION_SECONDS,
        "States": states,
    }


def state_name(node_type: str) -> str:
    """The state of a node type, as the console shows it: `make_call` is MakeCall."""
    return "".join(word.capitalize() for word in node_type.split("_"))


def _visit(function_arn: str, seconds: int) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {
            "FunctionName": function_arn,
            "Payload": (
                "{% $merge([$given, $owes > 0 ? {'owes': $owes} : {}, "
                "{'phase': $phase, 'node': $at, 'memo': $memo, 'variables': $variables, "
                f"'config': {_NODE}.config, 'visit': $visits + 1, "
                f"'deadline': $min([$millis() + {_NODE}.seconds * 1000, $until])}}]) %}}"
            ),
        },
        # A second longer than the function's timeout: a node ends its work in time, this catches one that hangs.
        "TimeoutSeconds": seconds + timeouts.NODE_MARGIN_SECONDS + 1,
        "Retry": [
            {
                "ErrorEquals": _LAMBDA_ERRORS,
                "IntervalSeconds": 1,
                "MaxAttempts": 3,
                "BackoffRate": 2,
                "JitterStrategy": "FULL",
            }
        ],
        "Assign": {"outcome": "{% $states.result.Payload %}"},
        "Output": {},
        "Next": "Remember",
    }


def _end(status: str, **more: str) -> dict[str, Any]:
    output = {
        "status": status,
        "variables": "{% $variables %}",
        "visits": "{% $visits %}",
        "trail": "{% $trail %}",
        **more,
    }
    return {"Type": "Pass", "Output": output, "End": True}
