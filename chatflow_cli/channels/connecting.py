"""Connects an account of a channel: asks for its credentials, has the channel's API confirm them, stores them.

The fields and the steps that are left to a person come from the channel's manifest.
"""

from __future__ import annotations

import secrets as random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chatflow.adapters.channel_accounts import is_account
from chatflow.channels.manifest import ChannelManifest
from chatflow_cli.channels.account_secrets import ConnectedAccount
from chatflow_cli.channels.api import ChannelApi, current_value
from chatflow_cli.channels.deployment import Deployment, aws_errors
from chatflow_cli.errors import CommandError, Conflict, UsageError

# Shows the name of a field, where to find its value, whether what is typed is hidden, and whether an empty line keeps
# a stored value; returns what a person typed.
Ask = Callable[[str, str, bool, bool], str]


@dataclass(frozen=True)
class Connected:
    """`steps`: what a person has to do in the channel's console. They name the field that we chose, and no other."""

    channel: str
    account: str
    name: str
    secret: str
    webhook_url: str
    steps: tuple[str, ...]


def connect(deployment: Deployment, name: str, account: str, ask: Ask) -> Connected:
    """Connect an account; "" asks for it, or lets the credentials name it. Nothing is stored unless the API confirms.

    Raises CommandError.
    """
    channel = deployment.channel(name)
    account = account or _asked_account(channel, ask)
    stored = _stored(deployment, channel, account)
    credentials = _asked_credentials(channel, stored, ask)
    stand_in = deployment.is_stand_in(channel)
    if ChannelApi.names_accounts(channel):
        named = ChannelApi(channel, account, credentials, stand_in=stand_in).account_id()
        if account not in ("", named):
            raise Conflict(f"These are the credentials of account {named}, not of {account}.", "Nothing was stored.")
        account = named
    if not is_account(account):
        raise UsageError(
            f'"{account}" cannot be an account of {channel.title}.', 'It has letters, digits, "-" and "_", at most 64.'
        )
    credentials[channel.connect.account] = account
    # The values that were stored before: also of an account that only the credentials named.
    stored = stored or _stored(deployment, channel, account)
    if chosen := channel.connect.chosen:
        credentials[chosen] = stored.get(chosen) or random.token_urlsafe(24)
    api = ChannelApi(channel, account, credentials, stand_in=stand_in)
    account_name = api.account_name()
    with aws_errors("secretsmanager:CreateSecret and PutSecretValue"):
        secret = deployment.secrets.store(channel, account, credentials, account_name)
    url = deployment.webhook_url(name, account)
    return Connected(name, account, account_name, secret, url, finish(channel, api, url, credentials))


def finish(
    channel: ChannelManifest, api: ChannelApi, webhook_url: str, credentials: Mapping[str, Any]
) -> tuple[str, ...]:
    """Have the channel post to the webhook: the steps that are left to a person, after what its API can do itself."""
    chosen = current_value(credentials.get(channel.connect.chosen, ""))
    if ChannelApi.registers_webhooks(channel):
        try:
            api.register_webhook(webhook_url, chosen)
        except CommandError as error:
            detail = f"The credentials are stored. {error.title} {error.detail}"
            raise CommandError("The webhook is not registered.", detail, "Do it again: nothing is lost.") from None
    return tuple(step.format(webhook_url=webhook_url, chosen=chosen) for step in channel.connect.steps)


def stop_posts(deployment: Deployment, account: ConnectedAccount) -> bool:
    """Have the channel post no more to the webhook of an account that is about to be disconnected, if its API can.

    Whether it did. An account whose credentials no longer work is disconnected all the same.
    """
    channel = deployment.channel(account.channel)
    try:
        credentials = deployment.secrets.read(account)
        api = ChannelApi(channel, account.account, credentials, stand_in=deployment.is_stand_in(channel))
    except CommandError:
        return False
    return api.remove_webhook(deployment.webhook_url(account.channel, None if account.older else account.account))


def _asked_account(channel: ChannelManifest, ask: Ask) -> str:
    if ChannelApi.names_accounts(channel):
        return ""
    field = channel.connect.account
    if typed := ask(field, channel.secret[field], False, False):
        return typed
    raise UsageError(f"It needs {field}.", "Nothing was stored.")


def _stored(deployment: Deployment, channel: ChannelManifest, account: str) -> dict[str, Any]:
    """What is stored of an account, {} when it is not connected. Raises Conflict for another account's values."""
    if not account:
        return {}
    with aws_errors("secretsmanager:ListSecrets and GetSecretValue"):
        for each in deployment.secrets.accounts():
            if (each.channel, each.account) == (channel.name, account):
                return deployment.secrets.read(each)
    return {}


def _asked_credentials(channel: ChannelManifest, stored: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    """A value for each field that a person knows; an empty line keeps the stored one."""
    credentials: dict[str, Any] = {}
    for field, where in channel.secret.items():
        if field in (channel.connect.account, channel.connect.chosen):
            continue
        credentials[field] = ask(field, where, True, bool(stored.get(field))) or stored.get(field, "")
        if not credentials[field]:
            raise UsageError(f"It needs {field}.", "Nothing was stored.")
    return credentials
