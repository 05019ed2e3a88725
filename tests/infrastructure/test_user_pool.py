"""The user pool: no sign-up, short-lived tokens, and a first administrator who is configured at deploy."""

from __future__ import annotations

from typing import Any

import pytest

from management.http.auth import ROLES
from tests.infrastructure.template_checks import (
    Mutation,
    Template,
    as_list,
    assert_detects,
    only,
    readable,
    resources,
    statements,
)

POOL = "AWS::Cognito::UserPool"
CLIENT = "AWS::Cognito::UserPoolClient"
GROUP = "AWS::Cognito::UserPoolGroup"
USER = "AWS::Cognito::UserPoolUser"


def nobody_signs_up(template: Template) -> None:
    assert only(template, POOL)["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True


def passwords_are_strong(template: Template) -> None:
    policy = only(template, POOL)["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] >= 12
    assert all(policy[f"Require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"))


def a_second_factor_is_an_app_and_no_text_message(template: Template) -> None:
    pool = only(template, POOL)
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("OPTIONAL", ["SOFTWARE_TOKEN_MFA"])


def roles_are_groups(template: Template) -> None:
    assert {group["GroupName"] for group in resources(template, GROUP).values()} == set(ROLES)


def tokens_are_short_lived_and_can_be_revoked(template: Template) -> None:
    client = only(template, CLIENT, "CommandLine")
    assert client["GenerateSecret"] is False
    assert set(client["ExplicitAuthFlows"]) == {
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }
    assert client["AccessTokenValidity"] <= 60
    assert client["TokenValidityUnits"]["AccessToken"] == "minutes"
    assert client["EnableTokenRevocation"] is True
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["AllowedOAuthFlowsUserPoolClient"] is False


def business_secrets_are_written_and_not_read(template: Template) -> None:
    read = [
        readable(resource)
        for policy, statement in statements(template)
        if policy.startswith("Management") and "secretsmanager:GetSecretValue" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]
    assert read == ["<SecretsConversationKey>"]


def _pool(key: str, value: Any) -> Mutation:
    def mutate(template: Template) -> None:
        only(template, POOL)[key] = value

    return mutate


def _client(key: str, value: Any) -> Mutation:
    def mutate(template: Template) -> None:
        only(template, CLIENT, "CommandLine")[key] = value

    return mutate


def _read_a_secret(template: Template) -> None:
    for policy, statement in statements(template):
        if policy.startswith("Management") and "secretsmanager:UpdateSecret" in as_list(statement["Action"]):
            statement["Action"].append("secretsmanager:GetSecretValue")


@pytest.mark.parametrize(
    ("check", "mutate"),
    [
        (nobody_signs_up, _pool("AdminCreateUserConfig", {"AllowAdminCreateUserOnly": False})),
        (passwords_are_strong, _pool("Policies", {"PasswordPolicy": {"MinimumLength": 8}})),
        (a_second_factor_is_an_app_and_no_text_message, _pool("EnabledMfas", ["SMS_MFA"])),
        (roles_are_groups, lambda template: only(template, GROUP, "Admin").update(GroupName="root")),
        (tokens_are_short_lived_and_can_be_revoked, _client("AccessTokenValidity", 1440)),
        (tokens_are_short_lived_and_can_be_revoked, _client("ExplicitAuthFlows", ["ALLOW_ADMIN_USER_PASSWORD_AUTH"])),
        (tokens_are_short_lived_and_can_be_revoked, _client("GenerateSecret", True)),
        (business_secrets_are_written_and_not_read, _read_a_secret),
    ],
)
def test_only_users_of_the_pool_may_use_the_management_api(template: Template, check: Any, mutate: Mutation) -> None:
    assert_detects(check, template, mutate)


def test_there_is_no_user_unless_one_is_configured(template: Template) -> None:
    assert USER not in {each["Type"] for each in template["Resources"].values()}


def test_the_first_administrator_is_mailed_a_password(configured: Template) -> None:
    user = only(configured, USER)
    assert (user["Username"], user["DesiredDeliveryMediums"]) == ("ada@example.com", ["EMAIL"])
    assert {"Name": "email", "Value": "ada@example.com"} in user["UserAttributes"]
    membership = only(configured, "AWS::Cognito::UserPoolUserToGroupAttachment")
    assert (membership["Username"], membership["GroupName"]) == ("ada@example.com", "admin")


def test_users_outlive_a_stack_that_keeps_its_data(template: Template, prod: Template) -> None:
    def protection(of: Template) -> tuple[str, Any]:
        (pool,) = (each for each in of["Resources"].values() if each["Type"] == POOL)
        return pool["DeletionPolicy"], pool["Properties"].get("DeletionProtection")

    assert protection(template) == ("Delete", "INACTIVE")
    assert protection(prod) == ("RetainExceptOnCreate", "ACTIVE")
