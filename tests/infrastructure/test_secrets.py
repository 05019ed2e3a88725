"""Secrets exist from the first deploy, and an unconnected channel accepts no webhook."""

from __future__ import annotations

import json

from tests.infrastructure.template_checks import Template, only, plain, resources


def test_the_conversation_key_is_generated_for_each_deployment(template: Template) -> None:
    secret = only(template, "AWS::SecretsManager::Secret", "ConversationKey")
    assert secret["Name"] == "Chatflow-dev/conversation-key"
    assert secret["GenerateSecretString"]["PasswordLength"] == 64
    assert "SecretString" not in secret


def test_an_unconnected_channel_has_a_signing_secret_that_nobody_knows(template: Template) -> None:
    secret = only(template, "AWS::SecretsManager::Secret", "Whatsapp")
    assert secret["Name"] == "Chatflow-dev/channels/whatsapp"
    generated = secret["GenerateSecretString"]
    assert generated["GenerateStringKey"] == "app_secret"
    assert json.loads(generated["SecretStringTemplate"]) == {
        "access_token": "",
        "verify_token": "",
        "phone_number_id": "",
    }


def test_no_environment_has_a_secret(template: Template) -> None:
    for function in resources(template, "AWS::Lambda::Function").values():
        for name, value in function.get("Environment", {}).get("Variables", {}).items():
            assert "resolve:secretsmanager" not in plain(value), name
