"""The deployed stack whose accounts are connected: where its webhooks are, and where its channels' APIs are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from chatflow.channels import manifest
from chatflow.channels.manifest import ChannelManifest
from chatflow_cli.channels.account_secrets import AccountSecrets
from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.aws_errors import explain, is_denied
from chatflow_cli.doctor.stack import read_stack
from chatflow_cli.errors import NotAllowed, NotFound, Unavailable, UsageError


@dataclass(frozen=True)
class Deployment:
    """A stack that is deployed, by its outputs.

    `url`: the address of a channel's stand-in, "" for what it was deployed with.
    """

    outputs: Mapping[str, str]
    secrets: AccountSecrets
    url: str = ""

    def webhook_url(self, channel: str, account: str | None) -> str:
        """The webhook of an account; None is the one of the channel alone."""
        url = self.outputs["WebhookUrl"].replace("{channel}", channel)
        if endpoint := os.environ.get("AWS_ENDPOINT_URL"):
            url = local_api_url(endpoint, url) + urlsplit(url).path
        return url if account is None else f"{url}/{account}"

    def channel(self, name: str) -> ChannelManifest:
        """The channel, at the address and version of its API that the deployment calls. Raises UsageError."""
        if name not in manifest.names():
            raise UsageError(f'There is no channel "{name}".', f"Channels are {', '.join(manifest.names())}.")
        output = name.title().replace("_", "")
        url = self.url or self.outputs.get(f"ChannelUrl{output}", "")
        return manifest.load(name).at(url, self.outputs.get(f"ChannelVersion{output}", ""))

    def is_stand_in(self, channel: ChannelManifest) -> bool:
        return channel.url != manifest.load(channel.name).url


def find_deployment(stage: str, url: str = "", account: Account | None = None) -> Deployment:
    """The stack of a stage, as this shell's AWS credentials see it. Raises NotFound, and what `aws_errors` raises."""
    name = f"Chatflow-{stage}"
    with aws_errors("cloudformation:DescribeStacks"):
        account = account or Account.of_shell()
        stack = read_stack(account, name)
    if not stack.is_deployed:
        raise NotFound(f"There is no stack {name} in this account and Region.", advice="Deploy it first: make deploy")
    if missing := {"ConversationSecret", "WebhookUrl"} - stack.outputs.keys():
        raise NotFound(f"The stack {name} has no output {' and '.join(sorted(missing))}.", advice="Deploy it again.")
    secrets = AccountSecrets(account.client("secretsmanager"), name, stack.outputs["ConversationSecret"])
    return Deployment(stack.outputs, secrets, url)


def local_api_url(endpoint: str, deployed: str) -> str:
    """The URL at which the emulator serves an HTTP API. No DNS on this machine knows the deployed host name."""
    api_id = (urlsplit(deployed).hostname or "").partition(".")[0]
    return f"{endpoint}/_aws/execute-api/{api_id}/$default"


@contextmanager
def aws_errors(action: str) -> Iterator[None]:
    """Within, what a client of AWS raises ends the command in plain words. `action` is the IAM action of the call."""
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

    from chatflow.adapters.aws.errors import AwsRefused, AwsUnreachable

    try:
        yield
    except ParamValidationError:  # a defect of this program, not an answer of AWS
        raise
    except (BotoCoreError, ClientError, AwsRefused, AwsUnreachable) as error:
        why = explain(error, action)
        kind = NotAllowed if is_denied(error) else Unavailable
        raise kind("AWS did not do it.", why.text, why.mend) from None
