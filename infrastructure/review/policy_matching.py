"""Whether the policies of a template allow a request of an AWS service, with conditions that the service fulfils."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from infrastructure.review.template import as_list, plain

# The condition keys that a service's requests carry, by the service that it calls. A statement with another key never
# matches.
SUPPORTED_CONDITIONS: Final[Mapping[tuple[str, str], Collection[str]]] = {
    # https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
    ("cloudwatch.amazonaws.com", "sns"): {"aws:SourceArn", "aws:SourceAccount"},
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services (alarms carry
    # them; of EventBridge it says that they are not supported)
    ("cloudwatch.amazonaws.com", "kms"): {"aws:SourceArn", "aws:SourceAccount"},
    ("events.amazonaws.com", "kms"): (),
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    ("events.amazonaws.com", "sqs"): {"aws:SourceArn"},
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    ("events.amazonaws.com", "lambda"): {"aws:SourceArn", "aws:SourceAccount"},
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    ("apigateway.amazonaws.com", "lambda"): {"aws:SourceArn"},
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    ("scheduler.amazonaws.com", "sts"): {"aws:SourceArn", "aws:SourceAccount"},
    # https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
    ("states.amazonaws.com", "sts"): {"aws:SourceArn", "aws:SourceAccount"},
    # https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html (names none)
    ("lambda.amazonaws.com", "sts"): (),
    # https://docs.aws.amazon.com/guardduty/latest/ug/malware-protection-s3-iam-policy-prerequisite.html (names none)
    ("malware-protection-plan.guardduty.amazonaws.com", "sts"): (),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    ("logging.s3.amazonaws.com", "s3"): {"aws:SourceArn", "aws:SourceAccount"},
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    ("logs.<AWS::Region>.amazonaws.com", "kms"): {"kms:EncryptionContext:aws:logs:arn"},
}
_NO_RESOURCE: Final[Sequence[str | None]] = (None,)
ACCOUNT: Final = "<AWS::AccountId>"


@dataclass(frozen=True)
class Caller:
    """A service as the principal of a request. `arns`: how a condition may write the resource that calls."""

    service: str
    arns: Sequence[str] = ()


def allows(
    statements: Sequence[Mapping[str, Any]],
    caller: Caller | None,
    actions: Sequence[str],
    resources: Sequence[str] | None,
    context: Mapping[str, str] | None = None,
) -> bool:
    """Whether each action on each resource is allowed by a statement whose conditions the request fulfils.

    `caller` is None for the policy of a role. `resources` is None where a policy names none. `context` holds what the
    request carries besides its source.
    """
    return all(
        any(
            statement["Effect"] == "Allow"
            and _is_principal(statement, caller)
            and any(fnmatchcase(action, str(each)) for each in as_list(statement["Action"]))
            and (resource is None or any(_matches(resource, each) for each in as_list(statement["Resource"])))
            and _fulfilled(statement.get("Condition", {}), caller, action, context or {})
            for statement in statements
        )
        for action in actions
        for resource in (resources if resources is not None else _NO_RESOURCE)
    )


def _is_principal(statement: Mapping[str, Any], caller: Caller | None) -> bool:
    if caller is None:
        return "Principal" not in statement
    principal = statement["Principal"]
    return isinstance(principal, dict) and caller.service in map(plain, as_list(principal.get("Service", [])))


def _matches(value: str, pattern: Any) -> bool:
    # References stand in angle brackets, and `[` is no pattern in IAM.
    return fnmatchcase(value, plain(pattern).replace("[", "[[]"))


def _fulfilled(
    conditions: Mapping[str, Mapping[str, Any]], caller: Caller | None, action: str, context: Mapping[str, str]
) -> bool:
    """Whether the request fulfils every condition, with the keys that the calling service is known to send."""
    sent: dict[str, Sequence[str]] = {key: [value] for key, value in context.items()}
    if caller is not None:
        source = {"aws:SourceAccount": [ACCOUNT], "aws:SourceArn": caller.arns}
        source["kms:EncryptionContext:aws:logs:arn"] = caller.arns
        supported = SUPPORTED_CONDITIONS.get((caller.service, action.partition(":")[0]), ())
        sent |= {key: values for key, values in source.items() if key in supported}
    return all(
        any(_matches(value, pattern) for value in sent.get(key, ()) for pattern in as_list(wanted))
        for keys in conditions.values()
        for key, wanted in keys.items()
    )
