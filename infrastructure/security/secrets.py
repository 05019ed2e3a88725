"""What Chatflow keeps to itself: the key of its conversations, each channel's credentials, the business's secrets."""

from __future__ import annotations

import json

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from chatflow.channels import manifest
from infrastructure.configuration import Configuration
from infrastructure.security import nag as waivers
from infrastructure.security.encryption_key import key_of


class Secrets(Construct):
    """A secret for each channel is there from the first deploy, filled with what nobody knows.

    So an unconnected channel trusts no webhook: each of its fields is random or empty until someone connects it.
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
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            encryption_key=key_of(self),
            removal_policy=configuration.removal,
        )
        waivers.for_conversation_key(self.conversation_key)
        self.channels = {channel: self._channel(channel, configuration) for channel in manifest.names()}

    @property
    def business_arn(self) -> str:
        """All secrets of the business: stored by name after the deploy, so that their names are not known here."""
        return Stack.of(self).format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{self.business_prefix}*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

    @property
    def channel_arns(self) -> list[str]:
        return [secret.secret_arn for secret in self.channels.values()]

    def _channel(self, channel: str, configuration: Configuration) -> secretsmanager.Secret:
        title = manifest.load(channel).title
        secret = secretsmanager.Secret(
            self,
            channel.title().replace("_", ""),
            secret_name=f"{self.channel_prefix}{channel}",
            description=f"Credentials of {title}. `make connect-{channel}` stores them.",
            generate_secret_string=_placeholder(list(manifest.load(channel).secret)),
            encryption_key=key_of(self),
            removal_policy=configuration.removal,
        )
        waivers.for_channel_secret(secret)
        return secret


def _placeholder(fields: list[str]) -> secretsmanager.SecretStringGenerator:
    """Every field empty, but the one that signs webhooks: an empty key would be a known one.

    Only one field can be random, and no webhook of a channel passes without its signing secret.
    """
    signing = next((field for field in fields if "secret" in field), fields[0])
    return secretsmanager.SecretStringGenerator(
        secret_string_template=json.dumps({field: "" for field in fields if field != signing}),
        generate_string_key=signing,
        password_length=64,
        exclude_punctuation=True,
    )
