"""What is published and drafted, as the management API reads it: lists, versions with author and note, all documents.

Reads the tables `flows` and `assets`. Their items are described in `chatflow.adapters.dynamodb.version_items`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from chatflow.adapters.dynamodb.items import Item, batch_get, get_item, number, query, text
from chatflow.adapters.dynamodb.version_items import (
    DRAFT,
    INDEX,
    LATEST_NUMBER,
    LIVE,
    id_of,
    key,
    key_of,
    source_item,
    stored_name,
)
from chatflow.flows.interfaces import Interface, stored_interface
from chatflow.publishing.model import LiveAsset, Source, Uses

_DOCUMENT_KINDS = ("flow", "routes", "integration", "deployment")


@dataclass(frozen=True)
class Version:
    """One version of something. `published_at` is in seconds since the epoch."""

    version: int
    master: str
    published_at: int
    by: str = ""
    note: str = ""
    title: str = ""
    uses: Uses = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """One line of a list: something live, drafted, or both. `revision` is the draft's, 0 when there is no draft."""

    name: str
    live: Version | None = None
    revision: int = 0
    updated_at: int = 0
    by: str = ""
    title: str = ""


class PublishedIndex:
    """Both tables, read only. `chatflow.adapters.dynamodb.versions` writes them."""

    def __init__(self, flows_table: str, assets_table: str) -> None:
        self._flows = flows_table
        self._assets = assets_table

    def page(self, kind: str, *, after: str = "", limit: int) -> list[Listing]:
        """At most `limit` things of a kind, ordered by name, from the first name after `after` on."""
        heads: dict[str, dict[str, Item]] = {}
        for item in self._listed_page(kind, after, limit):
            heads.setdefault(item["name"]["S"].removeprefix(f"{kind}/"), {})[item["item"]["S"]] = item
            if len(heads) > limit:  # one thing more than the page holds, of which a second item may follow
                break
        return [_listing(name, both) for name, both in islice(heads.items(), limit)]

    def live(self, id: str) -> Version | None:
        """The live version."""
        item = get_item(self._flows, key_of(id, LIVE), consistent=True)
        return _version(item) if item else None

    def versions(self, id: str, *, before: int = 0, limit: int) -> list[Version]:
        """At most `limit` versions below the number `before` (0: from the newest on), the newest first.

        A version without a source is not listed.
        """
        items = query(
            self._flows,
            "#name = :name AND #item BETWEEN :first AND :last",
            {
                ":name": {"S": stored_name(id)},
                ":first": {"S": source_item(1)},
                ":last": {"S": source_item(before - 1 if before else LATEST_NUMBER)},
            },
            ExpressionAttributeNames={"#name": "name", "#item": "item"},
            ScanIndexForward=False,
            ConsistentRead=True,
        )
        # A page ends at 1 MB, after a few large documents: further pages are read until there are enough versions.
        return [_version(item) for item in islice(items, limit)]

    def version(self, id: str, version: int) -> tuple[Version, str] | None:
        """A version and its document as it was written."""
        item = get_item(self._flows, key_of(id, source_item(version)), consistent=True)
        return (_version(item), item["text"]["S"]) if item else None

    def documents(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The published forms of the live versions, by id. Without an entry: not live."""
        return {id_of(item): json.loads(item["document"]["S"]) for item in self._live_items(ids)}

    def uses(self, kind: str) -> dict[str, Uses]:
        """What each live thing of a kind uses, by its name. Eventually consistent, as the index is."""
        return {item["name"]["S"].removeprefix(f"{kind}/"): _uses(item) for item in _live_in_index(self._flows, kind)}

    def sources(self, also: Iterable[str] = ()) -> dict[str, Source]:
        """All live versions, by id, read consistently, but for their texts.

        The index may miss a version that has just gone live: `also` holds ids to read whether they are listed or not.
        """
        ids = {id for id in also if not id.startswith("asset/")}
        ids.update(id_of(item) for kind in _DOCUMENT_KINDS for item in _live_names(self._flows, kind))
        return {
            id_of(item): Source(number(item, "version"), None, _uses(item), _interface(item))
            for item in self._live_items(sorted(ids), ("name", "version", "uses", "interface"))
        }

    def living(self, ids: Iterable[str]) -> set[str]:
        """Those of these ids that are live, assets among them."""
        wanted = set(ids)
        assets = sorted(id.removeprefix("asset/") for id in wanted if id.startswith("asset/"))
        found = self._live_items(sorted(id for id in wanted if not id.startswith("asset/")), ("name",))
        files = batch_get(self._assets, (key(name, LIVE) for name in assets), consistent=True, fields=("name",))
        return {*map(id_of, found), *(f"asset/{item['name']['S']}" for item in files)}

    def texts(self, versions: Mapping[str, int]) -> dict[str, str]:
        """The documents of these versions by id, by id, as they were written."""
        keys = (key_of(id, source_item(version)) for id, version in sorted(versions.items()))
        found = batch_get(self._flows, keys, consistent=True, fields=("name", "text"))
        return {id_of(item): item["text"]["S"] for item in found}

    def assets(self, also: Iterable[str] = ()) -> tuple[LiveAsset, ...]:
        """The live files of the asset library; `also` as in `sources`."""
        names = {id.removeprefix("asset/") for id in also if id.startswith("asset/")}
        names.update(item["name"]["S"] for item in _live_names(self._assets, "asset"))
        items = batch_get(self._assets, (key(name, LIVE) for name in sorted(names)), consistent=True)
        return tuple(
            LiveAsset(
                item["name"]["S"],
                int(item["size"]["N"]),
                item["sha256"]["S"],
                item["mime"]["S"],
                item["encoding"]["S"] if "encoding" in item else "",
            )
            for item in items
        )

    def _live_items(self, ids: Iterable[str], fields: Sequence[str] = ()) -> list[Item]:
        return batch_get(self._flows, (key_of(id, LIVE) for id in ids), consistent=True, fields=fields)

    def _listed_page(self, kind: str, after: str, limit: int) -> Iterator[Item]:
        # A thing has at most two items in the index: its live version and its draft.
        return _listed(self._flows, kind, stored_name(f"{kind}/{after}") if after else "", 2 * limit + 2)


def _live_in_index(table: str, kind: str) -> Iterator[Item]:
    return (item for item in _listed(table, kind) if item["item"]["S"] == LIVE)


def _live_names(table: str, kind: str) -> Iterator[Item]:
    """What is live of a kind: the keys alone, since a page of the index is slow to read with everything."""
    only = {"ProjectionExpression": "#name, #item", "ExpressionAttributeNames": {"#name": "name", "#item": "item"}}
    found = query(table, "listed = :kind", {":kind": {"S": kind}}, IndexName=INDEX, **only)
    return (item for item in found if item["item"]["S"] == LIVE)


def _listed(table: str, kind: str, after: str = "", page_size: int = 0) -> Iterator[Item]:
    """The items of a kind in the index, by name, after the stored name `after`."""
    values: Item = {":kind": {"S": kind}}
    request: dict[str, Any] = {}
    condition = "listed = :kind"
    if after:
        condition += " AND #name > :after"
        values[":after"] = {"S": after}
        request["ExpressionAttributeNames"] = {"#name": "name"}
    if page_size:
        request["Limit"] = page_size
    return query(table, condition, values, IndexName=INDEX, **request)


def _listing(name: str, items: dict[str, Item]) -> Listing:
    live, draft = items.get(LIVE), items.get(DRAFT, {})
    version = _version(live) if live else None
    return Listing(
        name,
        version,
        number(draft, "revision"),
        number(draft, "updated_at"),
        text(draft, "by"),
        version.title if version else text(draft, "title"),
    )


def _version(item: Item) -> Version:
    return Version(
        number(item, "version"),
        text(item, "master"),
        number(item, "published_at"),
        text(item, "by"),
        text(item, "note"),
        text(item, "title"),
        _uses(item),
    )


def _interface(item: Item) -> Interface | None:
    return stored_interface(json.loads(item["interface"]["S"])) if "interface" in item else None


def _uses(item: Item) -> Uses:
    uses: Uses = json.loads(item["uses"]["S"]) if "uses" in item else {}
    return uses
