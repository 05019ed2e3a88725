"""Every arrow between AWS services is allowed on both sides, by conditions that the calling service fulfils."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from itertools import combinations, product
from typing import Any

import pytest

from infrastructure.review.policy_matching import SUPPORTED_CONDITIONS
from infrastructure.review.service_arrows import gaps
from tests.infrastructure.conftest import Synth
from tests.infrastructure.template_checks import Template, as_list, of_type, plain, resources, statements

# The options on which arrows depend, each with its values.
KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
NETWORK = {"vpc_subnets": "subnet-0123456789abcdef0", "vpc_security_groups": "sg-0123456789abcdef0"}
OPTIONS: dict[str, list[dict[str, str]]] = {
    "stage": [{"stage": "dev"}, {"stage": "prod"}],
    "key": [{}, {"kms": "true"}, {"kms": KEY}],
    "alarms": [{}, {"alert_email": "ops@example.com"}, {"alarm_topic_arn": "arn:aws:sns:eu-west-1:123456789012:ops"}],
    "scans": [{}, {"malware_scanning": "guardduty"}, {"malware_scanning": "clamav", "clamd": "clamd.internal:3310"}],
    "network": [{}, NETWORK],
}
# Every two values of two options stand together in one of these.
VARIANTS = [
    (0, 1, 1, 1, 1),
    (1, 1, 1, 2, 0),
    (0, 0, 1, 0, 0),
    (1, 2, 1, 0, 1),
    (0, 1, 0, 2, 0),
    (1, 1, 2, 0, 1),
    (1, 0, 0, 1, 1),
    (0, 2, 2, 1, 0),
    (1, 0, 2, 2, 1),
    (0, 2, 0, 2, 1),
    (0, 1, 0, 0, 0),
]


def context(choice: tuple[int, ...]) -> dict[str, str]:
    chosen = [values[index] for values, index in zip(OPTIONS.values(), choice, strict=True)]
    return {key: value for each in chosen for key, value in each.items()}


def test_the_variants_have_every_pair_of_values() -> None:
    for first, second in combinations(range(len(OPTIONS)), 2):
        sizes = [len([*OPTIONS.values()][option]) for option in (first, second)]
        met = {(variant[first], variant[second]) for variant in VARIANTS}
        assert met == set(product(*map(range, sizes))), (first, second)


@pytest.mark.slow
@pytest.mark.parametrize("choice", VARIANTS, ids=str)
def test_no_arrow_lacks_a_permission_in_any_variant(synth: Synth, choice: tuple[int, ...]) -> None:
    assert gaps(synth(**context(choice))) == []


@pytest.fixture(scope="module")
def everything(synth: Synth) -> Template:
    """A variant that has arrows of every class."""
    return synth(**context(VARIANTS[1]))


def test_no_arrow_lacks_a_permission(template: Template, prod: Template, everything: Template) -> None:
    assert [gaps(each) for each in (template, prod, everything)] == [[], [], []]


def test_every_condition_of_a_service_is_in_the_table_with_its_source(everything: Template) -> None:
    """A service that is not in it is an arrow that nobody has looked up."""
    services = {service for service, _ in SUPPORTED_CONDITIONS}
    named = {
        plain(service)
        for kind, policy in (("AWS::IAM::Role", "AssumeRolePolicyDocument"), ("AWS::KMS::Key", "KeyPolicy"))
        for properties in resources(everything, kind).values()
        for statement in properties[policy]["Statement"]
        for service in as_list(statement["Principal"].get("Service", []))
    }
    assert named <= services


def test_every_row_of_the_table_names_a_page_of_the_documentation() -> None:
    page = re.compile(r'(Amazon|AWS) [\w ]+ Guide, "[^"]+"')
    assert [row for row, conditions in SUPPORTED_CONDITIONS.items() if not page.match(conditions.source)] == []


def test_every_row_of_the_table_belongs_to_an_arrow(everything: Template) -> None:
    """Without its row, or with no key in it, something that the template allows is a gap."""
    needed = set()
    for row, conditions in SUPPORTED_CONDITIONS.items():
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(SUPPORTED_CONDITIONS, row, conditions._replace(keys=frozenset()))  # type: ignore[arg-type]
            needed |= {row} if gaps(everything) else set()
    assert needed == {row for row, conditions in SUPPORTED_CONDITIONS.items() if conditions.keys}


Plant = Callable[[Template], None]


def _without_statement(kind: str, part: str, action: str, policy: str = "PolicyDocument") -> Plant:
    """Removes what allows an action from each policy of this type whose logical id begins with `part`."""

    def plant(template: Template) -> None:
        for name, properties in resources(template, kind).items():
            if name.startswith(part):
                kept = [
                    each
                    for each in properties[policy]["Statement"]
                    if each["Effect"] == "Deny" or action not in as_list(each["Action"])
                ]
                properties[policy]["Statement"] = kept

    return plant


def _without_key_use(service: str) -> Plant:
    def plant(template: Template) -> None:
        for properties in resources(template, "AWS::KMS::Key").values():
            kept = [
                each
                for each in properties["KeyPolicy"]["Statement"]
                if service not in plain(each["Principal"].get("Service", ""))
            ]
            properties["KeyPolicy"]["Statement"] = kept

    return plant


def _condition(kind: str, part: str, policy: str, service: str, condition: dict[str, Any]) -> Plant:
    """Replaces the condition of what allows a service."""

    def plant(template: Template) -> None:
        for name, properties in resources(template, kind).items():
            for each in properties[policy]["Statement"] if name.startswith(part) else ():
                principal = each.get("Principal")
                if isinstance(principal, dict) and service in plain(principal.get("Service", "")):
                    each["Condition"] = condition

    return plant


def _role_without_key(part: str) -> Plant:
    def plant(template: Template) -> None:
        for name, statement in statements(template):
            if name.startswith(part) and "kms:Decrypt" in as_list(statement["Action"]):
                statement["Action"] = "kms:DescribeKey"

    return plant


def _without(kind: str, part: str = "") -> Plant:
    def plant(template: Template) -> None:
        for name in [*resources(template, kind)]:
            if name.startswith(part):
                del template["Resources"][name]

    return plant


def _set(kind: str, part: str, key: str, value: Any) -> Plant:
    def plant(template: Template) -> None:
        for name, properties in resources(template, kind).items():
            if name.startswith(part):
                properties[key] = value

    return plant


def _permission(service: str, key: str, value: str) -> Plant:
    def plant(template: Template) -> None:
        for properties in resources(template, "AWS::Lambda::Permission").values():
            if properties["Principal"] == service:
                properties[key] = value

    return plant


POLICY, KMS, ROLE = "AWS::IAM::Policy", "AWS::KMS::Key", "AWS::IAM::Role"
SOURCE = {"ArnLike": {"aws:SourceArn": "*"}}
GAPS: dict[str, list[Plant]] = {
    "alarms": [
        # Issue: a topic whose policy holds only a refusal.
        _without_statement("AWS::SNS::TopicPolicy", "", "sns:Publish"),
        _condition(
            "AWS::SNS::TopicPolicy", "", "PolicyDocument", "cloudwatch", {"ArnLike": {"aws:SourceArn": "arn:other"}}
        ),
        _condition(
            "AWS::SNS::TopicPolicy", "", "PolicyDocument", "cloudwatch", {"StringEquals": {"aws:PrincipalOrgID": "o"}}
        ),
        _without_key_use("cloudwatch"),
    ],
    "rules": [
        # Issue: a condition that EventBridge does not fulfil.
        _condition(KMS, "", "KeyPolicy", "events", SOURCE),
        _without_key_use("events"),
        _without_statement("AWS::SQS::QueuePolicy", "QueuesLibrary", "sqs:SendMessage"),
        _condition("AWS::SQS::QueuePolicy", "QueuesLibrary", "PolicyDocument", "events", {"Bool": {"aws:ViaX": "1"}}),
        _permission("events.amazonaws.com", "SourceArn", "arn:other"),
        _set("AWS::S3::Bucket", "StorageLibrary", "NotificationConfiguration", {}),
    ],
    "failed_events": [
        _without_statement(POLICY, "LibraryAssets", "sqs:SendMessage"),
        _role_without_key("LibraryAssets"),
    ],
    "routes": [
        _permission("apigateway.amazonaws.com", "Principal", "elasticloadbalancing.amazonaws.com"),
        _permission("apigateway.amazonaws.com", "SourceArn", "arn:other"),
    ],
    "machines": [
        _without_statement(POLICY, "TurnRole", "lambda:InvokeFunction"),
        _without_statement(POLICY, "TurnRole", "logs:CreateLogDelivery"),
    ],
    "schedules": [
        _without_statement(POLICY, "SchedulesRole", "sqs:SendMessage"),
        _role_without_key("SchedulesRole"),
        _condition(ROLE, "SchedulesRole", "AssumeRolePolicyDocument", "scheduler", SOURCE | {"Bool": {"aws:X": "1"}}),
        _without_statement(ROLE, "SchedulesRole", "sts:AssumeRole", "AssumeRolePolicyDocument"),
    ],
    "triggers": [
        _without_statement(POLICY, "ConversationTurns", "sqs:ReceiveMessage"),
        _role_without_key("ConversationTurns"),
    ],
    "distributions": [
        _without_statement("AWS::S3::BucketPolicy", "ConsoleWebFiles", "s3:GetObject"),
        _set("AWS::S3::Bucket", "ConsoleWebFiles", "BucketEncryption", {"KMSMasterKeyID": "k"}),
    ],
    "access_logs": [
        _without_statement("AWS::S3::BucketPolicy", "StorageAccessLogs", "s3:PutObject"),
        _set("AWS::S3::Bucket", "StorageAccessLogs", "BucketEncryption", {"KMSMasterKeyID": "k"}),
    ],
    "log_groups": [
        _without_key_use("logs."),
        _condition(KMS, "", "KeyPolicy", "logs.", {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:other"}}),
    ],
    "roles": [
        _condition(ROLE, "Webhooks", "AssumeRolePolicyDocument", "lambda", {"StringEquals": {"aws:SourceArn": "x"}}),
        _without_statement(ROLE, "Turn", "sts:AssumeRole", "AssumeRolePolicyDocument"),
    ],
    "environments": [
        _without_statement(POLICY, "ManagementManagementApi", "lambda:InvokeFunction"),
        _without(POLICY, "WebhooksWebhook"),
        _without_statement(POLICY, "ConversationTurns", "iam:PassRole"),
    ],
}


def _role_condition(part: str, action: str, key: str = "aws:SourceArn") -> Plant:
    """Adds a condition to what a role may do, which no request in the name of the role fulfils."""

    def plant(template: Template) -> None:
        for name, statement in statements(template):
            if name.startswith(part) and action in as_list(statement["Action"]):
                statement["Condition"] = {"ArnLike": {key: "*"}}

    return plant


BY_ORGANIZATION = {"StringEquals": {"aws:SourceOrgID": "o-1"}}
BY_ACCOUNT = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
# The ARN of the schedules themselves, which Scheduler does not send: it sends the one of their group.
BY_SCHEDULE = {"ArnLike": {"aws:SourceArn": "arn:*:scheduler:*:*:schedule/*"}}
# Conditions that read well, and that the calling service does not fulfil.
UNSUPPORTED: dict[str, list[Plant]] = {
    "alarms": [
        _condition("AWS::SNS::TopicPolicy", "", "PolicyDocument", "cloudwatch", BY_ORGANIZATION),
        _condition(KMS, "", "KeyPolicy", "cloudwatch", BY_ORGANIZATION),
    ],
    "rules": [
        _condition(KMS, "", "KeyPolicy", "events", BY_ACCOUNT),
        _condition("AWS::SQS::QueuePolicy", "QueuesLibrary", "PolicyDocument", "events", BY_ACCOUNT),
        _permission("events.amazonaws.com", "PrincipalOrgID", "o-1"),
    ],
    "failed_events": [_role_condition("LibraryAssets", "sqs:SendMessage")],
    "routes": [_permission("apigateway.amazonaws.com", "SourceAccount", "<AWS::AccountId>")],
    "machines": [_role_condition("TurnRole", "lambda:InvokeFunction")],
    "schedules": [
        _condition(ROLE, "SchedulesRole", "AssumeRolePolicyDocument", "scheduler", BY_SCHEDULE),
        _role_condition("SchedulesRole", "sqs:SendMessage"),
    ],
    "triggers": [_role_condition("ConversationTurns", "sqs:ReceiveMessage")],
    "distributions": [_condition("AWS::S3::BucketPolicy", "", "PolicyDocument", "cloudfront", BY_ORGANIZATION)],
    "access_logs": [_condition("AWS::S3::BucketPolicy", "", "PolicyDocument", "logging.s3", BY_ORGANIZATION)],
    "log_groups": [_condition(KMS, "", "KeyPolicy", "logs.", SOURCE)],
    "roles": [
        _condition(ROLE, "Webhooks", "AssumeRolePolicyDocument", "lambda", SOURCE),
        _condition(ROLE, "Turn", "AssumeRolePolicyDocument", "states", BY_ORGANIZATION),
    ],
    "environments": [_role_condition("ManagementManagementApi", "lambda:InvokeFunction")],
}


def test_every_class_of_arrow_has_planted_conditions(everything: Template) -> None:
    from infrastructure.review import service_arrows

    assert {walk.__name__ for walk in service_arrows.walks(everything)} == UNSUPPORTED.keys()


@pytest.mark.parametrize(("walk", "plant"), [(walk, plant) for walk, plants in UNSUPPORTED.items() for plant in plants])
def test_a_condition_that_a_service_does_not_support_is_found(everything: Template, walk: str, plant: Plant) -> None:
    mutated = copy.deepcopy(everything)
    plant(mutated)
    assert mutated != everything, "the mutation changed nothing"
    assert {each.partition(":")[0] for each in gaps(mutated)} >= {walk}


def test_every_class_of_arrow_has_planted_gaps(everything: Template) -> None:
    from infrastructure.review import service_arrows

    assert {walk.__name__ for walk in service_arrows.walks(everything)} == GAPS.keys()


@pytest.mark.parametrize(("walk", "plant"), [(walk, plant) for walk, plants in GAPS.items() for plant in plants])
def test_a_planted_gap_is_found(everything: Template, walk: str, plant: Plant) -> None:
    mutated = copy.deepcopy(everything)
    plant(mutated)
    assert mutated != everything, "the mutation changed nothing"
    found = gaps(mutated)
    assert {each.partition(":")[0] for each in found} >= {walk}


def test_a_rule_without_a_dead_letter_queue_is_found(everything: Template) -> None:
    mutated = copy.deepcopy(everything)
    for _, rule in of_type(mutated, "AWS::Events::Rule"):
        rule["Targets"][0].pop("DeadLetterConfig")
    assert any("no dead-letter queue" in each for each in gaps(mutated))
