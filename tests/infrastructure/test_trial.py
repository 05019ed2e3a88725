"""Trying an integration: one function reads secrets for it and writes nothing; the management API reads none."""

from __future__ import annotations

import pytest

from infrastructure import timeouts as deadlines
from integration_trial.dependencies import SECONDS
from tests.infrastructure.reading import (
    Check,
    Spoil,
    Template,
    granted,
    listed,
    only,
    readable,
    resources,
    statements,
    turns_red,
)

ROLE, FUNCTION = "AWS::IAM::Role", "AWS::Lambda::Function"
READ = "secretsmanager:GetSecretValue"


def the_management_api_reads_no_secret_of_the_business(template: Template) -> None:
    for policy, statement in statements(template):
        if policy.startswith("Management") and READ in listed(statement["Action"]):
            assert all("ConversationKey" in readable(each) for each in listed(statement["Resource"])), statement


def a_trial_reads_secrets_and_clean_files_and_nothing_else(template: Template) -> None:
    allowed = {}
    for policy, statement in statements(template):
        if policy.startswith("Trial"):
            for action in listed(statement["Action"]):
                allowed[action] = statement.get("Condition")
    of_every_room = {action for action in allowed if action.startswith(("xray:", "logs:"))}
    assert set(allowed) - of_every_room == {READ, "s3:GetObject"}
    assert allowed["s3:GetObject"] == {"StringEquals": {"s3:ExistingObjectTag/state": "clean"}}


def it_has_the_name_that_the_management_api_calls(template: Template) -> None:
    name = only(template, FUNCTION, "Trial")["FunctionName"]
    told = only(template, FUNCTION, "ManagementApi")["Environment"]["Variables"]
    assert told["CHATFLOW_TRIAL_FUNCTION"] == name


def _renamed(template: Template) -> None:
    for id, properties in resources(template, FUNCTION).items():
        if id.startswith("Trial"):
            properties["FunctionName"] = "another"


@pytest.mark.parametrize(
    ("check", "spoil"),
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
def test_trials_are_kept_apart(template: Template, check: Check, spoil: Spoil) -> None:
    turns_red(check, template, spoil)


def test_a_trial_ends_before_whoever_waits_for_it() -> None:
    assert SECONDS < deadlines.TRIAL.to_seconds() < 27 < deadlines.MANAGEMENT.to_seconds()
