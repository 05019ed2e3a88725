"""Items of what is published, in the tables `flows` and `assets`: their keys and the names of their items.

Table `flows` holds flows, routes, integrations and a deployment's values, table `assets` the asset library. Both have
the key `name` + `item`:

- "v000001": a version. Versions never change.
- "v000001#<node>": the slice of a flow's version that begins at this node.
- "source#v000001": the document of the version as it was written, in YAML.
- "live": a copy of the live version. Of a flow, a version has its `interface`, unless it is older or too large: what
  the validation of other flows must know of it (`chatflow.flows.interfaces`).
- "draft": the draft of a flow.
- "layout": where the nodes of a flow stand on the canvas of an editor.

One item of table `flows` is of another kind: the record of the last deploy, "#deploy" + "last".

`name` is the thing's name for a flow, the routes and an asset, and its whole id ("integration/claims") for other kinds.
"live" and "draft" carry `listed`, the kind, and are in the index of that name, ordered by `name`.
"""

from __future__ import annotations

from typing import Final

from chatflow.adapters.dynamodb.items import Item

LIVE: Final = "live"
DRAFT: Final = "draft"
LAYOUT: Final = "layout"
VERSIONS: Final = "v"  # begins the name of every version and of every slice
SOURCES: Final = "source#"  # begins the name of every source
LATEST_NUMBER: Final = 999_999  # the highest version that six digits can name
INDEX: Final = "listed"
DEPLOY_RECORD: Final = ("#deploy", "last")  # the record of the last deploy; no flow can have such a name
_KINDS_KNOWN_BY_NAME = ("flow", "routes", "asset")


def key(name: str, item: str) -> Item:
    """The key of an item, by the `name` under which a thing is stored."""
    return {"name": {"S": name}, "item": {"S": item}}


def key_of(id: str, item: str) -> Item:
    """The key of an item of the thing with this id ("flow/welcome")."""
    return key(stored_name(id), item)


def stored_name(id: str) -> str:
    """The `name` under which the thing with this id is stored."""
    kind, _, name = id.partition("/")
    return name if kind in _KINDS_KNOWN_BY_NAME else id


def id_of(item: Item) -> str:
    """The id of the thing that an item of the table `flows` belongs to."""
    name: str = item["name"]["S"]
    return name if "/" in name else "routes/routes" if name == "routes" else f"flow/{name}"


def version_item(version: int) -> str:
    """The name of a version's item."""
    return f"{VERSIONS}{version:06d}"


def slice_item(version: int, node: str) -> str:
    """The name of a slice's item; without a node, what the names of all slices of the version begin with."""
    return f"{version_item(version)}#{node}"


def source_item(version: int) -> str:
    """The name of a source's item."""
    return f"{SOURCES}{version_item(version)}"


def index_field(kind: str) -> Item:
    """The field `listed`, which puts a live version or a draft into the index."""
    return {"listed": {"S": kind}}
