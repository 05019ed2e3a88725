"""What must hold in every template: each rule holds, and would notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infrastructure.review import rules
from infrastructure.review.rules import RULES, broken
from tests.infrastructure.reading import Spoil, Template, granted, only, resources, turns_red


def test_every_rule_holds_in_every_kind_of_stack(template: Template, lasting: Template, keyed: Template) -> None:
    assert [found for each in (template, lasting, keyed) for found in broken(each)] == []


def _set(kind: str, part: str, key: str, value: Any) -> Spoil:
    def spoil(template: Template) -> None:
        only(template, kind, part)[key] = value

    return spoil


def _add(kind: str, **properties: Any) -> Spoil:
    def spoil(template: Template) -> None:
        template["Resources"]["Another1234ABCD"] = {"Type": kind, "Properties": properties}

    return spoil


def _untag(template: Template) -> None:
    """The node that sends may also read what is not tagged."""
    granted(["s3:GetObject"], "<StorageMedia>", part="NodeTypesMedia")(template)


def _limit_nothing(template: Template) -> None:
    only(template, "AWS::ApiGatewayV2::Stage")["DefaultRouteSettings"] = {}


def _throw_away(template: Template) -> None:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::SecretsManager::Secret":
            resource["DeletionPolicy"] = "Delete"


SPOILS: dict[Callable[..., Any], tuple[Spoil, ...]] = {
    rules.queues_are_encrypted_and_reached_by_tls: (_add("AWS::SQS::Queue", SqsManagedSseEnabled=True),),
    rules.topics_are_reached_by_tls: (_add("AWS::SNS::Topic"),),
    rules.buckets_are_closed_and_reached_by_tls: (
        _add("AWS::S3::Bucket"),
        _set("AWS::S3::Bucket", "StorageMedia", "PublicAccessBlockConfiguration", {"BlockPublicAcls": True}),
    ),
    rules.logs_end: (_add("AWS::Logs::LogGroup"), _add("AWS::Logs::LogGroup", RetentionInDays=3653)),
    rules.no_environment_holds_a_secret: (
        _set(
            "AWS::Lambda::Function",
            "ConversationTurns",
            "Environment",
            {"Variables": {"TOKEN": "{{resolve:secretsmanager:Chatflow-dev/channels/whatsapp}}"}},
        ),
    ),
    rules.every_route_is_throttled: (_limit_nothing,),
    rules.only_webhooks_are_open: (_add("AWS::ApiGatewayV2::Route", RouteKey="GET /health"),),
    rules.only_who_checks_files_calls_them_clean: (
        granted(["s3:PutObjectTagging"], "<StorageMedia>", part="Conversation"),
    ),
    rules.who_sends_reads_by_the_tag_and_undoes_no_verdict: (
        _untag,
        granted(["s3:PutObjectTagging"], "<StorageMedia>", part="NodeTypesApiIntegration"),
    ),
    rules.nobody_may_see_behind_the_masks: (granted(["logs:Unmask"], "*", part="Webhooks"),),
    rules.what_lasts_is_protected: (
        _set("AWS::DynamoDB::Table", "Effects", "DeletionProtectionEnabled", False),
        _throw_away,
    ),
    rules.tables_can_be_recovered: (_set("AWS::DynamoDB::Table", "Effects", "PointInTimeRecoverySpecification", {}),),
    rules.roles_are_handed_on_to_one_service: (granted(["iam:PassRole"], "<SchedulesRole>", part="Webhooks"),),
}


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [(rule, spoil) for rule, spoils in SPOILS.items() for spoil in spoils],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_rule_notices_what_breaks_it(lasting: Template, rule: Callable[..., Any], spoil: Spoil) -> None:
    def holds(template: Template) -> None:
        assert list(rule(template)) == []

    turns_red(holds, lasting, spoil)


def test_no_rule_goes_unspoiled() -> None:
    assert set(RULES) == SPOILS.keys()


def test_reserved_concurrency_bounds_every_function_where_it_is_asked_for(elsewhere: Template) -> None:
    reserved = [
        each.get("ReservedConcurrentExecutions") for each in resources(elsewhere, "AWS::Lambda::Function").values()
    ]
    assert set(reserved) == {5}
