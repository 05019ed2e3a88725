"""Whether the policies of a template allow a request of an AWS service, with conditions that the service fulfils."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from infrastructure.review.template import as_list, plain


class Conditions(NamedTuple):
    """The condition keys that a service's requests carry, and the page of AWS's documentation that says so."""

    keys: Collection[str]
    source: str


_SOURCE: Final = frozenset({"aws:SourceArn", "aws:SourceAccount"})
# By the calling service and the service that it calls. A statement with another key never matches. Where a page shows a
# policy with some keys, the request carries at least these; where it shows none, none is relied upon.
SUPPORTED_CONDITIONS: Final[Mapping[tuple[str, str], Conditions]] = {
    ("cloudwatch.amazonaws.com", "sns"): Conditions(
        _SOURCE,
        'Amazon SNS Developer Guide, "Example cases for Amazon SNS access control": allow CloudWatch alarms to publish',
    ),
    ("cloudwatch.amazonaws.com", "kms"): Conditions(
        _SOURCE,
        'Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys and costs", the part on event sources '
        "from AWS services; the exceptions that it names are those of EventBridge",
    ),
    # The EventBridge User Guide recommends aws:SourceArn for the key of an event bus, whose requests name the bus. For
    # the key of a target or of a dead-letter queue, the exception holds.
    ("events.amazonaws.com", "kms"): Conditions(
        frozenset(),
        'Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys and costs", the part on event sources '
        "from AWS services: aws:SourceAccount, aws:SourceArn and aws:SourceOrgID are not supported for EventBridge",
    ),
    ("events.amazonaws.com", "sqs"): Conditions(
        frozenset({"aws:SourceArn"}),
        'Amazon EventBridge User Guide, "Using dead-letter queues to process undelivered events"',
    ),
    ("events.amazonaws.com", "lambda"): Conditions(
        frozenset({"aws:SourceArn"}),
        'Amazon EventBridge User Guide, "Using resource-based policies for Amazon EventBridge", Lambda permissions',
    ),
    ("apigateway.amazonaws.com", "lambda"): Conditions(
        frozenset({"aws:SourceArn"}),
        'Amazon API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs"',
    ),
    # The ARN is the one of the schedule group; the one of a schedule never matches.
    ("scheduler.amazonaws.com", "sts"): Conditions(
        _SOURCE, 'Amazon EventBridge Scheduler User Guide, "Confused deputy prevention in EventBridge Scheduler"'
    ),
    ("states.amazonaws.com", "sts"): Conditions(
        _SOURCE,
        'AWS Step Functions Developer Guide, "Creating an IAM role for your state machine in Step Functions", the '
        "part on the confused deputy",
    ),
    ("lambda.amazonaws.com", "sts"): Conditions(
        frozenset(),
        'AWS Lambda Developer Guide, "Defining Lambda function permissions with an execution role": the trust policy '
        "has no condition",
    ),
    ("malware-protection-plan.guardduty.amazonaws.com", "sts"): Conditions(
        frozenset(),
        'Amazon GuardDuty User Guide, "Create or update IAM role policy" (Malware Protection for S3): the trust policy '
        "has no condition",
    ),
    ("logging.s3.amazonaws.com", "s3"): Conditions(
        _SOURCE,
        'Amazon S3 User Guide, "Enabling Amazon S3 server access logging", permissions for log delivery',
    ),
    ("cloudfront.amazonaws.com", "s3"): Conditions(
        frozenset({"aws:SourceArn"}),
        'Amazon CloudFront Developer Guide, "Restrict access to an Amazon S3 origin"',
    ),
    ("logs.<AWS::Region>.amazonaws.com", "kms"): Conditions(
        frozenset({"kms:EncryptionContext:aws:logs:arn"}),
        'Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service"',
    ),
}
_NO_CONDITIONS: Final = Conditions(frozenset(), "")
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
    """Whether the request fulfils every condition, with the keys that the calling service is known to send.

    IAM takes names of keys in any case, and the CDK writes `AWS:SourceArn` as well.
    """
    sent: dict[str, Sequence[str]] = {key: [value] for key, value in context.items()}
    if caller is not None:
        source = {"aws:SourceAccount": [ACCOUNT], "aws:SourceArn": caller.arns}
        source["kms:EncryptionContext:aws:logs:arn"] = caller.arns
        supported = SUPPORTED_CONDITIONS.get((caller.service, action.partition(":")[0]), _NO_CONDITIONS)
        sent |= {key: values for key, values in source.items() if key in supported.keys}
    names = {key.casefold(): values for key, values in sent.items()}
    return all(
        any(_matches(value, pattern) for value in names.get(key.casefold(), ()) for pattern in as_list(wanted))
        for keys in conditions.values()
        for key, wanted in keys.items()
    )
