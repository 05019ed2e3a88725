"""A key of one's own, when the deployment asks for one (`-c kms=true`, or the ARN of a key that is there already).

Without it everything is encrypted with keys that AWS owns or manages, which cost nothing. Whoever keeps something asks
`key_of` and hands on what comes back, so that no construct has to know whether there is such a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct, IConstruct

from infrastructure.configuration import Configuration

OWN: Final = "true"
DATA_KEY_REUSE: Final = Duration.hours(1)  # how long SQS works with one data key; each new one is a call that costs

_READ: Final = ("kms:Decrypt",)
_WRITE: Final = ("kms:Decrypt", "kms:GenerateDataKey")  # Decrypt too: parts of an upload, and data keys that are reused
_TABLE_READ: Final = ("kms:Decrypt", "kms:DescribeKey")
_TABLE_WRITE: Final = (*_TABLE_READ, "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")

# What an action needs of the key, besides its own permission: the service acts on the key in the role's name.
_NEEDED: Final = {
    "dynamodb:BatchGetItem": _TABLE_READ,
    "dynamodb:DeleteItem": _TABLE_WRITE,
    "dynamodb:GetItem": _TABLE_READ,
    "dynamodb:PutItem": _TABLE_WRITE,
    "dynamodb:Query": _TABLE_READ,
    "dynamodb:Scan": _TABLE_READ,
    "dynamodb:UpdateItem": _TABLE_WRITE,
    "s3:GetObject": _READ,
    "s3:GetObjectVersion": _READ,
    "s3:PutObject": _WRITE,
    "secretsmanager:CreateSecret": _WRITE,
    "secretsmanager:GetSecretValue": _READ,
    "secretsmanager:PutSecretValue": _WRITE,
    "secretsmanager:UpdateSecret": _WRITE,
    "sns:Publish": _WRITE,
    "sqs:ReceiveMessage": _READ,
    "sqs:SendMessage": _WRITE,
}


class Keys(Construct):
    """At most one key for all that the stack keeps, renewed by KMS every year. The stack makes it before anything."""

    def __init__(self, scope: Construct, *, configuration: Configuration) -> None:
        super().__init__(scope, "Keys")
        stack = Stack.of(self)
        self.key: kms.IKey | None = None
        if configuration.kms == OWN:
            self.key = kms.Key(
                self,
                "Key",
                alias=f"alias/{stack.stack_name}",
                description=f"Encrypts what {stack.stack_name} keeps.",
                enable_key_rotation=True,
                removal_policy=configuration.removal,
            )
            for statement in service_statements(stack):
                self.key.add_to_resource_policy(statement)
        elif configuration.kms:
            self.key = kms.Key.from_key_arn(self, "Key", configuration.kms)


def key_of(scope: IConstruct) -> kms.IKey | None:
    """The key with which this stack encrypts, None when that is left to AWS."""
    keys = Stack.of(scope).node.try_find_child("Keys")
    return keys.key if isinstance(keys, Keys) else None


def unlock(role: iam.Role, actions: Sequence[str]) -> None:
    """Let a role use the key as far as these actions need it, and only through the service that they are about."""
    key = key_of(role)
    if key is None:
        return
    for service in sorted({action.partition(":")[0] for action in actions if action in _NEEDED}):
        of_service = [action for action in actions if action.startswith(f"{service}:")]
        role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=sorted({need for action in of_service for need in _NEEDED.get(action, ())}),
                resources=[key.key_arn],
                conditions={"StringEquals": {"kms:ViaService": f"{service}.{Stack.of(role).region}.amazonaws.com"}},
            )
        )


def service_statements(stack: Stack) -> list[iam.PolicyStatement]:
    """What services do with the key in their own name; the policy of a key that somebody else made must say the same.

    Scheduler, Lambda's triggers and S3 act with a role of ours, and stand in its policy instead.
    """
    name, here = stack.stack_name, f"{stack.region}:{stack.account}"
    logs = f"arn:{stack.partition}:logs:{here}:log-group:"
    rules = f"arn:{stack.partition}:events:{here}:rule/{name}-*"
    alarms = f"arn:{stack.partition}:cloudwatch:{here}:alarm:{name}-*"
    used = ["kms:Decrypt", "kms:GenerateDataKey*"]
    return [
        iam.PolicyStatement(
            sid="LogsOfThisStack",
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=["kms:Encrypt", "kms:ReEncrypt*", "kms:DescribeKey", *used],
            resources=["*"],
            conditions={
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": [f"{logs}{name}-*", f"{logs}/aws/vendedlogs/*/{name}-*"]
                }
            },
        ),
        _acting_for("AlarmsOfThisStack", "cloudwatch.amazonaws.com", alarms, used),
        _acting_for("RulesOfThisStack", "events.amazonaws.com", rules, used),
    ]


def _acting_for(sid: str, service: str, arn: str, actions: list[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid=sid,
        principals=[iam.ServicePrincipal(service)],
        actions=actions,
        resources=["*"],
        conditions={"ArnLike": {"aws:SourceArn": arn}},
    )
