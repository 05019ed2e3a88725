"""What is published and drafted, as those who manage it read it: lists, versions with who and why, all sources."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chatflow.adapters.aws import client
from chatflow.errors import Unavailable
from chatflow.publishing.model import LibraryFile, Source, Uses

_MOST_KEYS = 100  # of one BatchGetItem
_BATCHES = 10  # how often what a batch left out is asked for again
_PARTS = ("flow", "routes", "integration", "deployment")
Item = dict[str, Any]


@dataclass(frozen=True)
class Version:
    """One version of something. `published_at` is in seconds since the epoch, `expires_at` 0 when it stays."""

    version: int
    master: str
    published_at: int
    by: str = ""
    note: str = ""
    title: str = ""
    uses: Uses = field(default_factory=dict)
    expires_at: int = 0


@dataclass(frozen=True)
class Listed:
    """A line in a list: something live, drafted, or both. `revision` 0: there is no draft."""

    name: str
    live: Version | None = None
    revision: int = 0
    updated_at: int = 0
    by: str = ""
    title: str = ""


class Catalogue:
    """Reads the tables `flows` and `assets`; `chatflow.adapters.dynamodb.versions` writes them."""

    def __init__(self, flows_table: str, assets_table: str) -> None:
        self._flows = flows_table
        self._assets = assets_table

    def page(self, kind: str, *, after: str = "", limit: int) -> list[Listed]:
        """At most `limit` things of a kind by their names, those after `after`."""
        heads: dict[str, dict[str, Item]] = {}
        for item in self._index(kind, after, limit):
            heads.setdefault(item["name"]["S"].removeprefix(f"{kind}/"), {})[item["item"]["S"]] = item
            if len(heads) > limit:  # it may have a second head: it is the next page's
                break
        return [_listed(name, both) for name, both in [*heads.items()][:limit]]

    def live(self, id: str) -> Version | None:
        """The live version."""
        item = self._item(self._flows, _name(id), "live")
        return _version(item) if item else None

    def versions(self, id: str, *, before: int = 0, limit: int) -> list[Version]:
        """At most `limit` versions, the newest first, those before `before`. What has no source is not among them."""
        pages = (
            client("dynamodb")
            .get_paginator("query")  # one answer ends after 1 MB: a few large documents
            .paginate(
                TableName=self._flows,
                KeyConditionExpression="#name = :name AND #item BETWEEN :first AND :last",
                ExpressionAttributeNames={"#name": "name", "#item": "item"},
                ExpressionAttributeValues={
                    ":name": {"S": _name(id)},
                    ":first": {"S": _source_item(1)},
                    ":last": {"S": _source_item(before - 1 if before else 999_999)},
                },
                ScanIndexForward=False,
                ConsistentRead=True,
                PaginationConfig={"MaxItems": limit},
            )
        )
        return [_version(item) for page in pages for item in page["Items"]]

    def version(self, id: str, version: int) -> tuple[Version, str] | None:
        """A version and its source."""
        item = self._item(self._flows, _name(id), _source_item(version))
        return (_version(item), item["text"]["S"]) if item else None

    def documents(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The published forms of what is live of these."""
        found = self._many(self._flows, ((_name(id), "live") for id in ids))
        return {_id(item): json.loads(item["document"]["S"]) for item in found}

    def uses(self, kind: str) -> dict[str, Uses]:
        """What each live thing of a kind needs, by its name; as the index has it."""
        live = (item for item in _pages(self._flows, kind) if item["item"]["S"] == "live")
        return {item["name"]["S"].removeprefix(f"{kind}/"): _uses(item) for item in live}

    def sources(self, also: Iterable[str] = ()) -> dict[str, Source]:
        """The documents of all that is live, by id, as they are now.

        The index may be a moment behind: what stands in `also` (ids) is looked for whether it is listed or not.
        """
        ids = {id for id in also if not id.startswith("asset/")} | {_id(item) for item in self._heads()}
        heads = self._many(self._flows, ((_name(id), "live") for id in sorted(ids)))
        live = {_id(item): (int(item["version"]["N"]), _uses(item)) for item in heads}
        wanted = ((_name(id), _source_item(version)) for id, (version, _) in sorted(live.items()))
        texts = {_id(item): item["text"]["S"] for item in self._many(self._flows, wanted)}
        return {id: Source(version, texts[id], uses) for id, (version, uses) in live.items() if id in texts}

    def library(self, also: Iterable[str] = ()) -> tuple[LibraryFile, ...]:
        """The files of the library; `also` as above."""
        asked = {id.removeprefix("asset/") for id in also if id.startswith("asset/")}
        listed = {item["name"]["S"] for item in _pages(self._assets, "asset") if item["item"]["S"] == "live"}
        found = self._many(self._assets, ((name, "live") for name in sorted(listed | asked)))
        return tuple(
            LibraryFile(item["name"]["S"], int(item["size"]["N"]), item["sha256"]["S"], item["mime"]["S"])
            for item in found
        )

    def _heads(self) -> Iterator[Item]:
        for kind in _PARTS:
            yield from (item for item in _pages(self._flows, kind) if item["item"]["S"] == "live")

    def _index(self, kind: str, after: str, limit: int) -> Iterator[Item]:
        return _pages(self._flows, kind, f"{kind}/{after}" if kind == "integration" and after else after, 2 * limit + 2)

    def _item(self, table: str, name: str, item: str) -> Item | None:
        key = {"name": {"S": name}, "item": {"S": item}}
        found: Item | None = client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        return found

    def _many(self, table: str, keys: Iterable[tuple[str, str]]) -> list[Item]:
        """The items of these keys that are there."""
        wanted = [{"name": {"S": name}, "item": {"S": item}} for name, item in keys]
        found: list[Item] = []
        for start in range(0, len(wanted), _MOST_KEYS):
            left = {table: {"Keys": wanted[start : start + _MOST_KEYS], "ConsistentRead": True}}
            for _ in range(_BATCHES):
                answer = client("dynamodb").batch_get_item(RequestItems=left)
                found += answer["Responses"].get(table, [])
                left = answer.get("UnprocessedKeys") or {}
                if not left:
                    break
            else:
                raise Unavailable("the table does not give all that is asked for; try again in a moment")
        return found


def _pages(table: str, kind: str, after: str = "", limit: int = 0) -> Iterator[Item]:
    """The items of the index `listed`, by name."""
    asked: dict[str, Any] = {
        "TableName": table,
        "IndexName": "listed",
        "KeyConditionExpression": "listed = :kind" + (" AND #name > :after" if after else ""),
        "ExpressionAttributeValues": {":kind": {"S": kind}, **({":after": {"S": after}} if after else {})},
    }
    if after:
        asked["ExpressionAttributeNames"] = {"#name": "name"}
    if limit:
        asked["Limit"] = limit
    while True:
        page = client("dynamodb").query(**asked)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _listed(name: str, heads: dict[str, Item]) -> Listed:
    live, draft = heads.get("live"), heads.get("draft", {})
    version = _version(live) if live else None
    return Listed(
        name,
        version,
        int(draft.get("revision", {"N": "0"})["N"]),
        int(draft.get("updated_at", {"N": "0"})["N"]),
        draft.get("by", {"S": ""})["S"],
        version.title if version else draft.get("title", {"S": ""})["S"],
    )


def _version(item: Item) -> Version:
    return Version(
        int(item["version"]["N"]),
        item["master"]["S"],
        int(item["published_at"]["N"]),
        item.get("by", {"S": ""})["S"],
        item.get("note", {"S": ""})["S"],
        item.get("title", {"S": ""})["S"],
        _uses(item),
        int(item.get("expires_at", {"N": "0"})["N"]),
    )


def _uses(item: Item) -> Uses:
    uses: Uses = json.loads(item["uses"]["S"]) if "uses" in item else {}
    return uses


def _name(id: str) -> str:
    return id.partition("/")[2] if id.startswith(("flow/", "routes/")) else id


def _id(item: Item) -> str:
    name = item["name"]["S"]
    return name if "/" in name else "routes/routes" if name == "routes" else f"flow/{name}"


def _source_item(version: int) -> str:
    return f"source#v{version:06d}"
