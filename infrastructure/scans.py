"""Malware scanning, where it is asked for: who looks at customers' files, and who says what came of it."""

from __future__ import annotations

from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_s3 as s3
from constructs import Construct

from chatflow.media.object_keys import CUSTOMER_FILES, objects_under
from chatflow.settings import MalwareScanSettings
from infrastructure import deadlines, network, waivers
from infrastructure.guardduty import GuardDuty
from infrastructure.queues import Queues
from infrastructure.room import House, Room
from infrastructure.storage import Storage, tell_event_bridge
from infrastructure.tries import called_by_events

_FILES: Final = CUSTOMER_FILES  # customers' files; what the business's API answered with lies elsewhere


class Scans(Construct):
    """The function that alone may say that a customer's file is clean, and what calls it."""

    def __init__(self, scope: Construct, name: str, *, house: House, storage: Storage, queues: Queues) -> None:
        super().__init__(scope, name)
        configuration = house.configuration
        bucket = storage.media_bucket
        settings = MalwareScanSettings(
            media_bucket=bucket.bucket_name, events_queue_url=queues.events.queue_url, clamd=configuration.clamd
        )
        self.room = Room(
            self,
            "Looking",
            house=house,
            room="malware_scan",
            function_name="scans",
            about="Tags customers' files as a malware scanner found them, and tells the conversation.",
            environment=settings.to_environment(),
            timeout=deadlines.SCANNING,
        )
        target = called_by_events(self, self.room, queues.library_dead_letters)
        self._grant(bucket, queues, reads=bool(configuration.clamd))
        waivers.for_scans(self.room, bucket)
        tell_event_bridge(bucket)
        if configuration.clamd:
            if configuration.vpc_subnets:
                network.join(self.room, configuration.vpc_subnets, configuration.vpc_security_groups)
            pattern = _created(bucket)
        else:
            GuardDuty(self, "GuardDuty", bucket=bucket, prefix=_FILES)
            pattern = _scanned(bucket)
        events.Rule(
            self,
            "Rule",
            rule_name=f"{Stack.of(self).stack_name}-scans",
            description="A customer's file was kept, or was scanned.",
            event_pattern=pattern,
            targets=[target],
        )

    def _grant(self, bucket: s3.Bucket, queues: Queues, *, reads: bool) -> None:
        files = [bucket.arn_for_objects(objects_under(_FILES))]
        self.room.allow(["s3:GetObjectTagging"], files)  # what else was said of a file stays
        self.room.allow(["s3:PutObjectTagging"], files, _may_say("unsafe"))
        # What was found unsafe stays so, even if an older verdict comes late.
        not_yet = {"StringNotEquals": {"s3:ExistingObjectTag/state": "unsafe"}}
        self.room.allow(["s3:PutObjectTagging"], files, {**_may_say("clean"), **not_yet})
        self.room.allow(["s3:GetObjectTagging"], files)  # how long a file is kept is a tag, too
        if reads:
            new = {"StringEquals": {"s3:ExistingObjectTag/state": ["new", "clean"]}}
            self.room.allow(["s3:GetObject"], files, new)
        self.room.allow(["sqs:SendMessage"], [queues.events.queue_arn])


def _may_say(state: str) -> dict[str, Any]:
    return {"StringEquals": {"s3:RequestObjectTag/state": state}}


def _created(bucket: s3.Bucket) -> events.EventPattern:
    return events.EventPattern(
        source=["aws.s3"],
        detail_type=["Object Created"],
        detail={"bucket": {"name": [bucket.bucket_name]}, "object": {"key": [{"prefix": _FILES}]}},
    )


def _scanned(bucket: s3.Bucket) -> events.EventPattern:
    details = {"bucketName": [bucket.bucket_name], "objectKey": [{"prefix": _FILES}]}
    return events.EventPattern(
        source=["aws.guardduty"],
        detail_type=["GuardDuty Malware Protection Object Scan Result"],
        detail={"s3ObjectDetails": details},
    )
