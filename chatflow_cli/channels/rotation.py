"""Renews one field of an account's credentials while messages travel.

Where the channel's side changes at another moment than ours, a field accepts a list: the new value and the old one. The
old one is dropped when the channel uses the new one. Where the channel's API sets the webhook, it is told the new value
at both steps: a step whose call failed is repeated by the same command, or made up for by the next one.
"""

from __future__ import annotations

import secrets as random
from collections.abc import Callable
from dataclasses import dataclass

from chatflow_cli.channels.account_secrets import ConnectedAccount
from chatflow_cli.channels.api import ChannelApi
from chatflow_cli.channels.connecting import finish
from chatflow_cli.channels.deployment import Deployment, aws_errors
from chatflow_cli.errors import Conflict, UsageError


@dataclass(frozen=True)
class Rotated:
    """`both`: the old value is still accepted. `steps`: what a person has to do in the channel's console."""

    channel: str
    account: str
    field: str
    both: bool
    steps: tuple[str, ...] = ()


def rotate(deployment: Deployment, account: ConnectedAccount, field: str, ask: Callable[[str, str], str]) -> Rotated:
    """Store a new value of a field: a random one if it is ours to choose, else the one that `ask(field, where)` gets.

    A value of ours that was stored beside the old one stays the new one: the webhook is registered with it again, and
    the steps are shown again. Raises CommandError; then nothing has changed, unless it says that the credentials are
    stored.
    """
    channel = deployment.channel(account.channel)
    credentials = _read(deployment, account, field)
    old, ours = credentials.get(field), field == channel.connect.chosen
    if isinstance(old, list) and len(old) > 1:
        if ours:
            steps = _register(deployment, account, credentials)
            return Rotated(account.channel, account.account, field, both=True, steps=steps)
        raise Conflict(f"{field} is being rotated: two values are accepted.", advice="End that first, with --finish.")
    new = random.token_urlsafe(24) if ours else ask(field, channel.secret[field])
    if not new:
        raise UsageError(f"It needs {field}.", "Nothing was changed.")
    both = field in channel.connect.overlapping
    previous = old[0] if isinstance(old, list) and old else old
    credentials[field] = [new, previous] if both and previous else new
    api = ChannelApi(channel, account.account, credentials, stand_in=deployment.is_stand_in(channel))
    if not ours:
        api.account_name()
        if ChannelApi.names_accounts(channel) and (named := api.account_id()) != account.account:
            raise Conflict(f"This is a value of account {named}, not of {account.account}.", "Nothing was changed.")
    with aws_errors("secretsmanager:PutSecretValue"):
        deployment.secrets.store(channel, account.account, credentials, account.name)
    steps = finish(channel, api, _webhook_url(deployment, account), credentials)
    return Rotated(account.channel, account.account, field, both, steps if ours else ())


def finish_rotation(deployment: Deployment, account: ConnectedAccount, field: str) -> Rotated:
    """Drop the old value of a field, when the channel has the new one.

    Raises CommandError when there is no old value, or the channel could not be told the new one: then both stay.
    """
    channel = deployment.channel(account.channel)
    credentials = _read(deployment, account, field)
    stored = credentials.get(field)
    if not isinstance(stored, list) or not stored:
        raise UsageError(f"{field} has one value: there is nothing to finish.")
    if field == channel.connect.chosen and ChannelApi.registers_webhooks(channel):
        _register(deployment, account, credentials)
    credentials[field] = stored[0]
    with aws_errors("secretsmanager:PutSecretValue"):
        deployment.secrets.store(channel, account.account, credentials, account.name)
    return Rotated(account.channel, account.account, field, both=False)


def _register(deployment: Deployment, account: ConnectedAccount, credentials: dict[str, object]) -> tuple[str, ...]:
    """Have the channel use the stored credentials (of two values the new one); returns what `finish` does."""
    channel = deployment.channel(account.channel)
    api = ChannelApi(channel, account.account, credentials, stand_in=deployment.is_stand_in(channel))
    return finish(channel, api, _webhook_url(deployment, account), credentials)


def _webhook_url(deployment: Deployment, account: ConnectedAccount) -> str:
    return deployment.webhook_url(account.channel, None if account.older else account.account)


def _read(deployment: Deployment, account: ConnectedAccount, field: str) -> dict[str, object]:
    channel = deployment.channel(account.channel)
    if field not in channel.secret or field == channel.connect.account:
        fields = ", ".join(each for each in channel.secret if each != channel.connect.account)
        raise UsageError(f'{channel.title} has no "{field}" to rotate.', f"It has {fields}.")
    with aws_errors("secretsmanager:GetSecretValue"):
        return deployment.secrets.read(account)
