"""Calls a channel's API with an account's credentials."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.channels import manifest
from chatflow.channels.manifest import ChannelManifest
from chatflow.errors import ChatflowError, NotPublished, Refused
from chatflow_cli.errors import CommandError, Unavailable

_TIMEOUT: Final = 20.0  # seconds


class ChannelApi:
    """The API of a channel for one account. `stand_in` allows the channel's hosts to be internal addresses."""

    def __init__(
        self, channel: ChannelManifest, account: str, credentials: Mapping[str, Any], *, stand_in: bool
    ) -> None:
        self._channel = channel
        fetch = GuardedFetch(channel.hosts if stand_in else frozenset())
        self._client = self._said(
            lambda: manifest.part(channel.name, "client").Client(
                account, credentials, fetch, channel.hosts, channel.api
            )
        )

    @staticmethod
    def names_accounts(channel: ChannelManifest) -> bool:
        """Whether the credentials alone name the account: then nobody is asked for it."""
        return hasattr(manifest.part(channel.name, "client").Client, "account_id")

    @staticmethod
    def registers_webhooks(channel: ChannelManifest) -> bool:
        """Whether the channel's API sets the address of the webhook: then no person has to."""
        return hasattr(manifest.part(channel.name, "client").Client, "register_webhook")

    def account_id(self) -> str:
        """The account that the credentials are of."""
        return str(self._said(lambda: self._client.account_id(_deadline())))

    def account_name(self) -> str:
        """The account's name. Raises CommandError when the API refuses the credentials, Unavailable."""
        return str(self._said(lambda: self._client.account_name(_deadline())))

    def register_webhook(self, url: str, secret: str) -> None:
        self._said(lambda: self._client.register_webhook(url, secret, _deadline()))

    def remove_webhook(self, url: str) -> bool:
        """Have the channel post nothing more to this URL; False where its API does not do that, or did not now."""
        remove = getattr(self._client, "remove_webhook", None)
        try:
            if remove:
                self._said(lambda: remove(url, _deadline()))
        except CommandError:
            return False
        return remove is not None

    def _said(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except (Refused, NotPublished) as error:
            raise CommandError(f"{self._channel.title} refused it.", str(error)) from None
        except ChatflowError as error:
            raise Unavailable(f"{self._channel.title} could not be asked.", str(error)) from None


def current_value(stored: Any) -> str:
    """The value in use. During a rotation, a field may hold a list of the new value and the old one."""
    return str(stored[0] if isinstance(stored, list) and stored else stored)


def _deadline() -> int:
    return round((time.time() + _TIMEOUT) * 1000)
