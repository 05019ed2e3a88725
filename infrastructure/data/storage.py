"""Ten tables, two buckets for files, and a bucket for their access logs."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from chatflow.adapters.dynamodb.row_deletion import BY_CONVERSATION
from chatflow.media.object_keys import ASSETS, CUSTOMER_FILES, DOWNLOADS, THUMBNAILS, UPLOADS, objects_under
from chatflow.media.retention import STEPS, TAG
from infrastructure.configuration import Configuration
from infrastructure.data.object_tags import UNSAFE, has_state
from infrastructure.security.encryption_key import encryption_key
from infrastructure.security.nag import WildcardArn

_ACCESS_LOG_DAYS = 90
_NONCURRENT_DAYS = 30  # how long an older content of an asset can be restored

# The attributes that a list shows of each item. No contact's address: it stands in a session's document alone.
_FLOW_SUMMARY = ["version", "master", "hash", "published_at", "by", "note", "title", "uses", "revision", "updated_at"]
SESSION_SUMMARY = [
    *("session", "flow", "version", "at", "turn", "updated_at", "started_at", "ended_at", "reason", "event"),
]


class Storage(Construct):
    """On-demand tables with point-in-time recovery over 35 days; private, encrypted buckets that answer only by TLS."""

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
        self.hosts = self._table("Hosts", "cell")
        self.rates = self._table("Rates", "cell")
        # What the management API lists. An index holds only items with both of its keys: summaries and sessions.
        _add_index(self.flows, "listed", "listed", "name", _FLOW_SUMMARY)
        _add_index(self.assets, "listed", "listed", "name")
        _add_index(self.sessions, "by_state", "state", "listed_at", SESSION_SUMMARY)
        # What is held, by the host that is in trouble. With keys only, a session's tries cost no write of the index.
        _add_index(self.sessions, "by_host", "held_in", "held_at", keys_only=True)
        # What the erasure of a contact looks up. With keys only, a later change of an item costs no write of the index.
        for table in (self.effects, self.deliveries):
            _add_conversation_index(table)

        self.access_logs = self._bucket("AccessLogs", [s3.LifecycleRule(expiration=Duration.days(_ACCESS_LOG_DAYS))])
        self.media_bucket = self._bucket(
            "Media",
            [
                s3.LifecycleRule(
                    id="customers-files",
                    expiration=Duration.days(configuration.retention_days),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                ),
                *_shorter_retentions(configuration.retention_days),
            ],
            logs=self.access_logs,
        )
        self.asset_bucket = self._bucket(
            "Library",
            [
                s3.LifecycleRule(
                    id="superseded",
                    noncurrent_version_expiration=Duration.days(_NONCURRENT_DAYS),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                )
            ],
            logs=self.access_logs,
            versioned=True,
        )
        for bucket in (self.media_bucket, self.asset_bucket):
            _deny_reading_unsafe_objects(bucket)

    @property
    def buckets(self) -> list[s3.Bucket]:
        return [self.media_bucket, self.asset_bucket, self.access_logs]

    @property
    def customer_files(self) -> WildcardArn:
        return _conversation_files(self.media_bucket, CUSTOMER_FILES)

    @property
    def downloads(self) -> WildcardArn:
        """Files that the business's API answered with."""
        return _conversation_files(self.media_bucket, DOWNLOADS)

    @property
    def asset_contents(self) -> WildcardArn:
        return _asset_files(self.asset_bucket, ASSETS)

    @property
    def thumbnails(self) -> WildcardArn:
        return _asset_files(self.asset_bucket, THUMBNAILS)

    @property
    def asset_uploads(self) -> WildcardArn:
        return _asset_files(self.asset_bucket, UPLOADS)

    def _table(self, name: str, key: str, sort_key: str = "") -> dynamodb.Table:
        return add_table(self, name, self._configuration, key, sort_key)

    def _bucket(
        self, name: str, rules: list[s3.LifecycleRule], *, logs: s3.Bucket | None = None, versioned: bool = False
    ) -> s3.Bucket:
        # S3 delivers no access logs to a bucket that is encrypted with a customer-managed key.
        key = encryption_key(self) if logs else None
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


def add_table(
    scope: Construct, name: str, configuration: Configuration, key: str, sort_key: str = ""
) -> dynamodb.Table:
    """A table with string keys, on demand, whose rows expire at their attribute `expires_at`."""
    text = dynamodb.AttributeType.STRING
    return dynamodb.Table(
        scope,
        name,
        partition_key=dynamodb.Attribute(name=key, type=text),
        sort_key=dynamodb.Attribute(name=sort_key, type=text) if sort_key else None,
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        time_to_live_attribute="expires_at",
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if encryption_key(scope) else None,
        encryption_key=encryption_key(scope),
        deletion_protection=configuration.keeps_data,
        removal_policy=configuration.removal,
    )


def enable_event_bridge(bucket: s3.Bucket) -> None:
    """Have the bucket send its events to EventBridge.

    Set as a property of the bucket: the CDK's own way is a function that changes the bucket after it was created.
    """
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)  # noqa: S101  guaranteed by the CDK
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )


def _conversation_files(bucket: s3.Bucket, prefix: str) -> WildcardArn:
    return WildcardArn(
        bucket.arn_for_objects(objects_under(prefix)), "A file of a conversation gets its name when it arrives."
    )


def _asset_files(bucket: s3.Bucket, prefix: str) -> WildcardArn:
    return WildcardArn(bucket.arn_for_objects(objects_under(prefix)), "A file of the library is named by its content.")


def _add_index(
    table: dynamodb.Table, name: str, key: str, sort_key: str, projected: Sequence[str] = (), *, keys_only: bool = False
) -> None:
    """`projected`: the attributes that a list shows; all of them when none is given."""
    text, every = dynamodb.AttributeType.STRING, dynamodb.ProjectionType.ALL
    unnamed = dynamodb.ProjectionType.KEYS_ONLY if keys_only else every
    table.add_global_secondary_index(
        index_name=name,
        partition_key=dynamodb.Attribute(name=key, type=text),
        sort_key=dynamodb.Attribute(name=sort_key, type=text),
        projection_type=dynamodb.ProjectionType.INCLUDE if projected else unnamed,
        non_key_attributes=list(projected) or None,
    )


def _add_conversation_index(table: dynamodb.Table) -> None:
    table.add_global_secondary_index(
        index_name=BY_CONVERSATION,
        partition_key=dynamodb.Attribute(name="conversation", type=dynamodb.AttributeType.STRING),
        projection_type=dynamodb.ProjectionType.KEYS_ONLY,
    )


def _shorter_retentions(longest: int) -> list[s3.LifecycleRule]:
    """Rules for files of flows whose retention is shorter than the deployment's, in days: S3 applies the earliest."""
    return [
        s3.LifecycleRule(id=f"of-flows-{days}-days", tag_filters={TAG: str(days)}, expiration=Duration.days(days))
        for days in STEPS
        if days < longest
    ]


def _deny_reading_unsafe_objects(bucket: s3.Bucket) -> None:
    """Whatever its role allows, no principal reads an object tagged `unsafe`: an administrator must change the tag."""
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            sid="UnsafeObjectsAreNotRead",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[bucket.arn_for_objects("*")],
            conditions=has_state(UNSAFE),
        )
    )
