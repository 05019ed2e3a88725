"""The asset library, as a visit reads it: the live version of a file, by its name."""

from __future__ import annotations

from chatflow.adapters.aws import client
from chatflow.errors import NotPublished
from chatflow.media.reference import MediaReference


def asset(table: str, name: str) -> MediaReference:
    """The file that the name stands for now: a replaced asset is sent as it now is. Raises NotPublished."""
    key = {"name": {"S": name}, "item": {"S": "live"}}
    item = client("dynamodb").get_item(TableName=table, Key=key).get("Item")
    if item is None:
        raise NotPublished(f"there is no asset named {name}; add it to the library, or correct the flow")
    fields = {field: next(iter(value.values())) for field, value in item.items()}
    return MediaReference.from_json({**fields, "size": int(fields["size"])})
