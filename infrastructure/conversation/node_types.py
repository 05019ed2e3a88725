"""The node types: every folder of functions/nodes with a manifest becomes a Lambda function; there is no other list."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from chatflow.flows.labels import label_problems
from chatflow.flows.node_types import node_types
from chatflow.nodes.manifest import FILE, InvalidManifests, NodeManifest, read_manifests, task_types
from chatflow.settings import NodeSettings, channel_urls, channel_versions
from infrastructure import timeouts
from infrastructure.api.push_api import PushApi
from infrastructure.configuration import Configuration, Misconfigured
from infrastructure.conversation.node_permissions import PERMISSIONS, Resources
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import FunctionDefaults, LambdaFunction
from infrastructure.packaging.contents import FUNCTIONS
from infrastructure.security.secrets import Secrets
from infrastructure.vpc import attach_to_vpc

_PARTS: Final = ("config.py", "rule.py", "handler.py", "README.md")  # of the folder, beside its manifest


def read_node_types(folder: Path = FUNCTIONS / "nodes") -> list[NodeManifest]:
    """Every node type, ordered by name. Raises Misconfigured with every problem of every folder."""
    problems = [
        f"{folder.name}/{each.parent.name}: {part} is missing. Write it, see CONTRIBUTING.md."
        for each in sorted(folder.glob(f"*/{FILE}"))
        for part in _PARTS
        if not (each.parent / part).is_file()
    ]
    manifests: list[NodeManifest] = []
    try:
        manifests = read_manifests(folder, PERMISSIONS)
    except InvalidManifests as error:
        problems += error.problems
    for manifest in manifests:
        known = node_types().get(manifest.name)
        if known and known.folder == folder / manifest.name:  # Python finds only those of the product
            labels = label_problems(
                known.model, exits=manifest.exits, variant_titles=manifest.variants, fields=manifest.fields
            )
            problems += [f"{folder.name}/{manifest.name}: {problem}" for problem in labels]
    if problems:
        raise Misconfigured("\n".join(["node types that are not valid:", *problems]))
    return manifests


class NodeTypes(Construct):
    """One function for each node type; its role has the permissions of its manifest's `needs`."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        defaults: FunctionDefaults,
        storage: Storage,
        secrets: Secrets,
        push: PushApi | None,
    ) -> None:
        super().__init__(scope, name)
        configuration = defaults.configuration
        environment = _environment(configuration, storage, secrets, push)
        resources = Resources(storage, secrets, scanned=bool(configuration.malware_scanning), push=push)
        self.node_types = read_node_types()
        try:
            self.task_types = task_types(self.node_types)
        except InvalidManifests as error:
            raise Misconfigured(str(error)) from None
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
                tracing=lambda_.Tracing.PASS_THROUGH,
                memory=node_type.memory,
                no_dead_letter_queue="The state machine waits for the answer, and sees every failure.",
            )
            for permission in (each for need in node_type.needs for each in PERMISSIONS[need](resources)):
                function.allow(permission.actions, permission.resources, permission.conditions or None)
            if "business.secrets" in node_type.needs:
                attach_to_vpc(function, configuration)
            self.functions[node_type.name] = function


def _environment(
    configuration: Configuration, storage: Storage, secrets: Secrets, push: PushApi | None
) -> dict[str, str]:
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
        rates_table=storage.rates.table_name,
        account_rates=",".join(f"{account}={rate}" for account, rate in sorted(configuration.account_rates.items())),
        calls_per_host=str(configuration.calls_per_host),
        connections_table=push.table.table_name if push else "",
        push_endpoint=push.endpoint if push else "",
    )
    versions = channel_versions(configuration.channel_versions)
    return {**settings.to_environment(), **channel_urls(configuration.channel_urls), **versions}
