"""Describes the node types of this deployment from what their folders declare. Reads files of the package only."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from chatflow.flows.exits import Exit
from chatflow.flows.node_config import NodeConfig
from chatflow.flows.node_types import Variant, node_types, variants
from chatflow.flows.schema import DIALECT
from chatflow.nodes.manifest import NodeManifest, read_manifest
from management.http.pagination import Page, decode_cursor, encode_cursor
from management.node_types.models import NodeExit, NodeType, NodeVariant


def list_node_types(limit: int, cursor: str | None) -> Page[NodeType]:
    """A page of the node types, ordered by name. Raises Problem (invalid-request)."""
    position = decode_cursor(cursor, "name")
    after = [each for each in _described() if position is None or each.name > position["name"]]
    items = after[:limit]
    return Page(items=items, next=encode_cursor(name=items[-1].name) if len(after) > limit else None)


@cache
def _described() -> tuple[NodeType, ...]:
    """Every node type: made once for each process, since it changes with a deploy only."""
    return tuple(_node_type(read_manifest(each.folder), variants(each.model)) for each in node_types().values())


def form_schema(model: type[NodeConfig], labels: Mapping[str, str]) -> dict[str, Any]:
    """The JSON Schema of a node's fields, with these labels as titles."""
    return {"$schema": DIALECT, **_labelled(model.model_json_schema(by_alias=True), labels)}


def _node_type(manifest: NodeManifest, described: list[Variant]) -> NodeType:
    return NodeType(
        name=manifest.name,
        title=manifest.title,
        about=manifest.about,
        icon=manifest.icon,
        variants=[_variant(manifest, each) for each in described],
    )


def _variant(manifest: NodeManifest, variant: Variant) -> NodeVariant:
    titles = [manifest.variants[value] for value in variant.when.values()]
    return NodeVariant(
        when=dict(variant.when),
        title=titles[0] if titles else manifest.title,
        waits=variant.model.waits,
        exits=[_exit(manifest, each) for each in variant.model.declared_exits],
        config_schema=form_schema(variant.model, manifest.fields),
    )


def _exit(manifest: NodeManifest, exit: Exit) -> NodeExit:
    return NodeExit(
        name=exit.name,
        label=manifest.exits[exit.name],
        each=exit.each,
        required=exit.required,
        main=exit.main,
        optional=exit.optional,
        setback=exit.setback,
        timeout=exit.timeout,
    )


def _labelled(schema: Any, labels: Mapping[str, str]) -> Any:
    """The schema, in which each property with a label has it as its title."""
    if isinstance(schema, list):
        return [_labelled(each, labels) for each in schema]
    if not isinstance(schema, dict):
        return schema
    labelled = {key: _labelled(value, labels) for key, value in schema.items() if key != "properties"}
    if isinstance(schema.get("properties"), dict):
        labelled["properties"] = {
            name: {**_labelled(each, labels), **({"title": labels[name]} if name in labels else {})}
            for name, each in schema["properties"].items()
        }
    return labelled
