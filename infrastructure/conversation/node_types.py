"""The node types: every folder of functions/nodes with a manifest becomes a Lambda function. Nothing lists them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Duration
from constructs import Construct

from chatflow.settings import NodeSettings, channel_urls
from infrastructure import timeouts as deadlines
from infrastructure.configuration import Misconfigured
from infrastructure.conversation.node_permissions import NEEDS, Belongings
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import House, Room
from infrastructure.packaging.contents import FUNCTIONS
from infrastructure.security import nag as waivers
from infrastructure.security import vpc as network
from infrastructure.security.secrets import Secrets

LONGEST_VISIT = 60  # seconds; a turn's budget holds two of them


@dataclass(frozen=True)
class NodeType:
    """A node type, as its manifest describes it. `seconds` is the longest that a visit may take."""

    name: str
    title: str
    about: str
    seconds: int
    memory: int  # MB
    failure_exit: str
    needs: tuple[str, ...]


def node_types(folder: Path = FUNCTIONS / "nodes") -> list[NodeType]:
    """Every node type, in the order of names. Raises Misconfigured for a manifest that cannot be followed."""
    return [_read(manifest) for manifest in sorted(folder.glob("*/manifest.toml"))]


def _read(manifest: Path) -> NodeType:
    name = manifest.parent.name
    try:
        written = tomllib.loads(manifest.read_text(encoding="utf-8"))
        node_type = NodeType(name=name, **{**written, "needs": tuple(written["needs"])})
    except (ValueError, KeyError, TypeError) as problem:
        raise Misconfigured(f"the manifest of node type {name} cannot be read: {problem}") from None
    unknown = [word for word in node_type.needs if word not in NEEDS]
    if unknown:
        raise Misconfigured(
            f"node type {name} needs {', '.join(unknown)}; known needs are {', '.join(NEEDS)} (infrastructure/needs.py)"
        )
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name) or not 1 <= node_type.seconds <= LONGEST_VISIT:
        raise Misconfigured(f"node type {name}: a plain name, and at most {LONGEST_VISIT} seconds for a visit")
    return node_type


class NodeTypes(Construct):
    """One function for each node type; its role allows what its manifest needs."""

    def __init__(self, scope: Construct, name: str, *, house: House, storage: Storage, secrets: Secrets) -> None:
        super().__init__(scope, name)
        configuration = house.configuration
        settings = NodeSettings(
            effects_table=storage.effects.table_name,
            media_bucket=storage.media_bucket.bucket_name,
            asset_bucket=storage.asset_bucket.bucket_name,
            assets_table=storage.assets.table_name,
            uploads_table=storage.uploads.table_name,
            channel_secret_prefix=secrets.channel_prefix,
            business_secret_prefix=secrets.business_prefix,
            private_hosts=configuration.private_hosts,
            scan_seconds=str(configuration.scan_seconds) if configuration.malware_scanning else "",
        )
        environment = {**settings.to_environment(), **channel_urls(configuration.channel_urls)}
        belongings = Belongings(storage, secrets, scanned=bool(configuration.malware_scanning))
        self.all = node_types()
        self.rooms: dict[str, Room] = {}
        for node_type in self.all:
            room = Room(
                self,
                "".join(word.capitalize() for word in node_type.name.split("_")),
                house=house,
                room=f"nodes/{node_type.name}",
                about=node_type.about,
                environment=environment,
                timeout=Duration.seconds(node_type.seconds + deadlines.NODE_MARGIN_SECONDS),
                memory=node_type.memory,
            )
            for grant in (grant for word in node_type.needs for grant in NEEDS[word](belongings)):
                room.allow(grant.actions, grant.resources, grant.conditions or None)
            waivers.for_node_type(
                room, node_type.needs, storage.media_bucket, storage.asset_bucket, secrets.business_arn
            )
            if "business.secrets" in node_type.needs and configuration.vpc_subnets:
                network.join(room, configuration.vpc_subnets, configuration.vpc_security_groups)
            self.rooms[node_type.name] = room
