"""The rules for every template: each rule holds, and detects a violation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infrastructure.review import rules
from infrastructure.review.rules import RULES, violations
from tests.fakes.node_types import constructs_with_need
from tests.infrastructure.template_checks import Mutation, Template, assert_detects, granted, only, resources


def test_every_rule_holds_in_every_variant_of_the_stack(template: Template, prod: Template, with_key: Template) -> None:
    assert [violation for each in (template, prod, with_key) for violation in violations(each)] == []


def _set(kind: str, part: str, key: str, value: Any) -> Mutation:
    def mutate(template: Template) -> None:
        only(template, kind, part)[key] = value

    return mutate


def _add(kind: str, **properties: Any) -> Mutation:
    def mutate(template: Template) -> None:
        template["Resources"]["Another1234ABCD"] = {"Type": kind, "Properties": properties}

    return mutate


def _untag(template: Template) -> None:
    """Let the node that sends files also read those without a tag."""
    granted(["s3:GetObject"], "<StorageMedia>", part=constructs_with_need("media.read")[0])(template)


def _remove_the_default_limit(template: Template) -> None:
    only(template, "AWS::ApiGatewayV2::Stage")["DefaultRouteSettings"] = {}


def _delete_secrets_with_the_stack(template: Template) -> None:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::SecretsManager::Secret":
            resource["DeletionPolicy"] = "Delete"


MUTATIONS: dict[Callable[..., Any], tuple[Mutation, ...]] = {
    rules.queues_are_encrypted_and_reached_by_tls: (_add("AWS::SQS::Queue", SqsManagedSseEnabled=True),),
    rules.topics_are_reached_by_tls: (_add("AWS::SNS::Topic"),),
    rules.buckets_are_closed_and_reached_by_tls: (
        _add("AWS::S3::Bucket"),
        _set("AWS::S3::Bucket", "StorageMedia", "PublicAccessBlockConfiguration", {"BlockPublicAcls": True}),
    ),
    rules.logs_have_a_retention: (_add("AWS::Logs::LogGroup"), _add("AWS::Logs::LogGroup", RetentionInDays=3653)),
    rules.no_environment_holds_a_secret: (
        _set(
            "AWS::Lambda::Function",
            "ConversationTurns",
            "Environment",
            {"Variables": {"TOKEN": "{{resolve:secretsmanager:Chatflow-dev/channels/whatsapp}}"}},
        ),
    ),
    rules.every_route_is_throttled: (_remove_the_default_limit,),
    rules.only_webhooks_and_what_channels_request_are_public: (
        _add("AWS::ApiGatewayV2::Route", RouteKey="GET /health"),
        _add("AWS::ApiGatewayV2::Route", RouteKey="GET /channels/{channel}/page/{file}"),  # no channel requests it
    ),
    rules.only_checking_roles_tag_files_clean: (
        granted(["s3:PutObjectTagging"], "<StorageMedia>", part="Conversation"),
    ),
    rules.sending_roles_read_by_tag_and_keep_verdicts: (
        _untag,
        granted(["s3:PutObjectTagging"], "<StorageMedia>", part=constructs_with_need("media.read")[0]),
    ),
    rules.no_role_may_unmask_logs: (granted(["logs:Unmask"], "*", part="Webhooks"),),
    rules.retained_resources_are_protected: (
        _set("AWS::DynamoDB::Table", "Effects", "DeletionProtectionEnabled", False),
        _delete_secrets_with_the_stack,
    ),
    rules.tables_can_be_recovered: (_set("AWS::DynamoDB::Table", "Effects", "PointInTimeRecoverySpecification", {}),),
    rules.roles_are_passed_to_one_service: (granted(["iam:PassRole"], "<SchedulesRole>", part="Webhooks"),),
}


@pytest.mark.parametrize(
    ("rule", "mutate"),
    [(rule, mutate) for rule, mutations in MUTATIONS.items() for mutate in mutations],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_rule_detects_a_violation(prod: Template, rule: Callable[..., Any], mutate: Mutation) -> None:
    def holds(template: Template) -> None:
        assert list(rule(template)) == []

    assert_detects(holds, prod, mutate)


def test_every_rule_has_a_mutation() -> None:
    assert set(RULES) == MUTATIONS.keys()


def test_reserved_concurrency_applies_to_every_function_where_it_is_configured(with_existing_key: Template) -> None:
    reserved = [
        each.get("ReservedConcurrentExecutions")
        for each in resources(with_existing_key, "AWS::Lambda::Function").values()
    ]
    assert set(reserved) == {5}
