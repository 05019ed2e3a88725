"""The secrets of the accounts of channels, in AWS Secrets Manager.

`<stack>/channels/<channel>/<account>` is an account's own. `<stack>/channels/<channel>`, which the stack makes for a
channel of the first releases, holds the account that was connected when there was no other secret. An account stays in
the secret that holds it. The older secret also lists the accounts that it no longer serves (`NOT_SERVED`): those that
had a secret of their own and were disconnected.
"""

from __future__ import annotations

import json
import re
import secrets as random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chatflow.adapters.channel_accounts import NOT_SERVED, is_account, not_served, secret_name
from chatflow.channels import manifest
from chatflow.channels.manifest import ChannelManifest
from chatflow_cli.errors import Conflict, NotFound

RECOVERY_DAYS: Final = 7  # the shortest that AWS allows
_NOT_IN_A_TAG: Final = re.compile(r"[^\w\s+\-=.:/@]")  # AWS: "Tag naming limits and requirements"
_LONGEST_TAG: Final = 256


@dataclass(frozen=True)
class ConnectedAccount:
    """An account without its credentials. `since`: seconds since the epoch. `older`: it is in the channel's secret."""

    channel: str
    account: str
    secret: str  # the name of the secret that holds it
    since: float
    name: str = ""  # as the channel's API named it; "" where that was not stored
    older: bool = False


class AccountSecrets:
    """The secrets of one stack. `conversation_secret` names a secret of it whose encryption key new ones get, too."""

    def __init__(self, client: Any, stack_name: str, conversation_secret: str) -> None:
        self._client = client
        self._stack_name = stack_name
        self._prefix = f"{stack_name}/channels/"
        self._conversation_secret = conversation_secret

    def accounts(self) -> list[ConnectedAccount]:
        """Every connected account, ordered by channel and account. Reads the secrets of channels, and no account's own.

        An account that has a secret of its own is in that one, whatever the channel's holds.
        """
        found = [account for secret in self._listed() if (account := self._account(secret))]
        own = {(each.channel, each.account) for each in found if not each.older}
        current = (each for each in found if not each.older or (each.channel, each.account) not in own)
        return sorted(current, key=lambda each: (each.channel, each.account))

    def find(self, channel: str, account: str) -> ConnectedAccount:
        """A connected account; "" for the only one of the channel. Raises NotFound, Conflict when there are several."""
        of_channel = [each for each in self.accounts() if each.channel == channel]
        matching = [each for each in of_channel if account in ("", each.account)]
        if not matching:
            raise NotFound(
                f"No such account of {channel} is connected." if account else f"No account of {channel} is connected.",
                advice="See which are: chatflow channels list",
            )
        if not account and len(matching) > 1:
            names = ", ".join(each.account for each in matching)
            raise Conflict(f"Several accounts of {channel} are connected: {names}.", advice="Name one with --account.")
        return matching[0]

    def read(self, account: ConnectedAccount) -> dict[str, Any]:
        """The credentials of an account. Raises Conflict when the secret holds no such, or another account's."""
        fields = self._fields(account.secret)
        named = fields.get(manifest.load(account.channel).connect.account) if fields else None
        if fields is None or named not in (None, "", account.account):
            what = "no JSON object" if fields is None else "the credentials of another account"
            raise Conflict(
                f"The secret {account.secret} holds {what}.",
                advice=f"Disconnect {account.account}, then connect it again.",
            )
        return fields

    def store(self, channel: ChannelManifest, account: str, credentials: Mapping[str, Any], name: str) -> str:
        """Store the credentials of an account where it is stored, or in a new secret of its own; returns its name."""
        for each in self.accounts():
            if (each.channel, each.account) == (channel.name, account):
                kept = self._not_served(each.secret) if each.older else {}
                self._client.put_secret_value(SecretId=each.secret, SecretString=json.dumps({**credentials, **kept}))
                return each.secret
        secret = secret_name(self._prefix, channel.name, account)
        tags = {"stack": self._stack_name, "channel": channel.name, "account": account, "name": _tag_value(name)}
        try:
            self._client.create_secret(
                Name=secret,
                Description=f"Credentials of an account of {channel.title}. Stored by `chatflow channels connect`.",
                SecretString=json.dumps(credentials),
                Tags=[{"Key": f"chatflow:{key}", "Value": value} for key, value in tags.items() if value],
                **self._key(),
            )
        except (self._client.exceptions.InvalidRequestException, self._client.exceptions.ResourceExistsException):
            self._client.restore_secret(SecretId=secret)  # it was disconnected, and can still be recovered
            self._client.put_secret_value(SecretId=secret, SecretString=json.dumps(credentials))
        return secret

    def remove(self, account: ConnectedAccount) -> None:
        """Delete an account's credentials. Its own secret can be recovered for RECOVERY_DAYS.

        A secret of the stack stays, and gets the values that it had before something was connected: a random one that
        nobody knows, and empty ones.
        """
        if account.older:
            first, *others = manifest.load(account.channel).placeholder
            content = {first: random.token_urlsafe(48), **dict.fromkeys(others, ""), **self._not_served(account.secret)}
            self._client.put_secret_value(SecretId=account.secret, SecretString=json.dumps(content))
        else:
            self._stop_serving(account)  # first: an account whose secret is gone must not get the older one
            self._client.delete_secret(SecretId=account.secret, RecoveryWindowInDays=RECOVERY_DAYS)

    def is_retained(self) -> bool:
        """Whether the stack's own secrets exist, which a stack that keeps its data leaves behind."""
        try:
            return "DeletedDate" not in self._client.describe_secret(SecretId=self._conversation_secret)
        except self._client.exceptions.ResourceNotFoundException:
            return False

    def _listed(self) -> Iterator[Mapping[str, Any]]:
        filters = [{"Key": "name", "Values": [self._prefix]}]
        for page in self._client.get_paginator("list_secrets").paginate(Filters=filters):
            yield from (each for each in page["SecretList"] if each["Name"].startswith(self._prefix))

    def _account(self, secret: Mapping[str, Any]) -> ConnectedAccount | None:
        channel, slash, account = secret["Name"].removeprefix(self._prefix).partition("/")
        if channel not in manifest.names():
            return None
        if not slash:
            fields = self._fields(secret["Name"]) or {}
            account = fields.get(manifest.load(channel).connect.account)
            if account in not_served(fields):
                return None
        if not isinstance(account, str) or not is_account(account):
            return None
        tags = {each["Key"]: each["Value"] for each in secret.get("Tags", ())}
        since = (secret["CreatedDate"] if slash else secret["LastChangedDate"]).timestamp()
        name = tags.get("chatflow:name", "")
        return ConnectedAccount(channel, account, secret["Name"], since, name, older=not slash)

    def _not_served(self, secret: str) -> dict[str, Any]:
        """The field NOT_SERVED of a channel's older secret as it is stored, {} for none."""
        listed = not_served(self._fields(secret) or {})
        return {NOT_SERVED: listed} if listed else {}

    def _stop_serving(self, account: ConnectedAccount) -> None:
        """Have the older secret of the channel, if there is one, not serve an account when its own secret is gone."""
        older = secret_name(self._prefix, account.channel, "")
        try:
            fields = self._fields(older)
        except (self._client.exceptions.ResourceNotFoundException, self._client.exceptions.InvalidRequestException):
            return
        if fields is None or account.account in not_served(fields):
            return
        fields[NOT_SERVED] = [*not_served(fields), account.account]
        self._client.put_secret_value(SecretId=older, SecretString=json.dumps(fields))

    def _fields(self, secret: str) -> dict[str, Any] | None:
        """The JSON object that a secret holds; None for anything else."""
        try:
            fields = json.loads(self._client.get_secret_value(SecretId=secret)["SecretString"])
        except (ValueError, RecursionError, KeyError):
            return None
        return fields if isinstance(fields, dict) else None

    def _key(self) -> dict[str, str]:
        """The deployment's own encryption key, as its other secrets name it; {} where AWS's key encrypts them."""
        key = self._client.describe_secret(SecretId=self._conversation_secret).get("KmsKeyId")
        return {"KmsKeyId": key} if key else {}


def _tag_value(text: str) -> str:
    return _NOT_IN_A_TAG.sub("", text)[:_LONGEST_TAG].strip()
