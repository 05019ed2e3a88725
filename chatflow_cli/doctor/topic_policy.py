"""Whether the policy of an SNS topic lets a CloudWatch alarm publish to it.

A topic that has no such statement refuses silently: the refusal appears in the alarm's history only.
https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

_SERVICE: Final = "cloudwatch.amazonaws.com"
_ACTION: Final = "sns:Publish"


def _equals(pattern: str, value: str) -> bool:
    return pattern == value


def _is_like(pattern: str, value: str) -> bool:
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, value) is not None


# The operators that policies of topics use; any other leaves the answer open.
_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "stringequals": _equals,
    "stringlike": _is_like,
    "arnequals": _is_like,  # IAM treats both alike
    "arnlike": _is_like,
    "bool": lambda pattern, value: pattern.lower() == value.lower(),
}


def allows_alarm(policy: Mapping[str, Any], topic: str, alarm: str, account: str) -> bool | None:
    """Whether the alarm with this ARN may publish; None where the policy has conditions that are not known here."""
    context = {
        "aws:sourceaccount": account,
        "aws:sourceowner": account,
        "aws:sourcearn": alarm,
        "aws:securetransport": "true",
    }
    answers: dict[str, list[bool | None]] = {"Allow": [], "Deny": []}
    for statement in _as_list(policy.get("Statement", [])):
        if _concerns(statement, topic):
            answers[statement.get("Effect", "")].append(_holds(statement.get("Condition", {}), context))
    if True in answers["Deny"]:
        return False
    if True in answers["Allow"]:
        return None if None in answers["Deny"] else True
    return None if None in answers["Allow"] else False


def _concerns(statement: Mapping[str, Any], topic: str) -> bool:
    principal = statement.get("Principal", {})
    if isinstance(principal, dict):
        service, users = _as_list(principal.get("Service", [])), _as_list(principal.get("AWS", []))
        everybody = "*" in users
    else:
        service, everybody = [], principal == "*"
    actions = [each.lower() for each in _as_list(statement.get("Action", []))]
    return (
        (everybody or _SERVICE in service)
        and any(_is_like(pattern, _ACTION.lower()) for pattern in actions)
        and any(_is_like(pattern, topic) for pattern in _as_list(statement.get("Resource", "*")))
    )


def _holds(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool | None:
    """All of them must hold. One that fails decides, whatever the others are."""
    found = [
        _one_holds(operator, key, _as_list(values), context)
        for operator, keys in conditions.items()
        for key, values in keys.items()
    ]
    if False in found:
        return False
    return None if None in found else True


def _one_holds(operator: str, key: str, values: list[Any], context: Mapping[str, str]) -> bool | None:
    compare, value = _OPERATORS.get(operator.lower().removesuffix("ifexists")), context.get(key.lower())
    if compare is None or value is None:
        return None
    return any(compare(str(each), value) for each in values)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
