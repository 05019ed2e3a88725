"""Whether a connected account works: the channel accepts its credentials, and its webhook answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import httpx

from chatflow_cli.channels.account_secrets import ConnectedAccount
from chatflow_cli.channels.api import ChannelApi
from chatflow_cli.channels.deployment import Deployment, aws_errors, find_deployment
from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.finding import Finding, cannot_tell, not_ok, ok
from chatflow_cli.errors import CommandError

_TIMEOUT: Final = 20.0  # seconds
_CHECK: Final = "Channels"


@dataclass(frozen=True)
class Checked:
    """An account, its name on the channel, and what is wrong; "" for nothing."""

    account: ConnectedAccount
    name: str
    credentials: str
    webhook: str

    @property
    def problems(self) -> str:
        return " ".join(filter(None, (self.credentials, self.webhook)))


def check(deployment: Deployment, account: ConnectedAccount) -> Checked:
    name, problem = "", ""
    channel = deployment.channel(account.channel)
    try:
        with aws_errors("secretsmanager:GetSecretValue"):
            credentials = deployment.secrets.read(account)
        stand_in = deployment.is_stand_in(channel)
        name = ChannelApi(channel, account.account, credentials, stand_in=stand_in).account_name()
    except CommandError as error:
        problem = f"{error.title} {error.detail}".strip()
    return Checked(account, name, problem, _webhook_problem(deployment, account))


def channel_findings(account: Account, stage: str) -> Iterator[Finding]:
    """For the doctor: one finding for each connected account."""
    try:
        deployment = find_deployment(stage, account=account)
        with aws_errors("secretsmanager:ListSecrets and GetSecretValue"):
            accounts = deployment.secrets.accounts()
    except CommandError as error:
        yield cannot_tell(_CHECK, f"{error.title} {error.detail}", error.advice)
        return
    if not accounts:
        yield cannot_tell(_CHECK, "No account of a channel is connected.", "chatflow channels connect CHANNEL")
    for each in accounts:
        checked = check(deployment, each)
        title = f"{each.channel} {each.account}"
        if checked.problems:
            mend = f"chatflow channels check {each.channel} --account {each.account} --stage {stage}"
            yield not_ok(_CHECK, f"{title}: {checked.problems}", mend)
        else:
            yield ok(_CHECK, f"{title} is {checked.name}; its webhook answers")


def _webhook_problem(deployment: Deployment, account: ConnectedAccount) -> str:
    """The webhook must refuse what nobody signed, as only the webhook of a connected account does."""
    url = deployment.webhook_url(account.channel, None if account.older else account.account)
    try:
        status = httpx.post(url, content=b"{}", timeout=_TIMEOUT).status_code
    except httpx.HTTPError as error:
        return f"The webhook cannot be reached: {type(error).__name__}."
    if status == 404:
        return "The webhook does not know the account. It does half a minute after it was connected."
    return "" if status == 401 else f"The webhook answers {status} to a request that nobody signed, not 401."
