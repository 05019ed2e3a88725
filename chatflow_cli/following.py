"""A transcript that grows: what is new in it since it was last looked at."""

from __future__ import annotations

from typing import Any

from chatflow_cli.api import ManagementApi


class Following:
    """Reads a list that is only added to at its end; of what it knows, it asks for the last page alone."""

    def __init__(self, api: ManagementApi, where: str) -> None:
        self._api = api
        self._where = where
        self._page: str | None = None  # the cursor of the last page
        self._seen: set[str] = set()

    def more(self) -> list[Any]:
        """What was not seen before, in order."""
        new = []
        while True:
            page = self._api.get(self._where, limit=100, cursor=self._page)
            new += [each for each in page["items"] if each["id"] not in self._seen]
            self._seen |= {each["id"] for each in page["items"]}
            if not page["next"]:
                return new
            self._page = page["next"]
