"""Asset processing: a file that is put into the asset bucket is checked, gets a thumbnail, and is made an asset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from constructs import Construct

from chatflow.media.object_keys import ASSET_PREFIXES, THUMBNAILS, UPLOADS
from chatflow.settings import AssetProcessingSettings
from infrastructure import timeouts
from infrastructure.data.object_tags import sets_state
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage, enable_event_bridge
from infrastructure.lambda_function import FunctionDefaults, LambdaFunction, event_target
from infrastructure.security.nag import WildcardArn

# MB. A picture may take 850 of them, in a process of its own (functions/asset_processing/thumbnails/limits.py).
_MEMORY: Final = 1024


class AssetProcessing(Construct):
    """S3 sends events to EventBridge, which invokes the function; an event that keeps failing is a dead letter."""

    def __init__(
        self, scope: Construct, name: str, *, defaults: FunctionDefaults, storage: Storage, queues: Queues
    ) -> None:
        super().__init__(scope, name)
        self._bucket = storage.asset_bucket
        settings = AssetProcessingSettings(
            assets_table=storage.assets.table_name, asset_bucket=storage.asset_bucket.bucket_name
        )
        self.function = LambdaFunction(
            self,
            "Assets",
            defaults=defaults,
            folder="asset_processing",
            function_name="assets",
            description="Checks files that are put into the asset bucket, and renders their thumbnails.",
            environment=settings.to_environment(),
            timeout=timeouts.ASSET_PROCESSING,
            memory=_MEMORY,
            layers=[defaults.layers.thumbnails],
            no_dead_letter_queue="An event that failed three times goes to a queue, by its event invoke config.",
        )
        target = event_target(self, self.function, queues.library_dead_letters)
        self._grant_permissions(storage)
        enable_event_bridge(self._bucket)
        # The function writes thumbnails itself. Of deletions, only those of files that a person put there matter.
        self._rule("Arrivals", "library-arrivals", "Object Created", [THUMBNAILS], target)
        self._rule("Removals", "library-removals", "Object Deleted", list(ASSET_PREFIXES), target)
        self._accept_uploads(defaults.configuration.uploading_origins)

    def _grant_permissions(self, storage: Storage) -> None:
        bucket = storage.asset_bucket
        actions = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"]
        self.function.allow(actions, [storage.assets.table_arn])
        # With the permission to list, S3 answers 404 and not 403 for an object that does not exist.
        self.function.allow(["s3:ListBucket"], [bucket.bucket_arn])
        every_object = WildcardArn(
            bucket.arn_for_objects("*"), "A file may have any name when a person puts it into the bucket."
        )
        self.function.allow(["s3:GetObject", "s3:DeleteObject"], [every_object])
        written = [storage.asset_contents, storage.thumbnails]
        self.function.allow(["s3:PutObject"], written)
        self.function.allow(["s3:PutObjectTagging"], written, sets_state("clean"))

    def _rule(
        self, id: str, name: str, detail_type: str, excluded_prefixes: list[str], target: targets.LambdaFunction
    ) -> None:
        events.Rule(
            self,
            id,
            rule_name=f"{Stack.of(self).stack_name}-{name}",
            description=f"{detail_type} in the asset bucket, but not in {', '.join(excluded_prefixes)}.",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=[detail_type],
                detail={
                    "bucket": {"name": [self._bucket.bucket_name]},
                    "object": {"key": [{"anything-but": {"prefix": excluded_prefixes}}]},
                },
            ),
            targets=[target],
        )

    def _accept_uploads(self, origins: Sequence[str]) -> None:
        """A signed form is the permission to upload; a browser asks besides whether the page's origin may send it."""
        if origins:
            self._bucket.add_cors_rule(
                allowed_methods=[s3.HttpMethods.POST, s3.HttpMethods.GET, s3.HttpMethods.HEAD],
                allowed_origins=list(origins),
                allowed_headers=["*"],
                exposed_headers=["ETag"],
                max_age=3600,
            )
        self._bucket.add_lifecycle_rule(
            id="uploads-that-nobody-finished",
            prefix=UPLOADS,
            expiration=Duration.days(1),
            noncurrent_version_expiration=Duration.days(1),
        )
        self._bucket.add_lifecycle_rule(id="traces-of-what-was-removed", expired_object_delete_marker=True)
