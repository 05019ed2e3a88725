"""Integration trials: their function reads secrets and writes nothing; the management API reads no secret."""

from __future__ import annotations

import pytest

from integration_trial.dependencies import SECONDS
from tests.infrastructure.template_checks import (
    Check,
    Mutation,
    Template,
    as_list,
    assert_detects,
    granted,
    only,
    readable,
    resources,
    statements,
)

ROLE, FUNCTION = "AWS::IAM::Role", "AWS::Lambda::Function"
READ = "secretsmanager:GetSecretValue"


def the_management_api_reads_no_secret_of_the_business(template: Template) -> None:
    for policy, statement in statements(template):
        if policy.startswith("Management") and READ in as_list(statement["Action"]):
            assert all("ConversationKey" in readable(each) for each in as_list(statement["Resource"])), statement


def a_trial_reads_secrets_and_clean_files_and_nothing_else(template: Template) -> None:
    allowed = {}
    for policy, statement in statements(template):
        if policy.startswith("Trial"):
            for action in as_list(statement["Action"]):
                allowed[action] = statement.get("Condition")
    of_every_function = {action for action in allowed if action.startswith(("xray:", "logs:"))}
    assert set(allowed) - of_every_function == {READ, "s3:GetObject"}
    assert allowed["s3:GetObject"] == {"StringEquals": {"s3:ExistingObjectTag/state": "clean"}}


def it_has_the_name_that_the_management_api_calls(template: Template) -> None:
    name = only(template, FUNCTION, "Trial")["FunctionName"]
    variables = only(template, FUNCTION, "ManagementApi")["Environment"]["Variables"]
    assert variables["CHATFLOW_TRIAL_FUNCTION"] == name


def _renamed(template: Template) -> None:
    for id, properties in resources(template, FUNCTION).items():
        if id.startswith("Trial"):
            properties["FunctionName"] = "another"


@pytest.mark.parametrize(
    ("check", "mutate"),
    [
        (
            the_management_api_reads_no_secret_of_the_business,
            granted([READ], "arn:aws:secretsmanager:::secret:Chatflow-dev/business/*", part="Management"),
        ),
        (
            a_trial_reads_secrets_and_clean_files_and_nothing_else,
            granted(["dynamodb:PutItem"], "<StorageFlows>", part="Trial"),
        ),
        (it_has_the_name_that_the_management_api_calls, _renamed),
    ],
)
def test_trials_are_isolated(template: Template, check: Check, mutate: Mutation) -> None:
    assert_detects(check, template, mutate)


def test_a_trial_ends_before_its_callers_give_up() -> None:
    from infrastructure import timeouts

    assert SECONDS < timeouts.INTEGRATION_TRIAL.to_seconds() < 27 < timeouts.MANAGEMENT_API.to_seconds()
