"""The complete list of wildcards in permissions: each is there because the resource cannot be named at deploy."""

from __future__ import annotations

import pytest

from tests.fakes.node_types import constructs_with_need
from tests.infrastructure.template_checks import (
    Mutation,
    Template,
    as_list,
    assert_detects,
    granted,
    readable,
    statements,
)

_TRACES = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
_LOG_DELIVERY = {
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
}
_DELETION = {"s3:DeleteObject", "s3:DeleteObjectVersion"}
_SECRETS_WRITTEN = ("CreateSecret", "DeleteSecret", "DescribeSecret", "RestoreSecret", "UpdateSecret")
_REGION_AND_ACCOUNT = "<AWS::Region>:<AWS::AccountId>"

# The beginning of the policy's logical id, the resource with the wildcard, and the allowed actions.
WILDCARDS = [
    # Actions of X-Ray and of the delivery of logs take no resource.
    ("", "*", _TRACES),
    ("Turn", "*", _LOG_DELIVERY | _TRACES),
    # Objects are named when files arrive, and those of the library by their content.
    *(
        ("NodeTypes", f"<StorageMedia>/{keys}/*", actions)
        for keys in ("media", "download")
        for actions in (
            {"s3:GetObject"},
            {"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"},
            {"s3:PutObjectTagging"},
        )
    ),
    *((part, "<StorageLibrary>/asset/*", {"s3:GetObject"}) for part in constructs_with_need("assets")),
    ("Publishing", "<StorageLibrary>/asset/*", {"s3:PutObject"}),
    ("Publishing", "<StorageLibrary>/asset/*", {"s3:PutObjectTagging"}),
    # What synth uploads is named by its content; the prefix is the stack's own.
    *(
        (
            part,
            "arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/chatflow-dev/*",
            {"s3:GetObject"},
        )
        for part in ("Publishing", "ConsoleFiles")
    ),
    # The files of the web console get new names with each change of their content.
    ("ConsoleFiles", "<ConsoleWebFiles>/*", {"s3:DeleteObject", "s3:PutObject"}),
    # Secrets that the business stores after the deploy.
    *(
        (
            part,
            f"arn:<AWS::Partition>:secretsmanager:{_REGION_AND_ACCOUNT}:secret:Chatflow-dev/business/*",
            {"secretsmanager:GetSecretValue"},
        )
        for part in (*constructs_with_need("business.secrets"), "Trial")
    ),
    # Accounts of channels are connected after the deploy. These functions verify what a channel posts, and send.
    *(
        (
            function,
            f"arn:<AWS::Partition>:secretsmanager:{_REGION_AND_ACCOUNT}:secret:Chatflow-dev/channels/*",
            {"secretsmanager:GetSecretValue"},
        )
        for function in ("WebhooksWebhook", *constructs_with_need("channel"))
    ),
    ("Trial", "<StorageLibrary>/asset/*", {"s3:GetObject"}),
    # Schedules are named when a conversation begins to wait.
    (
        "Conversation",
        f"arn:<AWS::Partition>:scheduler:{_REGION_AND_ACCOUNT}:schedule/Chatflow-dev-waits/*",
        {"scheduler:CreateSchedule"},
    ),
    (
        "TimersDelayedEvents",  # a timer whose deadline has moved on is set again
        f"arn:<AWS::Partition>:scheduler:{_REGION_AND_ACCOUNT}:schedule/Chatflow-dev-waits/*",
        {"scheduler:CreateSchedule"},
    ),
    (
        "Erasure",
        f"arn:<AWS::Partition>:scheduler:{_REGION_AND_ACCOUNT}:schedule/Chatflow-dev-waits/*",
        {"scheduler:DeleteSchedule"},
    ),
    *(("Erasure", f"<StorageMedia>/{keys}/*", _DELETION) for keys in ("media", "download")),
    # The management API: secrets are listed by no resource; links to files, and uploads, are signed with its role.
    ("Management", "*", _TRACES | {"secretsmanager:ListSecrets"}),
    *(("Management", f"<StorageMedia>/{keys}/*", {"s3:GetObject"}) for keys in ("media", "download")),
    *(("Management", f"<StorageLibrary>/{keys}/*", {"s3:GetObject"}) for keys in ("asset", "thumbnail")),
    *(("Management", f"<StorageLibrary>/{keys}/*", {"s3:DeleteObject"}) for keys in ("asset", "thumbnail", "upload")),
    ("Management", "<StorageLibrary>/upload/*", {"s3:PutObject"}),
    (
        "Management",
        f"arn:<AWS::Partition>:secretsmanager:{_REGION_AND_ACCOUNT}:secret:Chatflow-dev/business/*",
        {f"secretsmanager:{action}" for action in _SECRETS_WRITTEN},
    ),
    # A file may have any name when a person puts it into the library's bucket.
    ("Library", "<StorageLibrary>/*", {"s3:DeleteObject", "s3:GetObject"}),
    *(
        ("Library", f"<StorageLibrary>/{keys}/*", {action})
        for keys in ("asset", "thumbnail")
        for action in ("s3:PutObject", "s3:PutObjectTagging")
    ),
    # Only in a stage that keeps no data.
    ("Emptying", "<StorageMedia>/*", _DELETION),
    ("Emptying", "<StorageLibrary>/*", _DELETION),
    ("Emptying", "<StorageAccessLogs>/*", _DELETION),
]


def only_listed_wildcards_are_used(template: Template) -> None:
    for policy, statement in statements(template):
        actions = set(as_list(statement["Action"]))
        assert not [action for action in actions if "*" in action]
        for resource in map(readable, as_list(statement["Resource"])):
            known = [each for part, wildcard, each in WILDCARDS if policy.startswith(part) and wildcard == resource]
            assert "*" not in resource or actions in known, (policy, resource, actions)


@pytest.mark.parametrize(
    "mutate",
    [
        granted(["dynamodb:*"], "<StorageSessions>", part="Conversation"),
        granted(["secretsmanager:GetSecretValue"], "*", part="Webhooks"),
        granted(["s3:GetObject"], "<StorageMedia>/media/*", part="Conversation"),
        granted(["s3:DeleteObject"], "arn:aws:s3:::another/*", part="Emptying"),
    ],
)
def test_wildcards_are_used_only_where_listed(template: Template, mutate: Mutation) -> None:
    assert_detects(only_listed_wildcards_are_used, template, mutate)


def test_every_listed_wildcard_is_used(template: Template) -> None:
    used = {
        (readable(resource), frozenset(as_list(statement["Action"])))
        for _, statement in statements(template)
        for resource in as_list(statement["Resource"])
    }
    assert [wildcard for _, wildcard, actions in WILDCARDS if (wildcard, frozenset(actions)) not in used] == []
