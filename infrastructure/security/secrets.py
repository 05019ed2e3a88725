"""Secrets: the key that names conversations, the credentials of each channel, and the secrets of the business."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from chatflow.channels import manifest
from infrastructure.configuration import Configuration
from infrastructure.security import nag
from infrastructure.security.encryption_key import encryption_key
from infrastructure.security.nag import WildcardArn

# CloudFormation generates a value anew when one of these properties changes, and overwrites the stored one. So they
# never change, nor depend on anything that does, such as the fields of a channel's secret.
# AWS CloudFormation User Guide, "AWS::SecretsManager::Secret", GenerateSecretString.
_RANDOM: Final[dict[str, Any]] = {"password_length": 64, "exclude_punctuation": True}


class Secrets(Construct):
    """Accounts of channels have secrets that `chatflow channels connect` stores after the deploy, under one prefix.

    A channel of the first releases has a secret of its own from the first deploy, with a random value that nobody
    knows: until someone connects it, each of its fields is random, empty or missing, and it accepts no webhook.
    """

    def __init__(self, scope: Construct, name: str, *, configuration: Configuration) -> None:
        super().__init__(scope, name)
        stack = Stack.of(self)
        self.channel_prefix = f"{stack.stack_name}/channels/"
        self.business_prefix = f"{stack.stack_name}/business/"
        self.conversation_name = f"{stack.stack_name}/conversation-key"
        self.conversation_key = secretsmanager.Secret(
            self,
            "ConversationKey",
            secret_name=self.conversation_name,
            description="Hides contacts' addresses. Never change it: every conversation would be a new one.",
            generate_secret_string=secretsmanager.SecretStringGenerator(**_RANDOM),
            encryption_key=encryption_key(self),
            removal_policy=configuration.removal,
        )
        reason = (
            "Every conversation is named by this key: a new key would make every contact unknown and lose all sessions."
        )
        nag.waive(self.conversation_key, "AwsSolutions-SMG4", reason)
        self.channels = {
            channel: self._channel_secret(channel, configuration)
            for channel in manifest.names()
            if manifest.load(channel).placeholder
        }

    @property
    def business_arn(self) -> WildcardArn:
        """All secrets of the business."""
        return self._secrets_below(self.business_prefix, "The business stores its secrets after the deploy, by name.")

    @property
    def channels_arn(self) -> WildcardArn:
        """The secrets of all channels and their accounts."""
        return self._secrets_below(
            self.channel_prefix, "Accounts are connected after the deploy; each has a secret under its own name."
        )

    def _secrets_below(self, prefix: str, reason: str) -> WildcardArn:
        arn = Stack.of(self).format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{prefix}*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        return WildcardArn(arn, reason)

    def _channel_secret(self, channel: str, configuration: Configuration) -> secretsmanager.Secret:
        title = manifest.load(channel).title
        secret = secretsmanager.Secret(
            self,
            channel.title().replace("_", ""),
            secret_name=f"{self.channel_prefix}{channel}",
            description=f"Credentials of {title}. `make connect-{channel}` stores them.",
            generate_secret_string=_placeholder(manifest.load(channel).placeholder),
            encryption_key=encryption_key(self),
            removal_policy=configuration.removal,
        )
        reason = "The channel issues these credentials; only a person can renew them there."
        nag.waive(secret, "AwsSolutions-SMG4", reason)
        return secret


def _placeholder(fields: Sequence[str]) -> secretsmanager.SecretStringGenerator:
    """The first field random, the others empty. Secrets Manager generates one field only."""
    return secretsmanager.SecretStringGenerator(
        secret_string_template=json.dumps(dict.fromkeys(fields[1:], "")), generate_string_key=fields[0], **_RANDOM
    )
