"""The node types: every folder of functions/nodes with a manifest becomes a Lambda function; there is no other list."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_cdk import Duration
from constructs import Construct

from chatflow.settings import NodeSettings, channel_urls, channel_versions
from infrastructure import timeouts
from infrastructure.configuration import Configuration, Misconfigured
from infrastructure.conversation.node_permissions import PERMISSIONS, Resources
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import FunctionDefaults, LambdaFunction
from infrastructure.packaging.contents import FUNCTIONS
from infrastructure.security.secrets import Secrets
from infrastructure.vpc import attach_to_vpc

MAX_VISIT_SECONDS: Final = 60  # a turn's budget has room for two such visits


@dataclass(frozen=True)
class NodeType:
    """A node type as its manifest describes it; the fields have the manifest's keys.

    `seconds` is the longest that a visit may take; `needs` are keys of PERMISSIONS.
    """

    name: str
    title: str
    about: str
    seconds: int
    memory: int  # MB
    failure_exit: str
    needs: tuple[str, ...]


def read_node_types(folder: Path = FUNCTIONS / "nodes") -> list[NodeType]:
    """Every node type, ordered by name. Raises Misconfigured for a manifest that is not valid."""
    return [_read(manifest) for manifest in sorted(folder.glob("*/manifest.toml"))]


def _read(manifest: Path) -> NodeType:
    name = manifest.parent.name
    try:
        content = tomllib.loads(manifest.read_text(encoding="utf-8"))
        node_type = NodeType(name=name, **{**content, "needs": tuple(content["needs"])})
    except (ValueError, KeyError, TypeError) as problem:
        raise Misconfigured(f"the manifest of node type {name} cannot be read: {problem}") from None
    unknown = [need for need in node_type.needs if need not in PERMISSIONS]
    if unknown:
        raise Misconfigured(
            f"node type {name} needs {', '.join(unknown)}; known needs are {', '.join(PERMISSIONS)} "
            "(infrastructure/conversation/node_permissions.py)"
        )
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name) or not 1 <= node_type.seconds <= MAX_VISIT_SECONDS:
        raise Misconfigured(f"node type {name}: a plain name, and at most {MAX_VISIT_SECONDS} seconds for a visit")
    return node_type


class NodeTypes(Construct):
    """One function for each node type; its role has the permissions of its manifest's `needs`."""

    def __init__(
        self, scope: Construct, name: str, *, defaults: FunctionDefaults, storage: Storage, secrets: Secrets
    ) -> None:
        super().__init__(scope, name)
        configuration = defaults.configuration
        environment = _environment(configuration, storage, secrets)
        resources = Resources(storage, secrets, scanned=bool(configuration.malware_scanning))
        self.node_types = read_node_types()
        self.functions: dict[str, LambdaFunction] = {}
        for node_type in self.node_types:
            function = LambdaFunction(
                self,
                "".join(word.capitalize() for word in node_type.name.split("_")),
                defaults=defaults,
                folder=f"nodes/{node_type.name}",
                description=node_type.about,
                environment=environment,
                timeout=Duration.seconds(node_type.seconds + timeouts.NODE_MARGIN_SECONDS),
                memory=node_type.memory,
                no_dead_letter_queue="The state machine waits for the answer, and sees every failure.",
            )
            for permission in (each for need in node_type.needs for each in PERMISSIONS[need](resources)):
                function.allow(permission.actions, permission.resources, permission.conditions or None)
            if "business.secrets" in node_type.needs:
                attach_to_vpc(function, configuration)
            self.functions[node_type.name] = function


def _environment(configuration: Configuration, storage: Storage, secrets: Secrets) -> dict[str, str]:
    settings = NodeSettings(
        effects_table=storage.effects.table_name,
        media_bucket=storage.media_bucket.bucket_name,
        asset_bucket=storage.asset_bucket.bucket_name,
        assets_table=storage.assets.table_name,
        uploads_table=storage.uploads.table_name,
        deliveries_table=storage.deliveries.table_name,
        channel_secret_prefix=secrets.channel_prefix,
        business_secret_prefix=secrets.business_prefix,
        private_hosts=configuration.private_hosts,
        scan_seconds=str(configuration.scan_seconds) if configuration.malware_scanning else "",
        read_marks="true" if configuration.read_marks else "",
        hosts_table=storage.hosts.table_name,
        calls_per_host=str(configuration.concurrency // 2),
    )
    versions = channel_versions(configuration.channel_versions)
    return {**settings.to_environment(), **channel_urls(configuration.channel_urls), **versions}
