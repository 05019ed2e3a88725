"""The live routes, as a turn reads them: together with its session, or from the copy of this process."""

from __future__ import annotations

from typing import Any, Final

from chatflow.adapters.dynamodb.items import Item, document, get_item, number
from chatflow.adapters.dynamodb.live_copies import LiveCopies, LiveCopy
from chatflow.adapters.dynamodb.version_items import LIVE, key
from chatflow.conversation.routing import PublishedRoutes
from chatflow.conversation.session import ROUTES
from chatflow.errors import TurnFailed, Unreadable

_KEY: Final = key(ROUTES, LIVE)


class RoutesReader:
    """Reads the routes in the table `flows`. Without `copies`, they are read each time."""

    def __init__(self, table: str, copies: LiveCopies | None) -> None:
        self.table = table
        self._copies = copies

    def request(self) -> dict[str, Any]:
        """What a BatchGetItem asks for, to hand over to `take`; nothing while the copy is fresh."""
        if self._copies and self._copies.fresh(ROUTES):
            return {}
        consistent = self._copies is None or ROUTES not in self._copies
        return {self.table: {"Keys": [_KEY], "ConsistentRead": consistent}}

    def take(self, request: dict[str, Any], items: list[Item], at_least: int) -> dict[str, Any]:
        """The routes: those that the request brought, or the copy; none ({}) where none were ever published.

        Reads them again, consistently, if they are older than version `at_least`. Raises TurnFailed.
        """
        brought = _copy(items[0]) if items else None
        if self._copies is None:
            return brought.content if brought else {}
        copy = None if request else self._copies.newest(ROUTES)
        if copy is None or copy.version < at_least:
            consistently = bool(request) and request[self.table]["ConsistentRead"]

            def read(consistent: bool) -> LiveCopy | None:
                return brought if request and consistent == consistently else self._read()

            copy = self._copies.renew(ROUTES, read, at_least)
        return copy.content if copy else {}

    def newer(self, than: dict[str, Any]) -> dict[str, Any] | None:
        """The live routes, read consistently, if they are others than these."""
        found = self._read()
        if found and self._copies:
            self._copies.keep(ROUTES, found, self._copies.clock())
        return found.content if found and found.content != than else None

    def _read(self) -> LiveCopy | None:
        item = get_item(self.table, _KEY, consistent=True)
        return _copy(item) if item else None


def _copy(item: Item) -> LiveCopy:
    """Raises TurnFailed: this concerns every conversation, and is repaired by publishing the routes."""
    try:
        return LiveCopy(number(item, "version"), PublishedRoutes(document(item, "the published routes")))
    except Unreadable as error:
        raise TurnFailed(f"{error}; publish the routes again") from None
