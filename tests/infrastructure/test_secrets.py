"""Secrets exist from the first deploy, and an unconnected channel accepts no webhook."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from chatflow.channels import manifest
from tests.infrastructure.template_checks import Template, only, plain, resources


def test_the_conversation_key_is_generated_for_each_deployment(template: Template) -> None:
    secret = only(template, "AWS::SecretsManager::Secret", "ConversationKey")
    assert secret["Name"] == "Chatflow-dev/conversation-key"
    assert secret["GenerateSecretString"]["PasswordLength"] == 64
    assert "SecretString" not in secret


def test_an_unconnected_channel_has_a_signing_secret_that_nobody_knows(template: Template) -> None:
    secret = only(template, "AWS::SecretsManager::Secret", "Whatsapp")
    assert secret["Name"] == "Chatflow-dev/channels/whatsapp"
    assert secret["GenerateSecretString"]["GenerateStringKey"] == "app_secret"
    assert not any(json.loads(secret["GenerateSecretString"]["SecretStringTemplate"]).values())


# What a first deploy generates, as it was released.
RANDOM = {"PasswordLength": 64, "ExcludePunctuation": True}
RELEASED = {
    "SecretsConversationKey": RANDOM,
    "SecretsWhatsapp": {
        **RANDOM,
        "GenerateStringKey": "app_secret",
        "SecretStringTemplate": '{"access_token": "", "verify_token": "", "phone_number_id": ""}',
    },
}


def test_no_upgrade_generates_a_stored_secret_anew(template: Template, with_key: Template) -> None:
    """CloudFormation does it when one of these properties changes: credentials and the conversation key would be lost.

    They stay as they are here for ever, whatever fields a channel's secret gets.
    """
    for each in (template, with_key):
        for name, secret in resources(each, "AWS::SecretsManager::Secret").items():
            assert secret["GenerateSecretString"] == RELEASED.get(name[:-8], secret["GenerateSecretString"]), name
            assert "SecretString" not in secret


def test_a_new_field_of_a_channels_secret_changes_no_template(tmp_path: Path) -> None:
    folder = tmp_path / "whatsapp"
    shutil.copytree(manifest.CHANNELS / "whatsapp", folder)
    file = folder / "manifest.toml"
    file.write_text(file.read_text() + 'a_new_secret = "Where a person finds it, in more than twenty characters"\n')
    changed = manifest.load("whatsapp", tmp_path)
    assert "a_new_secret" in changed.secret
    assert changed.placeholder == manifest.load("whatsapp").placeholder


def test_no_environment_has_a_secret(template: Template) -> None:
    for function in resources(template, "AWS::Lambda::Function").values():
        for name, value in function.get("Environment", {}).get("Variables", {}).items():
            assert "resolve:secretsmanager" not in plain(value), name
