"""Where things are kept: eight tables and two buckets, and a bucket for the logs of who read what."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from chatflow.media.retention import STEPS, TAG
from contact_erasure.rows import BY_CONVERSATION
from infrastructure.configuration import Configuration
from infrastructure.security.encryption_key import key_of

_ACCESS_LOG_DAYS = 90
_SUPERSEDED_DAYS = 30  # how long an older content of an asset can be brought back

# What a list shows of each. No contact's address: that stands in a session's document alone.
_FLOW_HEAD = ["version", "master", "hash", "published_at", "by", "note", "title", "uses", "revision", "updated_at"]
_SESSION_HEAD = ["session", "flow", "version", "at", "turn", "updated_at", "started_at", "ended_at", "reason", "event"]


class Storage(Construct):
    """Tables on demand, recoverable to any second of 35 days; buckets private, encrypted, reached by TLS only."""

    def __init__(self, scope: Construct, name: str, *, configuration: Configuration) -> None:
        super().__init__(scope, name)
        self._configuration = configuration

        self.sessions = self._table("Sessions", "conversation", "item")
        self.effects = self._table("Effects", "effect")
        self.deliveries = self._table("Deliveries", "message")
        self.flows = self._table("Flows", "name", "item")
        self.assets = self._table("Assets", "name", "item")
        self.uploads = self._table("Uploads", "content")
        self.audit = self._table("Audit", "month", "at")
        self.repeats = self._table("Repeats", "id")
        # What the management API lists. An item stands in an index only if it has both of its keys: heads, sessions.
        _index(self.flows, "listed", "listed", "name", _FLOW_HEAD)
        _index(self.assets, "listed", "listed", "name")
        _index(self.sessions, "by_state", "state", "listed_at", _SESSION_HEAD)
        # What an erasure finds. Only keys: an item that changes later costs nothing more.
        for table in (self.effects, self.deliveries):
            _whose(table)

        self.access_logs = self._bucket("AccessLogs", [s3.LifecycleRule(expiration=Duration.days(_ACCESS_LOG_DAYS))])
        self.media_bucket = self._bucket(
            "Media",
            [
                s3.LifecycleRule(
                    id="customers-files",
                    expiration=Duration.days(configuration.retention_days),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                ),
                *_as_their_flows_say(configuration.retention_days),
            ],
            logs=self.access_logs,
        )
        self.asset_bucket = self._bucket(
            "Library",
            [
                s3.LifecycleRule(
                    id="superseded",
                    noncurrent_version_expiration=Duration.days(_SUPERSEDED_DAYS),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                )
            ],
            logs=self.access_logs,
            versioned=True,
        )
        for bucket in (self.media_bucket, self.asset_bucket):
            _nobody_reads_unsafe_objects(bucket)

    @property
    def buckets(self) -> list[s3.Bucket]:
        return [self.media_bucket, self.asset_bucket, self.access_logs]

    def _table(self, name: str, key: str, sort_key: str = "") -> dynamodb.Table:
        text = dynamodb.AttributeType.STRING
        return dynamodb.Table(
            self,
            name,
            partition_key=dynamodb.Attribute(name=key, type=text),
            sort_key=dynamodb.Attribute(name=sort_key, type=text) if sort_key else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expires_at",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if key_of(self) else None,
            encryption_key=key_of(self),
            deletion_protection=self._configuration.keeps_data,
            removal_policy=self._configuration.removal,
        )

    def _bucket(
        self, name: str, rules: list[s3.LifecycleRule], *, logs: s3.Bucket | None = None, versioned: bool = False
    ) -> s3.Bucket:
        key = key_of(self) if logs else None  # S3 writes access logs into no bucket that is encrypted with such a key
        return s3.Bucket(
            self,
            name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=key,
            bucket_key_enabled=True if key else None,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            lifecycle_rules=rules,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=self._configuration.removal,
            server_access_logs_bucket=logs,
            server_access_logs_prefix=f"{name.lower()}/" if logs else None,
            versioned=versioned,
        )


def tell_event_bridge(bucket: s3.Bucket) -> None:
    """Have the bucket tell of what is put there and taken away.

    By the property of the bucket itself: CDK's own way is a function that changes the bucket after it was made.
    """
    element = bucket.node.default_child
    assert isinstance(element, s3.CfnBucket)  # noqa: S101  CDK's own promise
    element.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )


def _index(table: dynamodb.Table, name: str, key: str, sort_key: str, projected: Sequence[str] = ()) -> None:
    """`projected`: the attributes that a list shows; all of them when none is named."""
    text = dynamodb.AttributeType.STRING
    table.add_global_secondary_index(
        index_name=name,
        partition_key=dynamodb.Attribute(name=key, type=text),
        sort_key=dynamodb.Attribute(name=sort_key, type=text),
        projection_type=dynamodb.ProjectionType.INCLUDE if projected else dynamodb.ProjectionType.ALL,
        non_key_attributes=list(projected) or None,
    )


def _whose(table: dynamodb.Table) -> None:
    table.add_global_secondary_index(
        index_name=BY_CONVERSATION,
        partition_key=dynamodb.Attribute(name="conversation", type=dynamodb.AttributeType.STRING),
        projection_type=dynamodb.ProjectionType.KEYS_ONLY,
    )


def _as_their_flows_say(longest: int) -> list[s3.LifecycleRule]:
    """For files of flows that keep them for less than the deployment does: of several rules the earliest counts."""
    return [
        s3.LifecycleRule(id=f"of-flows-{days}-days", tag_filters={TAG: str(days)}, expiration=Duration.days(days))
        for days in STEPS
        if days < longest
    ]


def _nobody_reads_unsafe_objects(bucket: s3.Bucket) -> None:
    """A scanner's verdict holds for everybody, whatever a role may say: even an administrator must change the tag."""
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            sid="UnsafeObjectsAreNotRead",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[bucket.arn_for_objects("*")],
            conditions={"StringEquals": {"s3:ExistingObjectTag/state": "unsafe"}},
        )
    )
