"""A star in a permission stands only where no name can: here is each of them."""

from __future__ import annotations

import pytest

from tests.infrastructure.reading import Spoil, Template, granted, listed, readable, statements, turns_red

_TRACES = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
_DELIVERY = {
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
_SECRETS_WRITTEN = ("CreateSecret", "DeleteSecret", "DescribeSecret", "PutSecretValue", "RestoreSecret")
_HERE = "<AWS::Region>:<AWS::AccountId>"

# The beginning of the policy's name, the star, and what it allows.
STARS = [
    # X-Ray takes no resource, nor does the delivery of logs.
    ("", "*", _TRACES),
    ("Turn", "*", _DELIVERY | _TRACES),
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
    ("NodeTypesMedia", "<StorageLibrary>/asset/*", {"s3:GetObject"}),
    ("Publishing", "<StorageLibrary>/asset/*", {"s3:PutObject"}),
    ("Publishing", "<StorageLibrary>/asset/*", {"s3:PutObjectTagging"}),
    # What synth uploads is named by its content; the prefix is the stack's own.
    (
        "Publishing",
        "arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/chatflow-dev/*",
        {"s3:GetObject"},
    ),
    # Secrets that the business stores after the deploy.
    (
        "NodeTypesApiIntegration",
        f"arn:<AWS::Partition>:secretsmanager:{_HERE}:secret:Chatflow-dev/business/*",
        {"secretsmanager:GetSecretValue"},
    ),
    (
        "Trial",
        f"arn:<AWS::Partition>:secretsmanager:{_HERE}:secret:Chatflow-dev/business/*",
        {"secretsmanager:GetSecretValue"},
    ),
    ("Trial", "<StorageLibrary>/asset/*", {"s3:GetObject"}),
    # Schedules are named when a conversation begins to wait.
    (
        "Conversation",
        f"arn:<AWS::Partition>:scheduler:{_HERE}:schedule/Chatflow-dev-waits/*",
        {"scheduler:CreateSchedule"},
    ),
    (
        "Erasure",
        f"arn:<AWS::Partition>:scheduler:{_HERE}:schedule/Chatflow-dev-waits/*",
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
        f"arn:<AWS::Partition>:secretsmanager:{_HERE}:secret:Chatflow-dev/business/*",
        {f"secretsmanager:{action}" for action in _SECRETS_WRITTEN},
    ),
    # A file may have any name when a person puts it into the library's bucket.
    ("Library", "<StorageLibrary>/*", {"s3:DeleteObject", "s3:GetObject"}),
    *(
        ("Library", f"<StorageLibrary>/{keys}/*", {action})
        for keys in ("asset", "thumbnail")
        for action in ("s3:PutObject", "s3:PutObjectTagging")
    ),
    # Only in a stage that keeps nothing.
    ("Emptying", "<StorageMedia>/*", _DELETION),
    ("Emptying", "<StorageLibrary>/*", _DELETION),
    ("Emptying", "<StorageAccessLogs>/*", _DELETION),
]


def stars_stand_only_on_the_list(template: Template) -> None:
    for policy, statement in statements(template):
        actions = set(listed(statement["Action"]))
        assert not [action for action in actions if "*" in action]
        for resource in map(readable, listed(statement["Resource"])):
            known = [each for part, star, each in STARS if policy.startswith(part) and star == resource]
            assert "*" not in resource or actions in known, (policy, resource, actions)


@pytest.mark.parametrize(
    "spoil",
    [
        granted(["dynamodb:*"], "<StorageSessions>", part="Conversation"),
        granted(["secretsmanager:GetSecretValue"], "*", part="Webhooks"),
        granted(["s3:GetObject"], "<StorageMedia>/media/*", part="Conversation"),
        granted(["s3:DeleteObject"], "arn:aws:s3:::another/*", part="Emptying"),
    ],
)
def test_stars_stand_only_where_no_name_can(template: Template, spoil: Spoil) -> None:
    turns_red(stars_stand_only_on_the_list, template, spoil)


def test_every_star_on_the_list_is_there(template: Template) -> None:
    found = {
        (readable(resource), frozenset(listed(statement["Action"])))
        for _, statement in statements(template)
        for resource in listed(statement["Resource"])
    }
    assert [star for _, star, actions in STARS if (star, frozenset(actions)) not in found] == []
