"""Rules that hold in every template: each rule yields the resources that violate it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache

from chatflow.channels.manifest import load, names
from chatflow.media.object_keys import CUSTOMER_FILES, DOWNLOADS, objects_under
from chatflow.nodes.manifest import NodeManifest, read_manifests
from infrastructure.api.channel_paths import push_routes, requested_paths
from infrastructure.packaging.contents import FUNCTIONS
from infrastructure.review.permissions import ROLES, permissions
from infrastructure.review.template import Template, as_list, of_type, plain, readable, unhashed

Rule = Callable[[Template], Iterator[str]]

# The objects that a node type stores if its manifest has this need.
_STORES = {
    "media.take": f"<StorageMedia>/{objects_under(CUSTOMER_FILES)}",
    "media.download": f"<StorageMedia>/{objects_under(DOWNLOADS)}",
}
# The other roles that may tag a file clean: asset processing, the deploy for files of the repository, and the scanner.
_ALSO_TAG_CLEAN = {
    "LibraryAssets (function assets)",
    "PublishingPublisher (function publishing)",
    "ScansLooking (function scans)",
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
# Buckets whose content each deploy makes anew: nobody's data.
_MADE_ANEW = {"ConsoleWebFiles"}


@cache
def _storing_roles() -> dict[str, frozenset[str]]:
    """The roles of node types that store files, and the objects that each of them stores."""
    stored = {
        _role(each): frozenset(_STORES[need] for need in each.needs if need in _STORES)
        for each in read_manifests(FUNCTIONS / "nodes")
    }
    return {role: objects for role, objects in stored.items() if objects}


def _sending_roles() -> set[str]:
    return {_role(each) for each in read_manifests(FUNCTIONS / "nodes") if "media.read" in each.needs}


def _role(node_type: NodeManifest) -> str:
    words = node_type.name.split("_")
    return f"NodeTypes{''.join(map(str.capitalize, words))} (function {'-'.join(words)})"


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
    channels = [load(channel) for channel in names()]
    paths = {f"{method} {path}" for path, methods in requested_paths(channels).items() for method in methods}
    public = _WEBHOOKS | paths | {*push_routes(channels)}
    for name, route in of_type(template, "AWS::ApiGatewayV2::Route"):
        if route.get("AuthorizationType", "NONE") == "NONE" and route["RouteKey"] not in public:
            yield unhashed(name)


def only_checking_roles_tag_files_clean(template: Template) -> Iterator[str]:
    """A role that stores files may. docs/security.md has what this guarantees where one role also sends."""
    yield from sorted(
        {
            permission.holder
            for permission in permissions(template)
            if permission.section == ROLES
            and {"s3:PutObjectTagging", "s3:*", "s3:Put*"} & set(permission.actions)
            and permission.holder not in _storing_roles().keys() | _ALSO_TAG_CLEAN
        }
    )


def sending_roles_read_by_tag_and_keep_verdicts(template: Template) -> Iterator[str]:
    """A role that sends files tags only those that it stores itself."""
    sending = _sending_roles()
    for each in permissions(template):
        if each.section != ROLES or each.holder not in sending:
            continue
        if "s3:GetObject" in each.actions and "s3:ExistingObjectTag/state = " not in each.condition:
            yield f"{each.holder} reads {each.resource}"
        keeps_verdict = "StringNotEquals s3:ExistingObjectTag/state = unsafe" in each.condition
        own_files = each.resource in _storing_roles().get(each.holder, ())
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
        if unhashed(name) in _MADE_ANEW:
            continue
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
