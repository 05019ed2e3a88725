"""Rules that hold in every template: each rule yields the resources that violate it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from chatflow.channels.manifest import load, names
from chatflow.media.object_keys import CUSTOMER_FILES, DOWNLOADS, objects_under
from infrastructure.api.channel_paths import requested_paths
from infrastructure.review.permissions import ROLES, permissions
from infrastructure.review.template import Template, as_list, of_type, plain, readable, unhashed

Rule = Callable[[Template], Iterator[str]]

# The roles that may tag a file clean: the nodes that store it, asset processing, and the deploy for files of the
# repository. docs/security.md has what this guarantees where one role both stores and sends.
MAY_TAG_CLEAN = {
    "NodeTypesMedia (function media)",
    "NodeTypesApiIntegration (function api-integration)",
    "LibraryAssets (function assets)",
    "PublishingPublisher (function publishing)",
    "ScansLooking (function scans)",
}
# The roles that send files, and the objects that each also stores: never the objects of the other.
_SENDING_ROLES = {
    "NodeTypesMedia (function media)": f"<StorageMedia>/{objects_under(CUSTOMER_FILES)}",
    "NodeTypesApiIntegration (function api-integration)": f"<StorageMedia>/{objects_under(DOWNLOADS)}",
}
# The routes without sign-in: the function verifies each request with the secret of the account in the path.
_WEBHOOKS = {
    f"{method} {path}"
    for path in ("/webhooks/{channel}", "/webhooks/{channel}/{account}")
    for method in ("GET", "POST")
}
_SECRET_WORDS = ("resolve:secretsmanager", "resolve:ssm-secure", "SecretString")
_MAX_LOG_DAYS = 365
_DELETION_PROTECTION = {
    "AWS::DynamoDB::Table": "DeletionProtectionEnabled",
    "AWS::Cognito::UserPool": "DeletionProtection",
}


def queues_are_encrypted_and_reached_by_tls(template: Template) -> Iterator[str]:
    protected = {
        plain(queue).strip("<>")
        for _, policy in of_type(template, "AWS::SQS::QueuePolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for queue in policy["Queues"]
    }
    for name, queue in of_type(template, "AWS::SQS::Queue"):
        if name not in protected or not (queue.get("SqsManagedSseEnabled") or queue.get("KmsMasterKeyId")):
            yield unhashed(name)


def topics_are_reached_by_tls(template: Template) -> Iterator[str]:
    protected = {
        plain(topic).strip("<>")
        for _, policy in of_type(template, "AWS::SNS::TopicPolicy")
        if "aws:SecureTransport" in json.dumps(policy)
        for topic in policy["Topics"]
    }
    yield from (unhashed(name) for name, _ in of_type(template, "AWS::SNS::Topic") if name not in protected)


def buckets_are_closed_and_reached_by_tls(template: Template) -> Iterator[str]:
    protected = {
        plain(policy["Bucket"]).strip("<>")
        for _, policy in of_type(template, "AWS::S3::BucketPolicy")
        if "aws:SecureTransport" in json.dumps(policy)
    }
    for name, bucket in of_type(template, "AWS::S3::Bucket"):
        closed = bucket.get("PublicAccessBlockConfiguration", {})
        if name not in protected or len(closed) != 4 or not all(closed.values()) or "BucketEncryption" not in bucket:
            yield unhashed(name)


def logs_have_a_retention(template: Template) -> Iterator[str]:
    for name, log in of_type(template, "AWS::Logs::LogGroup"):
        if not 1 <= log.get("RetentionInDays", 0) <= _MAX_LOG_DAYS:
            yield unhashed(name)


def no_environment_holds_a_secret(template: Template) -> Iterator[str]:
    for name, function in of_type(template, "AWS::Lambda::Function"):
        environment = json.dumps(function.get("Environment", {}))
        if any(word in environment for word in _SECRET_WORDS):
            yield unhashed(name)


def every_route_is_throttled(template: Template) -> Iterator[str]:
    for name, stage in of_type(template, "AWS::ApiGatewayV2::Stage"):
        limits = [stage.get("DefaultRouteSettings", {}), *stage.get("RouteSettings", {}).values()]
        if not all(0 < each.get("ThrottlingRateLimit", 0) <= each.get("ThrottlingBurstLimit", 0) for each in limits):
            yield unhashed(name)


def only_webhooks_and_what_channels_request_are_public(template: Template) -> Iterator[str]:
    requested = requested_paths([load(channel) for channel in names()])
    public = _WEBHOOKS | {f"{method} {path}" for path, methods in requested.items() for method in methods}
    for name, route in of_type(template, "AWS::ApiGatewayV2::Route"):
        if route.get("AuthorizationType", "NONE") == "NONE" and route["RouteKey"] not in public:
            yield unhashed(name)


def only_checking_roles_tag_files_clean(template: Template) -> Iterator[str]:
    yield from sorted(
        {
            permission.holder
            for permission in permissions(template)
            if permission.section == ROLES
            and {"s3:PutObjectTagging", "s3:*", "s3:Put*"} & set(permission.actions)
            and permission.holder not in MAY_TAG_CLEAN
        }
    )


def sending_roles_read_by_tag_and_keep_verdicts(template: Template) -> Iterator[str]:
    for each in permissions(template):
        if each.section != ROLES or each.holder not in _SENDING_ROLES:
            continue
        if "s3:GetObject" in each.actions and "s3:ExistingObjectTag/state = " not in each.condition:
            yield f"{each.holder} reads {each.resource}"
        keeps_verdict = "StringNotEquals s3:ExistingObjectTag/state = unsafe" in each.condition
        own_files = each.resource == _SENDING_ROLES[each.holder]
        if "s3:PutObjectTagging" in each.actions and not (keeps_verdict and own_files):
            yield f"{each.holder} tags {each.resource}"


def no_role_may_unmask_logs(template: Template) -> Iterator[str]:
    allowed = {"logs:Unmask", "logs:*", "*"}
    yield from (each.holder for each in permissions(template) if each.section == ROLES and allowed & set(each.actions))


def retained_resources_are_protected(template: Template) -> Iterator[str]:
    """Holds for a stage that keeps its data, which its tables show."""
    if not any(table.get("DeletionProtectionEnabled") for _, table in of_type(template, "AWS::DynamoDB::Table")):
        return
    for kind, protection in _DELETION_PROTECTION.items():
        for name, properties in of_type(template, kind):
            if properties.get(protection) not in (True, "ACTIVE"):
                yield unhashed(name)
    for name, resource in template["Resources"].items():
        retained = resource["Type"] in (
            "AWS::S3::Bucket",
            "AWS::SecretsManager::Secret",
            "AWS::KMS::Key",
            *_DELETION_PROTECTION,
        )
        if retained and resource.get("DeletionPolicy") not in ("Retain", "RetainExceptOnCreate"):
            yield unhashed(name)


def tables_can_be_recovered(template: Template) -> Iterator[str]:
    for name, table in of_type(template, "AWS::DynamoDB::Table"):
        if not table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield unhashed(name)


def roles_are_passed_to_one_service(template: Template) -> Iterator[str]:
    for _, policy in of_type(template, "AWS::IAM::Policy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            if "iam:PassRole" in as_list(statement["Action"]) and "iam:PassedToService" not in json.dumps(statement):
                yield readable(policy["Roles"][0])


RULES: tuple[Rule, ...] = (
    queues_are_encrypted_and_reached_by_tls,
    topics_are_reached_by_tls,
    buckets_are_closed_and_reached_by_tls,
    logs_have_a_retention,
    no_environment_holds_a_secret,
    every_route_is_throttled,
    only_webhooks_and_what_channels_request_are_public,
    only_checking_roles_tag_files_clean,
    sending_roles_read_by_tag_and_keep_verdicts,
    no_role_may_unmask_logs,
    retained_resources_are_protected,
    tables_can_be_recovered,
    roles_are_passed_to_one_service,
)


def violations(template: Template) -> list[str]:
    """Every rule that does not hold, with the resource that violates it."""
    return [f"{rule.__name__.replace('_', ' ')}: {resource}" for rule in RULES for resource in rule(template)]
