"""The asset library's table: which version of a file is live, and what is on its way.

Key `name` + `item`: "live" (a copy of the live version), "v000001" (versions never change), "upload" (a file that is
expected or was rejected). "live" and "upload" carry `listed`, and stand in the index of that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from chatflow.adapters.aws import client
from chatflow.assets.asset import Asset, Upload, Version, digest
from chatflow.errors import Unavailable
from chatflow.media.reference import MediaReference

Item = dict[str, Any]
_LISTED: Final = {"listed": {"S": "asset"}}
_FILE: Final = ("key", "sha256", "size", "mime", "kind", "filename")
_TRIES: Final = 5  # of one change, while others change the same asset
_NAMES: Final = {"#name": "name", "#item": "item"}


class Library:
    """The table `assets`. What a `by` says is a user's name, or where a change came from."""

    def __init__(self, table: str) -> None:
        self._table = table

    def find(self, name: str) -> Asset | None:
        """The asset of this name, if there is anything of it."""
        found = client("dynamodb").query(
            TableName=self._table,
            KeyConditionExpression="#name = :name AND #item BETWEEN :live AND :upload",
            ExpressionAttributeNames=_NAMES,
            ExpressionAttributeValues={":name": {"S": name}, ":live": {"S": "live"}, ":upload": {"S": "upload"}},
            ConsistentRead=True,
        )["Items"]
        return _asset(name, found) if found else None

    def all(self, after: str = "") -> Iterator[Asset]:
        """Every asset whose name comes after this one, in the order of names; asks for more only when it is read on."""
        pages = (
            client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self._table,
                IndexName="listed",
                KeyConditionExpression="listed = :asset" + (" AND #name > :after" if after else ""),
                ExpressionAttributeValues={":asset": {"S": "asset"}, **({":after": {"S": after}} if after else {})},
                **({"ExpressionAttributeNames": {"#name": "name"}} if after else {}),
            )
        )
        items = (item for page in pages for item in page["Items"])
        for name, heads in groupby(items, key=lambda item: str(item["name"]["S"])):
            yield _asset(name, list(heads))

    def versions(self, name: str, before: int = 0, limit: int = 25) -> list[Version]:
        """The versions of an asset, the newest first, from below the number `before` on (0: from the newest)."""
        found = client("dynamodb").query(
            TableName=self._table,
            KeyConditionExpression="#name = :name AND #item BETWEEN :first AND :last",
            ExpressionAttributeNames=_NAMES,
            ExpressionAttributeValues={
                ":name": {"S": name},
                ":first": {"S": _item(0)},
                ":last": {"S": _item(before - 1) if before else "v~"},
            },
            ScanIndexForward=False,
            Limit=limit,
        )["Items"]
        return [_version(item) for item in found]

    def expect(self, upload: Upload, *, instead_of: str) -> bool:
        """An upload is allowed; the one that was allowed before (its id, "" for none) is not waited for any more.

        False when that is another one by now: nothing is changed then.
        """
        condition = "#id = :seen" if instead_of else "#id = :seen OR attribute_not_exists(#id)"
        return self._put_if(_upload_item(upload), condition, {"#id": "upload"}, {":seen": {"S": instead_of}})

    def reject(self, upload: Upload) -> bool:
        """Say why a file was not taken. False when another upload is expected meanwhile: then nobody asks any more."""
        values: Item = {":id": {"S": upload.id}, ":uploading": {"S": "uploading"}}
        # What a person put into the bucket was expected by nobody; it is shown unless an upload is on its way.
        condition = "#id = :id AND #state = :uploading" if upload.id else "#id = :id OR attribute_not_exists(#state)"
        if not upload.id:
            condition += " OR #state <> :uploading"
        return self._put_if(_upload_item(upload), condition, {"#id": "upload", "#state": "state"}, values)

    def forget_rejected(self, name: str, key: str) -> None:
        """The object at this key, which was rejected under this name, is gone or was taken."""
        dynamodb = client("dynamodb")
        try:
            dynamodb.delete_item(
                TableName=self._table,
                Key=_key(name, "upload"),
                ConditionExpression="#key = :key AND #state = :rejected",
                ExpressionAttributeNames={"#key": "key", "#state": "state"},
                ExpressionAttributeValues={":key": {"S": key}, ":rejected": {"S": "rejected"}},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return

    def take(
        self, name: str, file: MediaReference, *, by: str, upload: str, arrived_at: int, now: int
    ) -> Version | None:
        """A checked file becomes the live version. `upload`: the id of the upload that ends with it, "" for none.

        None when a newer file took its place, or its upload was superseded: nothing is changed then.
        """
        for _ in range(_TRIES):
            live = self._live(name)
            if live is not None and live.arrived_at > arrived_at:
                return None
            made = Version(name, self._latest(name) + 1, file, "api", by, now, arrived_at)
            changes = self._made_live(made, live)
            if upload:
                changes.append(self._ended(name, upload))
            refused = self._together(changes)
            if refused is None:
                return made
            if upload and refused[-1]:
                return None
        raise Unavailable(f"the asset {name} is being changed by others; try again")

    def rename(self, asset: Version, filename: str, *, by: str, now: int) -> Version | None:
        """A new version with the same bytes. None when that version is not the live one any more."""
        file = MediaReference(**{**asset.file.to_json(), "filename": filename})
        made = Version(asset.name, self._latest(asset.name) + 1, file, "api", by, now, asset.arrived_at)
        return made if self._together(self._made_live(made, asset)) is None else None

    def delete(self, asset: Asset, *, versions_until: int) -> bool:
        """It is not live any more, and nothing is expected; its versions end at that time (seconds since the epoch).

        False when it was changed meanwhile.
        """
        changes: list[Item] = [{"Delete": {"TableName": self._table, "Key": _key(asset.name, "upload")}}]
        if asset.live is not None:
            changes.append({"Delete": {"TableName": self._table, **self._still(asset.live, asset.name)}})
        else:
            changes.append({"ConditionCheck": {"TableName": self._table, **self._still(None, asset.name)}})
        if self._together(changes) is not None:
            return False
        if asset.live is None:
            return True
        before = asset.live.version + 1  # what comes under the same name meanwhile stays
        while found := self.versions(asset.name, before):
            for version in found:
                self._end(version, versions_until)
            before = found[-1].version
        return True

    def is_used(self, key: str) -> bool:
        """Whether an asset that is live has these bytes."""
        return any(asset.live is not None and asset.live.file.key == key for asset in self.all())

    def _end(self, version: Version, until: int) -> None:
        client("dynamodb").update_item(
            TableName=self._table,
            Key=_key(version.name, _item(version.version)),
            UpdateExpression="SET expires_at = :until",
            ConditionExpression="attribute_exists(#name)",
            ExpressionAttributeNames={"#name": "name"},
            ExpressionAttributeValues={":until": {"N": str(until)}},
        )

    def _made_live(self, made: Version, was: Version | None) -> list[Item]:
        item = _version_item(made)
        version = {**_key(made.name, _item(made.version)), **item}
        new = {"ConditionExpression": "attribute_not_exists(#name)", "ExpressionAttributeNames": {"#name": "name"}}
        still = self._still(was, made.name)
        del still["Key"]
        live = {**_key(made.name, "live"), **item, **_LISTED}
        return [
            {"Put": {"TableName": self._table, "Item": version, **new}},
            {"Put": {"TableName": self._table, "Item": live, **still}},
        ]

    def _still(self, live: Version | None, name: str) -> Item:
        """The live item, on condition that it is as it was seen."""
        place = {"Key": _key(name, "live")}
        if live is None:
            new = {"ConditionExpression": "attribute_not_exists(#name)", "ExpressionAttributeNames": {"#name": "name"}}
            return {**place, **new}
        was = {":was": {"N": str(live.version)}}
        return {**place, "ConditionExpression": "version = :was", "ExpressionAttributeValues": was}

    def _ended(self, name: str, upload: str) -> Item:
        return {
            "Delete": {
                "TableName": self._table,
                "Key": _key(name, "upload"),
                "ConditionExpression": "#id = :id",
                "ExpressionAttributeNames": {"#id": "upload"},
                "ExpressionAttributeValues": {":id": {"S": upload}},
            }
        }

    def _together(self, changes: list[Item]) -> list[bool] | None:
        """All of the changes or none: then whether each was refused by its condition."""
        dynamodb = client("dynamodb")
        try:
            dynamodb.transact_write_items(TransactItems=changes)
        except dynamodb.exceptions.TransactionCanceledException as cancelled:
            return [each.get("Code") == "ConditionalCheckFailed" for each in cancelled.response["CancellationReasons"]]
        return None

    def _put_if(self, item: Item, condition: str, names: dict[str, str], values: Item) -> bool:
        dynamodb = client("dynamodb")
        try:
            dynamodb.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _live(self, name: str) -> Version | None:
        answer = client("dynamodb").get_item(TableName=self._table, Key=_key(name, "live"), ConsistentRead=True)
        return _version(answer["Item"]) if "Item" in answer else None

    def _latest(self, name: str) -> int:
        """The highest number that was ever given, of what is still kept."""
        found = client("dynamodb").query(
            TableName=self._table,
            KeyConditionExpression="#name = :name AND begins_with(#item, :v)",
            ExpressionAttributeNames=_NAMES,
            ExpressionAttributeValues={":name": {"S": name}, ":v": {"S": "v"}},
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=1,
        )["Items"]
        return int(found[0]["version"]["N"]) if found else 0


def _key(name: str, item: str) -> Item:
    return {"name": {"S": name}, "item": {"S": item}}


def _item(version: int) -> str:
    return f"v{version:06d}"


def _asset(name: str, heads: list[Item]) -> Asset:
    by_item = {str(head["item"]["S"]): head for head in heads}
    live, upload = by_item.get("live"), by_item.get("upload")
    return Asset(name, _version(live) if live else None, _upload(upload) if upload else None)


def _version_item(made: Version) -> Item:
    return {
        **{name: _typed(value) for name, value in made.file.to_json().items() if name in _FILE},
        "version": _typed(made.version),
        "master": _typed(made.master),
        "hash": _typed(digest(made.file)),
        "published_at": _typed(made.published_at),
        "by": _typed(made.by),
        "arrived_at": _typed(made.arrived_at),
    }


def _version(item: Item) -> Version:
    said = _plain(item)
    return Version(
        name=str(said["name"]),
        version=int(said["version"]),
        file=MediaReference(**{field: said[field] for field in _FILE}),
        master=str(said["master"]),
        by=str(said.get("by", "")),
        published_at=int(said["published_at"]),
        arrived_at=int(said.get("arrived_at", 0)),
    )


def _upload_item(upload: Upload) -> Item:
    said: dict[str, str | int] = {
        "upload": upload.id,
        "state": upload.state,
        "reason": upload.reason,
        "key": upload.key,
        "filename": upload.filename,
        "mime": upload.mime,
        "size": upload.size,
        "by": upload.by,
        "at": upload.at,
        **({"expires_at": upload.expires_at} if upload.expires_at else {}),
    }
    return {**_key(upload.name, "upload"), **_LISTED, **{name: _typed(value) for name, value in said.items()}}


def _upload(item: Item) -> Upload:
    said = _plain(item)
    known = {name: said[name] for name in Upload.__dataclass_fields__ if name in said and name != "id"}
    return Upload(**{"expires_at": 0, **known, "id": said["upload"]})


def _typed(value: str | int) -> Item:
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def _plain(item: Item) -> dict[str, Any]:
    return {name: int(value["N"]) if "N" in value else value.get("S", "") for name, value in item.items()}
