"""`cdk deploy` publishes the files in `flows/`: checked at synth, uploaded as they are, made live by a function."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from aws_cdk import CustomResource, Duration, Stack
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from chatflow.publishing.model import Entry
from chatflow.settings import PublishingSettings
from infrastructure import timeouts as deadlines
from infrastructure.data.publication import entries
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import House, Room
from infrastructure.packaging.contents import ROOT
from infrastructure.security import nag as waivers


class Publishing(Construct):
    """The custom resource changes when a file changes. Its function is told by CloudFormation itself, with no provider
    between them, and may read only what this stack uploads."""

    def __init__(self, scope: Construct, name: str, *, house: House, storage: Storage, uploaded: str) -> None:
        """`uploaded` is the prefix, in the bucket of the CDK's bootstrap, of what this stack uploads."""
        super().__init__(scope, name)
        configuration = house.configuration
        settings = PublishingSettings(
            flows_table=storage.flows.table_name,
            assets_table=storage.assets.table_name,
            asset_bucket=storage.asset_bucket.bucket_name,
        )
        self.room = Room(
            self,
            "Publisher",
            house=house,
            room="publish_on_deploy",
            function_name="publishing",
            about="Publishes the files of the repository when the stack is deployed.",
            environment=settings.to_environment(),
            timeout=deadlines.PUBLISHING,
        )
        flows = configuration.flows
        found = [self._uploaded(entry, flows) for entry in entries(flows, configuration.deployment)]
        document = self._written_down(found, configuration.target.name)
        readable = document.bucket.arn_for_objects(f"{uploaded}*")
        self._grant(storage, readable)
        resource = CustomResource(
            self,
            "Files",
            service_token=self.room.function.function_arn,
            resource_type="Custom::PublishedFiles",
            service_timeout=Duration.seconds(
                deadlines.PUBLISHING.to_seconds() + deadlines.CUSTOM_RESOURCE_MARGIN_SECONDS
            ),
            properties={
                "Bucket": document.s3_bucket_name,
                "Publication": document.s3_object_key,
                "TakeOver": "true" if configuration.take_over else "",
            },
        )
        # Its last order is to withdraw what it published: the function's permissions must still be there.
        resource.node.add_dependency(self.room)
        waivers.for_publishing(self.room, storage.asset_bucket, readable)

    def _uploaded(self, entry: Entry, flows: Path) -> Entry:
        """The entry, with the key under which its file lies in the bucket of the CDK's bootstrap."""
        if not entry.file:
            return entry
        asset = s3_assets.Asset(self, f"File-{entry.name}", path=str(flows / entry.file))
        return replace(entry, file=asset.s3_object_key)

    def _written_down(self, wanted: Sequence[Entry], target: str) -> s3_assets.Asset:
        text = json.dumps([entry.to_json() for entry in wanted], ensure_ascii=False, sort_keys=True, indent=1)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        path = ROOT / "build" / target / f"publication-{Stack.of(self).stack_name}-{digest}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return s3_assets.Asset(self, "Publication", path=str(path))

    def _grant(self, storage: Storage, uploaded: str) -> None:
        versions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query"]
        self.room.allow(versions, [storage.flows.table_arn, storage.assets.table_arn])
        files = [storage.asset_bucket.arn_for_objects("asset/*")]
        self.room.allow(["s3:PutObject"], files)
        self.room.allow(["s3:PutObjectTagging"], files, {"StringEquals": {"s3:RequestObjectTag/state": "clean"}})
        self.room.allow(["s3:GetObject"], [uploaded])
        self.room.allow(["cloudformation:DescribeStacks"], [Stack.of(self).stack_id])
