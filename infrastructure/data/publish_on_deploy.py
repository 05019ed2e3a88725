"""Publishes the files in `flows/` at deploy: validated at synth, uploaded by the CDK, published by a function."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from aws_cdk import Stack
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from chatflow.flows.__main__ import report
from chatflow.flows.project import load
from chatflow.flows.validation import check
from chatflow.publishing import entries as publishing_entries
from chatflow.publishing.model import Entry
from chatflow.settings import PublishOnDeploySettings
from infrastructure import timeouts
from infrastructure.configuration import Misconfigured
from infrastructure.custom_resource import custom_resource
from infrastructure.data.object_tags import sets_state
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import FunctionDefaults, LambdaFunction
from infrastructure.packaging.contents import ROOT
from infrastructure.security.nag import WildcardArn


def entries(folder: Path, deployment: Mapping[str, str]) -> list[Entry]:
    """The entries to publish, ordered by id; an asset's `file` is a path below the folder.

    Raises Misconfigured with every problem that validation finds in the folder.
    """
    project = load(folder, deployment=deployment)
    problems = check(project)
    if problems:
        raise Misconfigured(report(problems, folder))
    return sorted(publishing_entries.entries(project), key=lambda entry: entry.id)


class PublishOnDeploy(Construct):
    """The custom resource changes when a file changes.

    The function may read only what this stack uploads.
    """

    def __init__(
        self, scope: Construct, name: str, *, defaults: FunctionDefaults, storage: Storage, upload_prefix: str
    ) -> None:
        """`upload_prefix`: the prefix of this stack's uploads in the bucket of the CDK's bootstrap."""
        super().__init__(scope, name)
        configuration = defaults.configuration
        settings = PublishOnDeploySettings(
            flows_table=storage.flows.table_name,
            assets_table=storage.assets.table_name,
            asset_bucket=storage.asset_bucket.bucket_name,
        )
        self.function = LambdaFunction(
            self,
            "Publisher",
            defaults=defaults,
            folder="publish_on_deploy",
            function_name="publishing",
            description="Publishes the files of the repository when the stack is deployed.",
            environment=settings.to_environment(),
            timeout=timeouts.PUBLISH_ON_DEPLOY,
            no_dead_letter_queue="CloudFormation waits for its answer, and rolls the deploy back when none comes.",
        )
        flows = configuration.flows
        uploaded = [self._upload_file(entry, flows) for entry in entries(flows, configuration.deployment)]
        publication = self._upload_publication(uploaded, configuration.target.name)
        uploads = WildcardArn(
            publication.bucket.arn_for_objects(f"{upload_prefix}*"),
            "What synth uploads is named by its content; the prefix is this stack's own.",
        )
        self._grant_permissions(storage, uploads)
        custom_resource(
            self,
            "Files",
            function=self.function,
            timeout=timeouts.PUBLISH_ON_DEPLOY,
            resource_type="Custom::PublishedFiles",
            properties={
                "Bucket": publication.s3_bucket_name,
                "Publication": publication.s3_object_key,
                "TakeOver": "true" if configuration.take_over else "",
            },
        )

    def _upload_file(self, entry: Entry, flows: Path) -> Entry:
        """The entry with the key of its uploaded file in the bucket of the CDK's bootstrap."""
        if not entry.file:
            return entry
        asset = s3_assets.Asset(self, f"File-{entry.name}", path=str(flows / entry.file))
        return replace(entry, file=asset.s3_object_key)

    def _upload_publication(self, uploaded: Sequence[Entry], target: str) -> s3_assets.Asset:
        """One JSON file with all entries, which the function reads."""
        text = json.dumps([entry.to_json() for entry in uploaded], ensure_ascii=False, sort_keys=True, indent=1)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        path = ROOT / "build" / target / f"publication-{Stack.of(self).stack_name}-{digest}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return s3_assets.Asset(self, "Publication", path=str(path))

    def _grant_permissions(self, storage: Storage, uploads: WildcardArn) -> None:
        versions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query"]
        self.function.allow(versions, [storage.flows.table_arn, storage.assets.table_arn])
        self.function.allow(["dynamodb:ConditionCheckItem"], [storage.flows.table_arn])  # the record of the deploy
        self.function.allow(["s3:PutObject"], [storage.asset_contents])
        self.function.allow(["s3:PutObjectTagging"], [storage.asset_contents], sets_state("clean"))
        self.function.allow(["s3:GetObject"], [uploads])
        self.function.allow(["cloudformation:DescribeStacks"], [Stack.of(self).stack_id])
