"""The asset library at work: whatever is put into its bucket is checked, drawn, and made an asset or rejected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from constructs import Construct

from chatflow.settings import AssetsSettings
from infrastructure import timeouts as deadlines
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage, tell_event_bridge
from infrastructure.lambda_function import House, Room
from infrastructure.security import nag as waivers
from infrastructure.tries import called_by_events

_MEMORY: Final = 1024  # MB; a picture may take 850 of them, in a process of its own (assets/thumbnails/limits.py)
_OUR_OWN: Final = ["asset/", "thumbnail/", "upload/"]


class Library(Construct):
    """S3 tells EventBridge, EventBridge tells the function. Each tries again, and what stays undone is set aside."""

    def __init__(self, scope: Construct, name: str, *, house: House, storage: Storage, queues: Queues) -> None:
        super().__init__(scope, name)
        self._bucket = storage.asset_bucket
        settings = AssetsSettings(assets_table=storage.assets.table_name, asset_bucket=storage.asset_bucket.bucket_name)
        self.room = Room(
            self,
            "Assets",
            house=house,
            room="asset_processing",
            function_name="assets",
            about="Checks what is put into the asset library, and draws it.",
            environment=settings.to_environment(),
            timeout=deadlines.LIBRARY,
            memory=_MEMORY,
            layers=[house.layers.thumbnails],
        )
        target = called_by_events(self, self.room, queues.library_dead_letters)
        self._grant(storage)
        self._told(target)
        self._taking_uploads(house.configuration.console_origins)
        waivers.for_library(self.room, storage.asset_bucket)

    def _grant(self, storage: Storage) -> None:
        bucket = storage.asset_bucket
        table = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"]
        self.room.allow(table, [storage.assets.table_arn])
        # With the permission to list, what is gone is told as gone (404) and not as forbidden (403).
        self.room.allow(["s3:ListBucket"], [bucket.bucket_arn])
        self.room.allow(["s3:GetObject", "s3:DeleteObject"], [bucket.arn_for_objects("*")])
        kept = [bucket.arn_for_objects("asset/*"), bucket.arn_for_objects("thumbnail/*")]
        self.room.allow(["s3:PutObject"], kept)
        self.room.allow(["s3:PutObjectTagging"], kept, {"StringEquals": {"s3:RequestObjectTag/state": "clean"}})

    def _told(self, target: targets.LambdaFunction) -> None:
        tell_event_bridge(self._bucket)
        # Thumbnails are our own doing. Of what is taken away, only what a person put there matters.
        self._rule("Arrivals", "library-arrivals", "Object Created", ["thumbnail/"], target)
        self._rule("Removals", "library-removals", "Object Deleted", _OUR_OWN, target)

    def _rule(self, id: str, name: str, what: str, but: list[str], target: targets.LambdaFunction) -> None:
        events.Rule(
            self,
            id,
            rule_name=f"{Stack.of(self).stack_name}-{name}",
            description=f"{what} in the asset library, but not in {', '.join(but)}.",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=[what],
                detail={
                    "bucket": {"name": [self._bucket.bucket_name]},
                    "object": {"key": [{"anything-but": {"prefix": but}}]},
                },
            ),
            targets=[target],
        )

    def _taking_uploads(self, origins: Sequence[str]) -> None:
        """A signed form is the permission to upload; the browser asks besides whether the page may send it."""
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
            prefix="upload/",
            expiration=Duration.days(1),
            noncurrent_version_expiration=Duration.days(1),
        )
        self._bucket.add_lifecycle_rule(id="traces-of-what-was-removed", expired_object_delete_marker=True)
