"""What must hold in every template, whoever adds a resource: each rule names the resources that break it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from chatflow.media.object_keys import CUSTOMER_FILES, DOWNLOADS, objects_under
from infrastructure.review.permissions import ROLES, lines
from infrastructure.review.template import Template, listed, of_kind, plain, readable, unhashed

Rule = Callable[[Template], Iterator[str]]

# Who may say that a file is clean: the nodes that store it, the library's check, and the deploy for files of the
# repository. What the gate is worth where one role both stores and sends: docs/security.md.
MAY_SAY_CLEAN = {
    "NodeTypesMedia (function media)",
    "NodeTypesApiIntegration (function api-integration)",
    "LibraryAssets (function assets)",
    "PublishingPublisher (function publishing)",
    "ScansLooking (function scans)",
}
# Who sends files, and where those lie that it also keeps: never where the other's lie.
_SENDS = {
    "NodeTypesMedia (function media)": f"<StorageMedia>/{objects_under(CUSTOMER_FILES)}",
    "NodeTypesApiIntegration (function api-integration)": f"<StorageMedia>/{objects_under(DOWNLOADS)}",
}
_SECRET_WORDS = ("resolve:secretsmanager", "resolve:ssm-secure", "SecretString")
_LONGEST_LOG = 365  # days
_KEPT = {
    "AWS::DynamoDB::Table": "DeletionProtectionEnabled",
    "AWS::Cognito::UserPool": "DeletionProtection",
}


def queues_are_encrypted_and_reached_by_tls(template: Template) -> Iterator[str]:
    guarded = {
        plain(queue).strip("<>")
        for _, policy in of_kind(template, "AWS::SQS::QueuePolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for queue in policy["Queues"]
    }
    for name, queue in of_kind(template, "AWS::SQS::Queue"):
        if name not in guarded or not (queue.get("SqsManagedSseEnabled") or queue.get("KmsMasterKeyId")):
            yield unhashed(name)


def topics_are_reached_by_tls(template: Template) -> Iterator[str]:
    guarded = {
        plain(topic).strip("<>")
        for _, policy in of_kind(template, "AWS::SNS::TopicPolicy")
        if "aws:SecureTransport" in json.dumps(policy)
        for topic in policy["Topics"]
    }
    yield from (unhashed(name) for name, _ in of_kind(template, "AWS::SNS::Topic") if name not in guarded)


def buckets_are_closed_and_reached_by_tls(template: Template) -> Iterator[str]:
    guarded = {
        plain(policy["Bucket"]).strip("<>")
        for _, policy in of_kind(template, "AWS::S3::BucketPolicy")
        if "aws:SecureTransport" in json.dumps(policy)
    }
    for name, bucket in of_kind(template, "AWS::S3::Bucket"):
        closed = bucket.get("PublicAccessBlockConfiguration", {})
        if name not in guarded or len(closed) != 4 or not all(closed.values()) or "BucketEncryption" not in bucket:
            yield unhashed(name)


def logs_end(template: Template) -> Iterator[str]:
    for name, log in of_kind(template, "AWS::Logs::LogGroup"):
        if not 1 <= log.get("RetentionInDays", 0) <= _LONGEST_LOG:
            yield unhashed(name)


def no_environment_holds_a_secret(template: Template) -> Iterator[str]:
    for name, function in of_kind(template, "AWS::Lambda::Function"):
        held = json.dumps(function.get("Environment", {}))
        if any(word in held for word in _SECRET_WORDS):
            yield unhashed(name)


def every_route_is_throttled(template: Template) -> Iterator[str]:
    for name, stage in of_kind(template, "AWS::ApiGatewayV2::Stage"):
        limits = [stage.get("DefaultRouteSettings", {}), *stage.get("RouteSettings", {}).values()]
        if not all(0 < each.get("ThrottlingRateLimit", 0) <= each.get("ThrottlingBurstLimit", 0) for each in limits):
            yield unhashed(name)


def only_webhooks_are_open(template: Template) -> Iterator[str]:
    for name, route in of_kind(template, "AWS::ApiGatewayV2::Route"):
        known = route["RouteKey"] in ("GET /webhooks/{channel}", "POST /webhooks/{channel}")
        if route.get("AuthorizationType", "NONE") == "NONE" and not known:
            yield unhashed(name)


def only_who_checks_files_calls_them_clean(template: Template) -> Iterator[str]:
    yield from sorted(
        {
            line.owner
            for line in lines(template)
            if line.section == ROLES
            and {"s3:PutObjectTagging", "s3:*", "s3:Put*"} & set(line.actions)
            and line.owner not in MAY_SAY_CLEAN
        }
    )


def who_sends_reads_by_the_tag_and_undoes_no_verdict(template: Template) -> Iterator[str]:
    for line in lines(template):
        if line.section != ROLES or line.owner not in _SENDS:
            continue
        if "s3:GetObject" in line.actions and "s3:ExistingObjectTag/state = " not in line.condition:
            yield f"{line.owner} reads {line.place}"
        kept = "StringNotEquals s3:ExistingObjectTag/state = unsafe" in line.condition
        if "s3:PutObjectTagging" in line.actions and not (kept and line.place == _SENDS[line.owner]):
            yield f"{line.owner} tags {line.place}"


def nobody_may_see_behind_the_masks(template: Template) -> Iterator[str]:
    allowed = {"logs:Unmask", "logs:*", "*"}
    yield from (line.owner for line in lines(template) if line.section == ROLES and allowed & set(line.actions))


def what_lasts_is_protected(template: Template) -> Iterator[str]:
    """Only in a stage that keeps its data, which its tables tell."""
    if not any(table.get("DeletionProtectionEnabled") for _, table in of_kind(template, "AWS::DynamoDB::Table")):
        return
    for kind, protection in _KEPT.items():
        for name, properties in of_kind(template, kind):
            if properties.get(protection) not in (True, "ACTIVE"):
                yield unhashed(name)
    for name, resource in template["Resources"].items():
        keeps = resource["Type"] in ("AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::KMS::Key", *_KEPT)
        if keeps and resource.get("DeletionPolicy") != "Retain":
            yield unhashed(name)


def tables_can_be_recovered(template: Template) -> Iterator[str]:
    for name, table in of_kind(template, "AWS::DynamoDB::Table"):
        if not table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield unhashed(name)


def roles_are_handed_on_to_one_service(template: Template) -> Iterator[str]:
    for _, policy in of_kind(template, "AWS::IAM::Policy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            if "iam:PassRole" in listed(statement["Action"]) and "iam:PassedToService" not in json.dumps(statement):
                yield readable(policy["Roles"][0])


RULES: tuple[Rule, ...] = (
    queues_are_encrypted_and_reached_by_tls,
    topics_are_reached_by_tls,
    buckets_are_closed_and_reached_by_tls,
    logs_end,
    no_environment_holds_a_secret,
    every_route_is_throttled,
    only_webhooks_are_open,
    only_who_checks_files_calls_them_clean,
    who_sends_reads_by_the_tag_and_undoes_no_verdict,
    nobody_may_see_behind_the_masks,
    what_lasts_is_protected,
    tables_can_be_recovered,
    roles_are_handed_on_to_one_service,
)


def broken(template: Template) -> list[str]:
    """Every rule that does not hold, with what breaks it."""
    return [f"{rule.__name__.replace('_', ' ')}: {found}" for rule in RULES for found in rule(template)]
