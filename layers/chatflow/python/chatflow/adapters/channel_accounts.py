"""The accounts that are connected to channels, and their credentials: numbers, bots, pages.

Each account has a secret of its own, `<prefix><channel>/<account>`, which `chatflow channels connect` stores. The
secret `<prefix><channel>` is older: the first releases had one for each channel. It serves every account that has no
secret of its own, as it always did: one app may have several numbers. It does not serve the accounts in its field
NOT_SERVED: these had a secret of their own and were disconnected. Secrets Manager forgets a deleted secret after its
recovery window; this field does not.

Secrets are cached, and so is that there is none: for as long where a signed message brought the account, for
UNKNOWN_SECONDS where the path of a request did. Strangers write paths. What cannot be an account is never looked up,
and of names that do not exist a process looks up MISSES_PER_SECOND, so that no stranger causes a call to Secrets
Manager with each request. An account that the process knows, and the one that the channel's older secret names, are not
subject to that limit.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any, Final

from chatflow.adapters.secrets import CACHE_SECONDS, NoSecret, is_known, secret_fields
from chatflow.channels import manifest
from chatflow.errors import NotConnected, NotPublished, Unavailable

UNKNOWN_SECONDS: Final = 30.0  # so that an account that was connected a moment ago is soon known
MISSES_PER_SECOND: Final = 5.0
NOT_SERVED: Final = "not_served"
_BURST: Final = 10.0
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def is_account(text: str) -> bool:
    """Whether this can be the name of an account: letters, digits, "-" and "_", at most 64 of them."""
    return _ACCOUNT.fullmatch(text) is not None


def secret_name(prefix: str, channel: str, account: str) -> str:
    """The name of the account's own secret; without an account, that of the channel's older secret."""
    return f"{prefix}{channel}/{account}" if account else f"{prefix}{channel}"


def not_served(older: Mapping[str, Any]) -> list[Any]:
    """The accounts that the channel's older secret no longer serves."""
    listed = older.get(NOT_SERVED)
    return listed if isinstance(listed, list) else []


class ChannelAccounts:
    """The accounts whose secrets' names begin with `prefix`."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._strangers = _Budget()

    def credentials(self, channel: str, account: str, *, max_age: float = CACHE_SECONDS) -> Mapping[str, Any]:
        """The credentials of an account, read no more than `max_age` seconds ago.

        Raises NotConnected when there are none, or they name another account; NotPublished when the secret is no JSON
        object; Unavailable when it may not be read: the older one may be of another app.
        """
        own = self._own(channel, account, max_age, absent_for=max_age)
        if own is None:
            return self._older(channel, max_age, account)
        if _named_account(channel, own) not in ("", account):
            raise NotConnected(f"the secret of account {account} of channel {channel} names another account")
        return own

    def of_path(self, channel: str, account: str | None, *, max_age: float = CACHE_SECONDS) -> Mapping[str, Any]:
        """What verifies a request to the webhook of this account; None is the webhook of the channel alone.

        The channel's older secret verifies requests to an account without a secret of its own if it names that account.
        Raises NotConnected; NotPublished as `credentials` does; Unavailable while too many unknown names are asked for.
        """
        if account is None:
            return self._older(channel, max_age)
        if not is_account(account):
            raise NotConnected("what the path names is no account")
        absent_for = min(max_age, UNKNOWN_SECONDS)
        known = is_known(secret_name(self._prefix, channel, account), absent_for=absent_for)
        # The older secret is asked last: an account that is known, or has a secret of its own, does not need it.
        if not known and self._strangers.is_spent() and not self._is_named_by_older(channel, account, max_age):
            raise Unavailable("too many accounts that are not connected are asked for: this one was not looked up")
        own = self._own(channel, account, max_age, absent_for)
        if own is not None:
            return own
        if not known and not self._is_named_by_older(channel, account, max_age):
            self._strangers.spend()
        older = self._older(channel, max_age, account)
        if _named_account(channel, older) != account:
            raise NotConnected(f"account {account} of channel {channel} is not connected")
        return older

    def _is_named_by_older(self, channel: str, account: str, max_age: float) -> bool:
        """Whether the channel's older secret names this account. It is cached as any other, whoever asks."""
        try:
            return _named_account(channel, self._older(channel, max_age, account)) == account
        except NotPublished:
            return False

    def _own(self, channel: str, account: str, max_age: float, absent_for: float) -> dict[str, Any] | None:
        """The account's own secret; None where it never had one. Raises NotConnected when it was deleted."""
        if not is_account(account):
            return None
        try:
            return secret_fields(secret_name(self._prefix, channel, account), max_age=max_age, absent_for=absent_for)
        except NoSecret as error:
            if error.deleted:
                raise NotConnected(f"account {account} of channel {channel} was disconnected") from None
            return None

    def _older(self, channel: str, max_age: float, account: str = "") -> dict[str, Any]:
        """The channel's older secret, for this account; "" for whatever it serves."""
        try:
            older = secret_fields(secret_name(self._prefix, channel, ""), max_age=max_age, absent_for=max_age)
        except NoSecret:
            raise NotConnected(f"no such account of channel {channel} is connected") from None
        if account in not_served(older):
            raise NotConnected(f"account {account} of channel {channel} was disconnected")
        return older


class _Budget:
    """How many names that do not exist may still be looked up for strangers."""

    def __init__(self) -> None:
        self._left = _BURST
        self._at = time.monotonic()

    def is_spent(self) -> bool:
        now = time.monotonic()
        self._left = min(_BURST, self._left + (now - self._at) * MISSES_PER_SECOND)
        self._at = now
        return self._left < 1.0

    def spend(self) -> None:
        self._left -= 1.0


def _named_account(channel: str, secret: Mapping[str, Any]) -> str:
    """The account that the secret's fields name, "" for none."""
    named = secret.get(manifest.load(channel).connect.account)
    return named if isinstance(named, str) else ""
