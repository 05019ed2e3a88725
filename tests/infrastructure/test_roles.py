"""Each function has its own role, with the permissions that the function needs and no more."""

from __future__ import annotations

import pytest

from tests.fakes.node_types import constructs_with_need
from tests.infrastructure.template_checks import (
    POLICY,
    Check,
    Mutation,
    Template,
    as_list,
    assert_detects,
    granted,
    only,
    plain,
    readable,
    resources,
    statements,
)

ROLE = "AWS::IAM::Role"
FUNCTION = "AWS::Lambda::Function"


def each_function_has_its_own_role(template: Template) -> None:
    roles = [plain(function["Role"]) for function in resources(template, FUNCTION).values()]
    assert len(roles) == len(set(roles))
    assert all(len(policy["Roles"]) == 1 for policy in resources(template, POLICY).values())


def nothing_comes_from_a_managed_policy(template: Template) -> None:
    for role in resources(template, ROLE).values():
        assert not role.get("ManagedPolicyArns")
        assert not role.get("Policies")


def schedules_may_only_queue(template: Template) -> None:
    trust = only(template, ROLE, "SchedulesRole")["AssumeRolePolicyDocument"]["Statement"][0]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert plain(trust["Condition"]["ArnEquals"]["aws:SourceArn"]).endswith(":schedule-group/Chatflow-dev-waits")
    allowed = [each for policy, each in statements(template) if policy.startswith("SchedulesRole")]
    assert [each["Action"] for each in allowed] == ["sqs:SendMessage"]
    queues = ["<QueuesDelayedEvents>", "<QueuesEvents>", "<QueuesScheduleDeadLetters>"]
    assert sorted(map(readable, allowed[0]["Resource"])) == queues


def roles_are_passed_to_the_scheduler_alone(template: Template) -> None:
    for policy, statement in statements(template):
        if "iam:PassRole" in as_list(statement["Action"]):
            assert policy.startswith(("ConversationTurns", "TimersDelayedEvents"))
            assert readable(statement["Resource"]) == "<SchedulesRole>"
            assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}


def the_machine_may_call_node_types_alone(template: Template) -> None:
    called = [
        plain(resource)
        for policy, statement in statements(template)
        if policy.startswith("Turn") and "lambda:InvokeFunction" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]
    nodes = {f"<{name}.Arn>" for name in resources(template, FUNCTION) if name.startswith("NodeTypes")}
    assert set(called) == nodes


def only_the_conversation_and_the_erasure_write_sessions(template: Template) -> None:
    reading = {policy[:10] for policy in _policies_that_allow(template, "<StorageSessions>")}
    assert reading == {"Conversati", "ErasureFor", "Management", "TimersDela"}
    for _, statement in (each for each in statements(template) if each[0].startswith("TimersDela")):
        actions = as_list(statement["Action"])
        assert [each for each in actions if each.startswith("dynamodb:")] in ([], ["dynamodb:BatchGetItem"])
    written = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}
    writing = {policy[:17] for policy in _policies_that_allow(template, "<StorageSessions>", written)}
    assert writing == {"ConversationTurns", "ErasureForgetting"}


def timers_read_what_sessions_wait_for_alone(template: Template) -> None:
    reading = [
        statement
        for policy, statement in statements(template)
        if policy.startswith("TimersDela") and "dynamodb:BatchGetItem" in as_list(statement["Action"])
    ]
    assert [each["Condition"] for each in reading] == [
        {
            "ForAllValues:StringEquals": {
                "dynamodb:Attributes": ["conversation", "deadline", "item", "session", "timer", "turn"]
            },
            "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
        }
    ]


def only_the_conversation_invokes_the_erasure(template: Template) -> None:
    invoking = _policies_that_allow(template, "<ErasureForgettingFunction>", {"lambda:InvokeFunction"})
    assert {policy[:17] for policy in invoking} == {"ConversationTurns"}


def only_functions_that_name_conversations_read_their_key(template: Template) -> None:
    reading = {policy[:10] for policy in _policies_that_allow(template, "<SecretsConversationKey>")}
    assert reading == {"WebhooksWe", "Management"}


def _policies_that_allow(template: Template, resource: str, actions: set[str] | None = None) -> list[str]:
    return [
        policy
        for policy, statement in statements(template)
        if (actions is None or actions & set(as_list(statement["Action"])))
        and any(readable(each).startswith(resource) for each in as_list(statement["Resource"]))
    ]


def _share_a_role(template: Template) -> None:
    first, second, *_ = resources(template, FUNCTION).values()
    first["Role"] = second["Role"]


def _add_a_managed_policy(template: Template) -> None:
    next(iter(resources(template, ROLE).values()))["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]


def _let_timers_read_whole_sessions(template: Template) -> None:
    for policy, statement in statements(template):
        if policy.startswith("TimersDela") and "dynamodb:BatchGetItem" in as_list(statement["Action"]):
            del statement["Condition"]["StringEqualsIfExists"]


def _trust_every_schedule(template: Template) -> None:
    statement = only(template, ROLE, "SchedulesRole")["AssumeRolePolicyDocument"]["Statement"][0]
    statement["Condition"]["ArnEquals"] = {"aws:SourceArn": "*"}


@pytest.mark.parametrize(
    ("check", "mutate"),
    [
        (each_function_has_its_own_role, _share_a_role),
        (nothing_comes_from_a_managed_policy, _add_a_managed_policy),
        (schedules_may_only_queue, _trust_every_schedule),
        (schedules_may_only_queue, granted(["sqs:DeleteMessage"], "<QueuesEvents>", part="SchedulesRole")),
        (roles_are_passed_to_the_scheduler_alone, granted(["iam:PassRole"], "<TurnRole>", part="ConversationTurns")),
        (
            the_machine_may_call_node_types_alone,
            granted(["lambda:InvokeFunction"], "<WebhooksWebhookFunction>", part="TurnRole"),
        ),
        (
            only_the_conversation_and_the_erasure_write_sessions,
            granted(["dynamodb:PutItem"], "<StorageSessions>", part="Management"),
        ),
        (
            only_the_conversation_and_the_erasure_write_sessions,
            granted(["dynamodb:PutItem"], "<StorageSessions>", part=constructs_with_need("channel")[0]),
        ),
        (timers_read_what_sessions_wait_for_alone, _let_timers_read_whole_sessions),
        (
            only_the_conversation_invokes_the_erasure,
            granted(["lambda:InvokeFunction"], "<ErasureForgettingFunction>", part="Management"),
        ),
        (
            only_functions_that_name_conversations_read_their_key,
            granted(
                ["secretsmanager:GetSecretValue"], "<SecretsConversationKey>", part=constructs_with_need("channel")[0]
            ),
        ),
    ],
)
def test_each_role_has_only_the_permissions_of_its_function(template: Template, check: Check, mutate: Mutation) -> None:
    assert_detects(check, template, mutate)
