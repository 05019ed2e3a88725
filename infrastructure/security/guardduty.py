"""GuardDuty Malware Protection for S3: AWS's own scanner, with the permissions that its documentation asks for.

https://docs.aws.amazon.com/guardduty/latest/ug/malware-protection-s3-iam-policy-prerequisite.html
It is not asked to tag: its tag would be a second one, and the gate has a tag of its own.
"""

from __future__ import annotations

from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_guardduty as guardduty
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infrastructure.security import encryption_key as keys
from infrastructure.security import nag as waivers

_SERVICE: Final = "malware-protection-plan.guardduty.amazonaws.com"


class GuardDuty(Construct):
    """Scans what is put below `prefix`. Works where GuardDuty itself is off."""

    def __init__(self, scope: Construct, name: str, *, bucket: s3.Bucket, prefix: str) -> None:
        super().__init__(scope, name)
        stack = Stack.of(self)
        # Its documentation names no condition that it would fulfil (aws:SourceAccount or the like), so there is none.
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal(_SERVICE))
        managed = stack.format_arn(
            service="events", resource="rule", resource_name="DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*"
        )
        waivers.for_guardduty(self.role, bucket, managed)
        rule = ["events:PutRule", "events:DeleteRule", "events:PutTargets", "events:RemoveTargets"]
        self._allow(rule, managed, {"StringLike": {"events:ManagedBy": _SERVICE}})
        self._allow(["events:DescribeRule", "events:ListTargetsByRule"], managed)
        self._allow(["s3:GetBucketNotification", "s3:PutBucketNotification"], bucket.bucket_arn)
        self._allow(["s3:ListBucket"], bucket.bucket_arn)
        self._allow(["s3:PutObject"], bucket.arn_for_objects("malware-protection-resource-validation-object"))
        self._allow(["s3:GetObject", "s3:GetObjectVersion"], bucket.arn_for_objects(f"{prefix}*"))
        keys.unlock(self.role, ["s3:GetObject", "s3:PutObject"])
        plan = guardduty.CfnMalwareProtectionPlan(
            self,
            "Plan",
            role=self.role.role_arn,
            protected_resource=guardduty.CfnMalwareProtectionPlan.CFNProtectedResourceProperty(
                s3_bucket=guardduty.CfnMalwareProtectionPlan.S3BucketProperty(
                    bucket_name=bucket.bucket_name, object_prefixes=[prefix]
                )
            ),
            actions=guardduty.CfnMalwareProtectionPlan.CFNActionsProperty(
                tagging=guardduty.CfnMalwareProtectionPlan.CFNTaggingProperty(status="DISABLED")
            ),
        )
        plan.node.add_dependency(self.role)  # GuardDuty tries the role when the plan is made

    def _allow(self, actions: list[str], resource: str, conditions: dict[str, object] | None = None) -> None:
        self.role.add_to_principal_policy(
            iam.PolicyStatement(actions=actions, resources=[resource], conditions=conditions)
        )
