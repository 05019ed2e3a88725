"""The customer-managed KMS key of the stack, where the deployment asks for one (`-c kms=true`, or the ARN of a key).

Without it, everything is encrypted with keys that AWS owns or manages, which cost nothing. A construct that stores data
passes on what `encryption_key` returns, so that it need not know whether there is such a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct, IConstruct

from infrastructure.configuration import Configuration

_CONSTRUCT_ID: Final = "Keys"
CREATE_KEY: Final = "true"  # the value of the context key `kms` that creates a key
DATA_KEY_REUSE: Final = Duration.hours(1)  # how long SQS uses one data key; each new one is a KMS call that costs

_READ: Final = ("kms:Decrypt",)
_WRITE: Final = ("kms:Decrypt", "kms:GenerateDataKey")  # Decrypt too: parts of an upload, and data keys that are reused
_TABLE_READ: Final = ("kms:Decrypt", "kms:DescribeKey")
_TABLE_WRITE: Final = (*_TABLE_READ, "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")

# The KMS permissions that an action needs besides its own: the service uses the key on behalf of the role.
_KMS_ACTIONS: Final = {
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


class EncryptionKey(Construct):
    """At most one key for everything that the stack stores; KMS rotates it every year. The stack creates it first."""

    def __init__(self, scope: Construct, *, configuration: Configuration) -> None:
        super().__init__(scope, _CONSTRUCT_ID)
        stack = Stack.of(self)
        self.key: kms.IKey | None = None
        if configuration.kms == CREATE_KEY:
            self.key = kms.Key(
                self,
                "Key",
                alias=f"alias/{stack.stack_name}",
                description=f"Encrypts the data of {stack.stack_name}.",
                enable_key_rotation=True,
                removal_policy=configuration.removal,
            )
            for statement in service_statements(stack):
                self.key.add_to_resource_policy(statement)
        elif configuration.kms:
            self.key = kms.Key.from_key_arn(self, "Key", configuration.kms)


def encryption_key(scope: IConstruct) -> kms.IKey | None:
    """The key that encrypts the data of this stack; None where AWS's own keys do."""
    construct = Stack.of(scope).node.try_find_child(_CONSTRUCT_ID)
    return construct.key if isinstance(construct, EncryptionKey) else None


def grant_key_use(role: iam.Role, actions: Sequence[str]) -> None:
    """Let a role use the key as far as these actions need it, and only through the service of each action."""
    key = encryption_key(role)
    if key is None:
        return
    for service in sorted({action.partition(":")[0] for action in actions if action in _KMS_ACTIONS}):
        service_actions = [action for action in actions if action.startswith(f"{service}:")]
        role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=sorted({each for action in service_actions for each in _KMS_ACTIONS.get(action, ())}),
                resources=[key.key_arn],
                conditions={"StringEquals": {"kms:ViaService": f"{service}.{Stack.of(role).region}.amazonaws.com"}},
            )
        )


def service_statements(stack: Stack) -> list[iam.PolicyStatement]:
    """The key policy for services that use the key under their own name.

    The policy of an existing key must allow the same. Scheduler, Lambda's triggers and S3 act with a role of this
    stack, whose policy allows it instead.
    """
    name, account = stack.stack_name, f"{stack.region}:{stack.account}"
    logs = f"arn:{stack.partition}:logs:{account}:log-group:"
    alarms = f"arn:{stack.partition}:cloudwatch:{account}:alarm:{name}-*"
    actions = ["kms:Decrypt", "kms:GenerateDataKey*"]
    return [
        iam.PolicyStatement(
            sid="LogsOfThisStack",
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=["kms:Encrypt", "kms:ReEncrypt*", "kms:DescribeKey", *actions],
            resources=["*"],
            conditions={
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": [f"{logs}{name}-*", f"{logs}/aws/vendedlogs/*/{name}-*"]
                }
            },
        ),
        iam.PolicyStatement(
            sid="AlarmsOfThisStack",
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=actions,
            resources=["*"],
            conditions={"ArnLike": {"aws:SourceArn": alarms}},
        ),
        # EventBridge's requests to KMS carry no aws:SourceArn, aws:SourceAccount or aws:SourceOrgID: with such a
        # condition, no event reaches an encrypted queue. The queue's policy names the rules instead.
        # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
        iam.PolicyStatement(
            sid="EventBridge",
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=actions,
            resources=["*"],
        ),
    ]
