"""cdk-nag, whose findings stop synth, and each finding that is waived: for one resource, with its reason.

A construct asks for its own waivers; what they are, and why, stands here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, App, Stack, Validations
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks, ServerlessChecks
from constructs import IConstruct

if TYPE_CHECKING:
    from infrastructure.data.storage import Storage
    from infrastructure.lambda_function import Room

_ANY_NAME = "AwsSolutions-IAM5[Resource::{}]"
_NO_DEAD_LETTERS = "Serverless-LambdaDLQ"


def check_with_nag(app: App) -> None:
    """Add both rule packs; a finding that nothing here names fails the synth."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))


def for_room(room: Room) -> None:
    _waive(room.role, _ANY_NAME.format("*"), "X-Ray takes traces without a resource that could be named.")


def for_webhook(room: Room, routes: Iterable[IConstruct]) -> None:
    for route in routes:
        reason = "Channels sign what they send and cannot do more: the function verifies it before anything else."
        _waive(route, "AwsSolutions-APIG4", reason)
    reason = "API Gateway waits for the answer: a failure is a 5xx, on which the channel sends again."
    _waive(room.function, _NO_DEAD_LETTERS, reason)


def for_conversation(room: Room, trigger: IConstruct, schedules_arn: str) -> None:
    kept = "It is called by its queue, which sets aside what failed five times in a dead-letter queue."
    _waive(room.function, _NO_DEAD_LETTERS, kept)
    _waive(trigger, "Serverless-LambdaEventSourceMappingDestination", f"A FIFO trigger has no destination. {kept}")
    _waive(room.role, _wildcard(room, schedules_arn), "Schedules are named when a conversation begins to wait.")


def for_node_type(room: Room, needs: Sequence[str], media: s3.Bucket, library: s3.Bucket, business_arn: str) -> None:
    reason = "The state machine waits for the answer, and sees every failure."
    _waive(room.function, _NO_DEAD_LETTERS, reason)
    if {"media.read", "media.take", "media.download"} & set(needs):
        for keys in ("media/*", "download/*"):
            _waive(room.role, _objects(media, keys), "A file of a conversation gets its name when it arrives.")
    if "assets" in needs:
        _waive(room.role, _objects(library, "asset/*"), "A file of the library is named by its content.")
    if "business.secrets" in needs:
        _waive(room.role, _wildcard(room, business_arn), "The business stores its secrets after the deploy, by name.")


def for_turn_machine(role: IConstruct) -> None:
    reason = "X-Ray, and the delivery of logs, take no resource that could be named."
    _waive(role, _ANY_NAME.format("*"), reason)


def for_conversation_key(secret: IConstruct) -> None:
    reason = "Every conversation is named by this key: a new one would make each a stranger, and lose all sessions."
    _waive(secret, "AwsSolutions-SMG4", reason)


def for_channel_secret(secret: IConstruct) -> None:
    _waive(secret, "AwsSolutions-SMG4", "The channel issues these credentials; only a person can renew them there.")


def for_dead_letters(queue: IConstruct) -> None:
    _waive(queue, "Serverless-SQSRedrivePolicy", "It is itself where events are set aside; an alarm watches it.")


def for_schedule_dead_letters(queue: IConstruct) -> None:
    for_dead_letters(queue)
    reason = "A dead-letter queue of EventBridge Scheduler, which cdk-nag does not know as one; an alarm watches it."
    _waive(queue, "AwsSolutions-SQS3", reason)


def for_library_dead_letters(queue: IConstruct) -> None:
    for_dead_letters(queue)
    reason = "A dead-letter queue of EventBridge and Lambda, which cdk-nag does not know as one; an alarm watches it."
    _waive(queue, "AwsSolutions-SQS3", reason)


def for_publishing(room: Room, library: s3.Bucket, uploaded_arn: str) -> None:
    reason = "CloudFormation waits for its answer, and takes the deploy back when none comes."
    _waive(room.function, _NO_DEAD_LETTERS, reason)
    _waive(room.role, _objects(library, "asset/*"), "A file of the library is named by its content.")
    reason = "What synth uploads is named by its content; the prefix is this stack's own."
    _waive(room.role, _wildcard(room, uploaded_arn), reason)


def for_user_pool(pool: IConstruct) -> None:
    reason = "A second factor is offered and each user decides; who runs Chatflow may require it in the pool."
    _waive(pool, "AwsSolutions-COG2", reason)
    reason = "Threat protection is part of a paid plan; users are few, and none of them signs up by themselves."
    _waive(pool, "AwsSolutions-COG3", reason)
    _waive(pool, "AwsSolutions-COG8", reason)


def for_alert_mail(subscription: IConstruct) -> None:
    reason = "A mail that cannot be delivered is no work to be done again: the alarm itself stays in the console."
    _waive(subscription, "Serverless-SNSRedrivePolicy", reason)


def for_management(room: Room, storage: Storage, business_arn: str) -> None:
    reason = "API Gateway waits for the answer: a failure is a 5xx, of which whoever asked is told."
    _waive(room.function, _NO_DEAD_LETTERS, reason)
    for keys in ("asset/*", "thumbnail/*", "upload/*"):
        _waive(room.role, _objects(storage.asset_bucket, keys), "A file of the library is named by its content.")
    for keys in ("media/*", "download/*"):
        _waive(room.role, _objects(storage.media_bucket, keys), "A file of a conversation gets its name as it arrives.")
    _waive(room.role, _wildcard(room, business_arn), "The business stores its secrets after the deploy, by name.")


def for_erasure(room: Room, storage: Storage, schedules_arn: str) -> None:
    reason = "The conversation function waits for the answer, and sees every failure."
    _waive(room.function, _NO_DEAD_LETTERS, reason)
    for keys in ("media/*", "download/*"):
        _waive(room.role, _objects(storage.media_bucket, keys), "A file of a conversation gets its name as it arrives.")
    _waive(room.role, _wildcard(room, schedules_arn), "Schedules are named when a conversation begins to wait.")


def for_trial(room: Room, library: s3.Bucket, business_arn: str) -> None:
    _waive(room.function, _NO_DEAD_LETTERS, "The management API waits for the answer, and sees every failure.")
    _waive(room.role, _objects(library, "asset/*"), "A file of the library is named by its content.")
    _waive(room.role, _wildcard(room, business_arn), "The business stores its secrets after the deploy, by name.")


def for_library(room: Room, library: s3.Bucket) -> None:
    reason = "A file may have any name when a person puts it into the bucket."
    _waive(room.role, _objects(library, "*"), reason)
    for keys in ("asset/*", "thumbnail/*"):
        _waive(room.role, _objects(library, keys), "A file of the library is named by its content.")
    reason = "What it failed at three times goes to a queue: its event invoke config says so."
    _waive(room.function, _NO_DEAD_LETTERS, reason)


def for_scans(room: Room, media: s3.Bucket) -> None:
    _waive(room.role, _objects(media, "media/*"), "A customer's file gets its name when it arrives.")
    reason = "What it failed at three times goes to a queue: its event invoke config says so."
    _waive(room.function, _NO_DEAD_LETTERS, reason)


def for_guardduty(role: IConstruct, media: s3.Bucket, managed_rules_arn: str) -> None:
    _waive(role, _objects(media, "media/*"), "A customer's file gets its name when it arrives.")
    _waive(role, _wildcard(role, managed_rules_arn), "GuardDuty names the rule that it makes for itself.")


def for_emptying(room: Room, buckets: Iterable[s3.Bucket]) -> None:
    reason = "CloudFormation waits for its answer, and tells when none comes."
    _waive(room.function, _NO_DEAD_LETTERS, reason)
    for bucket in buckets:
        reason = "Emptying a bucket deletes every object. The function is not part of the stage prod."
        _waive(room.role, _objects(bucket, "*"), reason)


def _objects(bucket: s3.Bucket, keys: str) -> str:
    element = bucket.node.default_child
    assert isinstance(element, s3.CfnBucket)  # noqa: S101  CDK's own promise
    return _ANY_NAME.format(f"<{Stack.of(bucket).get_logical_id(element)}.Arn>/{keys}")


def _wildcard(scope: IConstruct, arn: str) -> str:
    """The name that cdk-nag gives to an ARN: references in angle brackets."""
    return _ANY_NAME.format(_named(Stack.of(scope).resolve(arn)))


def _named(resolved: object) -> str:
    if isinstance(resolved, dict):
        ((function, argument),) = resolved.items()
        if function == "Fn::Join":
            return "".join(map(_named, argument[1]))
        if function == "Fn::Sub":
            return str(argument).replace("${", "<").replace("}", ">")
        return f"<{argument}>" if function == "Ref" else f"<{'.'.join(argument)}>"
    return str(resolved)


def _waive(scope: IConstruct, rule: str, reason: str) -> None:
    Validations.of(scope).acknowledge(Acknowledgment(id=rule, reason=reason))
