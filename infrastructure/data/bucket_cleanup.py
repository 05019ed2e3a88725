"""Empties the buckets when a stack that keeps no data is deleted: CloudFormation deletes no bucket with objects."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_guardduty as guardduty
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infrastructure import timeouts
from infrastructure.custom_resource import custom_resource
from infrastructure.lambda_function import FunctionDefaults, LambdaFunction
from infrastructure.security.nag import WildcardArn


class BucketCleanup(Construct):
    """Created for every stage but `prod`, where no function may delete what customers sent.

    Whatever writes to a bucket depends on it: CloudFormation creates the cleanup before, so that it also runs when the
    first deploy fails halfway, and deletes it after, when nothing writes any more. It is the last construct of a stack.
    """

    def __init__(
        self, scope: Construct, name: str, *, defaults: FunctionDefaults, buckets: Sequence[s3.Bucket]
    ) -> None:
        super().__init__(scope, name)
        self.function = LambdaFunction(
            self,
            "Emptier",
            defaults=defaults,
            folder="bucket_cleanup",
            function_name="emptying",
            description="Empties the buckets when the stack is deleted.",
            environment={},
            timeout=timeouts.BUCKET_CLEANUP,
            no_dead_letter_queue="CloudFormation waits for its answer, and reports when none comes.",
        )
        # First it ends what still writes to them: S3 delivers access logs hours late.
        actions = ["s3:ListBucketVersions", "s3:PutBucketLogging", "s3:GetBucketPolicy", "s3:PutBucketPolicy"]
        self.function.allow(actions, [bucket.bucket_arn for bucket in buckets])
        reason = "Emptying a bucket deletes every object. The function is not part of the stage prod."
        objects = [WildcardArn(bucket.arn_for_objects("*"), reason) for bucket in buckets]
        self.function.allow(["s3:DeleteObject", "s3:DeleteObjectVersion"], objects)
        resource = custom_resource(
            self,
            "Buckets",
            function=self.function,
            timeout=timeouts.BUCKET_CLEANUP,
            resource_type="Custom::EmptiedBuckets",
            properties={"Buckets": [bucket.bucket_name for bucket in buckets]},
        )
        resource.node.add_dependency(*buckets)  # so that it is deleted before them
        for each in Stack.of(self).node.find_all():
            writes = isinstance(each, lambda_.Function | guardduty.CfnMalwareProtectionPlan)
            if writes and each is not self.function.resource:
                each.node.add_dependency(resource)
