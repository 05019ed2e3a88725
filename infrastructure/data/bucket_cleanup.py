"""A stack that keeps nothing can be deleted: its buckets are emptied first."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infrastructure import timeouts as deadlines
from infrastructure.lambda_function import House, Room
from infrastructure.security import nag as waivers


class Emptying(Construct):
    """Made for every stage but `prod`, where nothing may be able to delete what customers sent."""

    def __init__(self, scope: Construct, name: str, *, house: House, buckets: Sequence[s3.Bucket]) -> None:
        super().__init__(scope, name)
        self.room = Room(
            self,
            "Emptier",
            house=house,
            room="bucket_cleanup",
            function_name="emptying",
            about="Empties the buckets when the stack is deleted.",
            environment={},
            timeout=deadlines.EMPTYING,
        )
        self.room.allow(["s3:ListBucketVersions"], [bucket.bucket_arn for bucket in buckets])
        everything = [bucket.arn_for_objects("*") for bucket in buckets]
        self.room.allow(["s3:DeleteObject", "s3:DeleteObjectVersion"], everything)
        resource = CustomResource(
            self,
            "Buckets",
            service_token=self.room.function.function_arn,
            resource_type="Custom::EmptiedBuckets",
            service_timeout=Duration.seconds(
                deadlines.EMPTYING.to_seconds() + deadlines.CUSTOM_RESOURCE_MARGIN_SECONDS
            ),
            properties={"Buckets": [bucket.bucket_name for bucket in buckets]},
        )
        # Deleted first of all, while the function may still do it.
        resource.node.add_dependency(self.room, *buckets)
        waivers.for_emptying(self.room, buckets)
