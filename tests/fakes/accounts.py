"""Accounts of a channel, in place of `chatflow.adapters.channel_accounts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatflow.errors import NotConnected


class FakeAccounts:
    """The secret of each account by its name, that of the channel alone under None, which serves all other accounts.

    `cached` secrets are what is read without `max_age`, as long as nothing else was read. `reads` are all options of
    the look-ups by path.
    """

    def __init__(self, stored: Mapping[str | None, Mapping[str, Any]]) -> None:
        self.stored = dict(stored)
        self.cached = dict(stored)
        self.reads: list[Mapping[str, Any]] = []

    def of_path(self, channel: str, account: str | None, **options: Any) -> Mapping[str, Any]:
        self.reads.append(options)
        return self._read(account, options)

    def credentials(self, channel: str, account: str, **options: Any) -> Mapping[str, Any]:
        return self._read(account if account in self.stored else None, options)

    def _read(self, account: str | None, options: Mapping[str, Any]) -> Mapping[str, Any]:
        if options:
            self.cached = dict(self.stored)
        if account not in self.cached:
            raise NotConnected("no such account")
        return self.cached[account]
