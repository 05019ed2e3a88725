"""Table `assets`: the versions of each asset, which of them is live, and an upload that is expected or was rejected.

`version_items` describes the items of versions. An asset has one more, "upload": a file that is expected or was
rejected. "live" and "upload" carry `listed`, and are in the index of that name.

`live_file` is all that a visit needs; `AssetStore` serves the management API and the processing of uploads. The classes
of assets are imported where they are needed, so that a visit's start does not pay for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.items import Item, get_item, number, query, schema
from chatflow.adapters.dynamodb.version_items import INDEX, LIVE, VERSIONS, version_item
from chatflow.adapters.dynamodb.version_items import key as item_key
from chatflow.errors import NotPublished, Unavailable
from chatflow.media.reference import MediaReference
from chatflow.tolerant_reader import read

if TYPE_CHECKING:
    from chatflow.assets.asset import Asset, Upload, Version

_UPLOAD: Final = "upload"
_LISTED: Final = {"listed": {"S": "asset"}}
_FILE: Final = ("key", "sha256", "size", "mime", "kind", "filename")
_ENCODING: Final = "encoding"  # of the file; versions from before it was recorded, and most others, have none
_MAX_ATTEMPTS: Final = 5  # at one change, while others change the same asset
_NAMES: Final = {"#name": "name", "#item": "item"}
_IS_NEW: Final = {"ConditionExpression": "attribute_not_exists(#name)", "ExpressionAttributeNames": {"#name": "name"}}


def live_file(table: str, name: str) -> MediaReference:
    """The live version's file, as it is now. Raises NotPublished when there is no asset of this name."""
    item = get_item(table, item_key(name, LIVE), consistent=False)
    if item is None:
        raise NotPublished(f"there is no asset named {name}; add it to the library, or correct the flow")
    return MediaReference.from_json(_plain(item))


class AssetStore:
    """The table `assets`. `by` is the name of a user, or the source of a change."""

    def __init__(self, table: str) -> None:
        self._table = table

    def find(self, name: str) -> Asset | None:
        """The asset of this name; None without a live version and an upload."""
        heads = list(
            query(
                self._table,
                "#name = :name AND #item BETWEEN :live AND :upload",
                {":name": {"S": name}, ":live": {"S": LIVE}, ":upload": {"S": _UPLOAD}},
                ExpressionAttributeNames=_NAMES,
                ConsistentRead=True,
            )
        )
        return _asset(name, heads) if heads else None

    def all(self, after: str = "") -> Iterator[Asset]:
        """Every asset whose name comes after this one, ordered by name. Pages are fetched only as they are needed."""
        items = query(
            self._table,
            "listed = :asset" + (" AND #name > :after" if after else ""),
            {":asset": {"S": "asset"}, **({":after": {"S": after}} if after else {})},
            IndexName=INDEX,
            **({"ExpressionAttributeNames": {"#name": "name"}} if after else {}),
        )
        for name, heads in groupby(items, key=lambda item: str(item["name"]["S"])):
            yield _asset(name, list(heads))

    def versions(self, name: str, before: int = 0, limit: int = 25) -> list[Version]:
        """The versions of an asset, newest first; with `before`, only those with a lower number."""
        newest = version_item(before - 1) if before else f"{VERSIONS}~"
        items = client("dynamodb").query(
            TableName=self._table,
            KeyConditionExpression="#name = :name AND #item BETWEEN :first AND :last",
            ExpressionAttributeNames=_NAMES,
            ExpressionAttributeValues={":name": {"S": name}, ":first": {"S": version_item(0)}, ":last": {"S": newest}},
            ScanIndexForward=False,
            Limit=limit,
        )["Items"]
        return [_version(item) for item in items]

    def expect(self, upload: Upload, *, instead_of: str) -> bool:
        """Expect an upload, in place of the one that was expected before (its id, "" for none).

        False, and nothing is changed, when another upload has taken its place meanwhile.
        """
        condition = "#id = :seen" if instead_of else "#id = :seen OR attribute_not_exists(#id)"
        return self._put_if(_upload_item(upload), condition, {"#id": "upload"}, {":seen": {"S": instead_of}})

    def reject(self, upload: Upload) -> bool:
        """Store why a file was rejected. False, and nothing is changed, when another upload is expected by now."""
        values: Item = {":id": {"S": upload.id}, ":uploading": {"S": "uploading"}}
        # A file that a person put into the bucket was not expected; it is shown unless an upload is in progress.
        condition = "#id = :id AND #state = :uploading" if upload.id else "#id = :id OR attribute_not_exists(#state)"
        if not upload.id:
            condition += " OR #state <> :uploading"
        return self._put_if(_upload_item(upload), condition, {"#id": "upload", "#state": "state"}, values)

    def forget_rejected(self, name: str, key: str) -> None:
        """Delete the rejection of the object at this key: the object was deleted, or accepted after all."""
        dynamodb = client("dynamodb")
        try:
            dynamodb.delete_item(
                TableName=self._table,
                Key=item_key(name, _UPLOAD),
                ConditionExpression="#key = :key AND #state = :rejected",
                ExpressionAttributeNames={"#key": "key", "#state": "state"},
                ExpressionAttributeValues={":key": {"S": key}, ":rejected": {"S": "rejected"}},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return

    def publish(
        self, name: str, file: MediaReference, *, by: str, upload: str, arrived_at: int, now: int
    ) -> Version | None:
        """Make a checked file the live version. `upload`: the id of the upload that it completes, "" for none.

        None, and nothing is changed, when a newer file is live or the upload was superseded. Raises Unavailable when
        others keep changing the same asset.
        """
        for _ in range(_MAX_ATTEMPTS):
            live = self._live(name)
            if live is not None and live.arrived_at > arrived_at:
                return None
            version = self._next_version(name, file, by, now, arrived_at)
            changes = self._publish_changes(version, live)
            if upload:
                changes.append(self._end_upload(name, upload))
            failed = self._transact(changes)
            if failed is None:
                return version
            if upload and failed[-1]:
                return None
        raise Unavailable(f"the asset {name} is being changed by others; try again")

    def rename(self, asset: Version, filename: str, *, by: str, now: int) -> Version | None:
        """Publish the same bytes under another file name. None when that version is no longer the live one."""
        file = MediaReference(**{**asset.file.to_json(), "filename": filename})
        version = self._next_version(asset.name, file, by, now, asset.arrived_at)
        return version if self._transact(self._publish_changes(version, replaces=asset)) is None else None

    def delete(self, asset: Asset, *, versions_until: int) -> bool:
        """Delete the live version and any upload; the versions expire at `versions_until` (seconds since the epoch).

        False, and nothing is changed, when the asset was changed meanwhile.
        """
        live = {"TableName": self._table, "Key": item_key(asset.name, LIVE), **_is_live(asset.live)}
        changes: list[Item] = [
            {"Delete": {"TableName": self._table, "Key": item_key(asset.name, _UPLOAD)}},
            {"Delete" if asset.live else "ConditionCheck": live},
        ]
        if self._transact(changes) is not None:
            return False
        if asset.live is None:
            return True
        before = asset.live.version + 1  # versions published under the same name meanwhile stay
        while versions := self.versions(asset.name, before):
            for version in versions:
                self._expire(version, versions_until)
            before = versions[-1].version
        return True

    def is_used(self, key: str) -> bool:
        """Whether the live version of some asset has this object key."""
        return any(asset.live is not None and asset.live.file.key == key for asset in self.all())

    def _expire(self, version: Version, until: int) -> None:
        client("dynamodb").update_item(
            TableName=self._table,
            Key=item_key(version.name, version_item(version.version)),
            UpdateExpression="SET expires_at = :until",
            ConditionExpression="attribute_exists(#name)",
            ExpressionAttributeNames={"#name": "name"},
            ExpressionAttributeValues={":until": {"N": str(until)}},
        )

    def _publish_changes(self, version: Version, replaces: Version | None) -> list[Item]:
        """Add the version and make it live, on condition that `replaces` (None: no version) is live until then."""
        fields = _version_fields(version)
        added = {**item_key(version.name, version_item(version.version)), **fields}
        live = {**item_key(version.name, LIVE), **fields, **_LISTED}
        return [
            {"Put": {"TableName": self._table, "Item": added, **_IS_NEW}},
            {"Put": {"TableName": self._table, "Item": live, **_is_live(replaces)}},
        ]

    def _end_upload(self, name: str, upload: str) -> Item:
        return {
            "Delete": {
                "TableName": self._table,
                "Key": item_key(name, _UPLOAD),
                "ConditionExpression": "#id = :id",
                "ExpressionAttributeNames": {"#id": "upload"},
                "ExpressionAttributeValues": {":id": {"S": upload}},
            }
        }

    def _transact(self, changes: list[Item]) -> list[bool] | None:
        """Make all of the changes or none. None on success, else for each change whether its condition failed."""
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
        item = get_item(self._table, item_key(name, LIVE), consistent=True)
        return _version(item) if item else None

    def _next_version(self, name: str, file: MediaReference, by: str, now: int, arrived_at: int) -> Version:
        from chatflow.assets.asset import Version

        return Version(name, self._latest(name) + 1, file, "api", by, now, arrived_at)

    def _latest(self, name: str) -> int:
        """The highest number of the versions that still exist, 0 without any."""
        found = client("dynamodb").query(
            TableName=self._table,
            KeyConditionExpression="#name = :name AND begins_with(#item, :v)",
            ExpressionAttributeNames=_NAMES,
            ExpressionAttributeValues={":name": {"S": name}, ":v": {"S": VERSIONS}},
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=1,
        )["Items"]
        return int(found[0]["version"]["N"]) if found else 0


def _is_live(version: Version | None) -> Item:
    """The condition on the live item that it is a copy of this version, or does not exist."""
    if version is None:
        return _IS_NEW
    values = {":version": {"N": str(version.version)}}
    return {"ConditionExpression": "version = :version", "ExpressionAttributeValues": values}


def _asset(name: str, heads: list[Item]) -> Asset:
    from chatflow.assets.asset import Asset

    by_item = {str(head["item"]["S"]): head for head in heads}
    live, upload = by_item.get(LIVE), by_item.get(_UPLOAD)
    return Asset(name, _version(live) if live else None, _upload(upload) if upload else None)


def _version_fields(version: Version) -> Item:
    from chatflow.assets.asset import version_hash

    return {
        **{name: _typed(value) for name, value in version.file.to_json().items() if name in (*_FILE, _ENCODING)},
        "version": _typed(version.version),
        "master": _typed(version.master),
        "hash": _typed(version_hash(version.file)),
        "published_at": _typed(version.published_at),
        "by": _typed(version.by),
        "arrived_at": _typed(version.arrived_at),
        **schema(),
    }


def _version(item: Item) -> Version:
    from chatflow.assets.asset import Version

    fields = _plain(item)
    return read(Version, {"by": "", **fields, "file": fields}, "the stored version of an asset")


def _upload_item(upload: Upload) -> Item:
    fields: dict[str, str | int] = {
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
    return {
        **item_key(upload.name, _UPLOAD),
        **_LISTED,
        **schema(),
        **{name: _typed(value) for name, value in fields.items()},
    }


def _upload(item: Item) -> Upload:
    from chatflow.assets.asset import Upload

    return read(Upload, {"expires_at": 0, **_plain(item)}, "the stored upload of an asset", {"id": "upload"})


def _typed(value: str | int) -> Item:
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def _plain(item: Item) -> dict[str, Any]:
    return {name: number(item, name) if "N" in value else value.get("S") for name, value in item.items()}
