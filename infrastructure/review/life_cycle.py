"""What would stop CloudFormation, or lose data, where a stack is created, changed or deleted.

CloudFormation creates before it deletes. So a name that moves to another logical id is still taken, and what was
replaced or left out is deleted at the end of a successful update, unless its policy retains it.
Sources: AWS CloudFormation User Guide, "Update behaviors of stack resources", "DeletionPolicy attribute",
"UpdateReplacePolicy attribute", "Name type".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from infrastructure.review.template import Template, of_type, plain

# Resources whose replacement or deletion loses data.
STATEFUL: Final = frozenset(
    {
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolDomain",
        "AWS::DynamoDB::Table",
        "AWS::KMS::Key",
        "AWS::S3::Bucket",
        "AWS::SQS::Queue",
        "AWS::SecretsManager::Secret",
    }
)
# The properties that name a resource, of which an account (or the resource that they name first) has only one. A dot
# leads to a property within another.
NAMES: Final = {
    "AWS::ApiGatewayV2::Route": ("ApiId", "RouteKey"),
    "AWS::ApiGatewayV2::Stage": ("ApiId", "StageName"),
    "AWS::CloudFront::Function": ("Name",),
    "AWS::CloudFront::OriginAccessControl": ("OriginAccessControlConfig.Name",),
    "AWS::CloudFront::ResponseHeadersPolicy": ("ResponseHeadersPolicyConfig.Name",),
    "AWS::CloudWatch::Alarm": ("AlarmName",),
    "AWS::CloudWatch::Dashboard": ("DashboardName",),
    "AWS::Cognito::UserPoolDomain": ("Domain",),
    "AWS::Cognito::UserPoolGroup": ("UserPoolId", "GroupName"),
    "AWS::DynamoDB::Table": ("TableName",),
    "AWS::Events::Rule": ("Name",),
    "AWS::GuardDuty::MalwareProtectionPlan": ("ProtectedResource",),
    "AWS::IAM::Role": ("RoleName",),
    "AWS::KMS::Alias": ("AliasName",),
    "AWS::Lambda::EventInvokeConfig": ("FunctionName", "Qualifier"),
    "AWS::Lambda::EventSourceMapping": ("EventSourceArn", "FunctionName"),
    "AWS::Lambda::Function": ("FunctionName",),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::Logs::QueryDefinition": ("Name",),
    "AWS::S3::Bucket": ("BucketName",),
    # A policy that moves replaces the former one at once, and is deleted with it in the end.
    "AWS::S3::BucketPolicy": ("Bucket",),
    "AWS::SNS::TopicPolicy": ("Topics",),
    "AWS::SQS::QueuePolicy": ("Queues",),
    "AWS::SNS::Topic": ("TopicName",),
    "AWS::SQS::Queue": ("QueueName",),
    "AWS::Scheduler::ScheduleGroup": ("Name",),
    "AWS::SecretsManager::Secret": ("Name",),
    "AWS::StepFunctions::StateMachine": ("StateMachineName",),
}
# Types whose resources AWS names, or of which there may be several with one name.
UNNAMED: Final = frozenset(
    {
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGatewayV2::Authorizer",
        "AWS::ApiGatewayV2::Integration",
        "AWS::CloudFront::Distribution",
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolUser",
        "AWS::Cognito::UserPoolUserToGroupAttachment",
        "AWS::IAM::Policy",
        "AWS::KMS::Key",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Permission",
        "AWS::Logs::MetricFilter",
        "AWS::SNS::Subscription",
    }
)
_RETAINING: Final = ("Retain", "RetainExceptOnCreate")
_WRITERS: Final = ("AWS::Lambda::Function", "AWS::GuardDuty::MalwareProtectionPlan")
_CLEANUP: Final = "Custom::EmptiedBuckets"


def names(template: Template) -> dict[str, str]:
    """The logical id of each resource that the template names, by its type and its name."""
    found: dict[str, str] = {}
    for kind, properties_of_name in NAMES.items():
        for id, properties in of_type(template, kind):
            values = [_value({"Properties": properties}, each.replace(".", "/")) for each in properties_of_name]
            if None not in values:
                name = " ".join(map(_text, values))
                found[f"{kind} {name}"] = id
    return found


def update_problems(old: Template, new: Template) -> list[str]:
    """What stops an update from one template to the other, or loses data in it."""
    return [
        *moved_names(names(old), new),
        *_replaced(old, new),
        *_lost(old, new),
        *_generated_anew(old, new),
        *_route_settings(old, new),
    ]


def moved_names(old: dict[str, str], new: Template) -> Iterator[str]:
    """Names of former resources that another resource is to have, while the former one still has it."""
    for name, id in names(new).items():
        if old.get(name, id) != id:
            yield f"{name}: {old[name]} has this name until {id} exists, which therefore cannot be created"


def creation_problems(template: Template) -> list[str]:
    """What stays of a failed first deploy, and blocks the next one."""
    return [
        *(
            f"{id}: is retained even when the deploy that creates it fails"
            for id, each in sorted(template["Resources"].items())
            if each.get("DeletionPolicy") == "Retain"
        ),
        *_unordered_writers(template),
    ]


def retained_names(template: Template) -> dict[str, str]:
    """The names that are still taken after the stack was deleted. A name with a part of the stack's id is its own."""
    return {
        name: id
        for name, id in names(template).items()
        if template["Resources"][id].get("DeletionPolicy") in _RETAINING and "AWS::StackId" not in name
    }


def dependencies(template: Template, id: str) -> set[str]:
    """The logical ids of everything that CloudFormation creates before a resource, and deletes after it."""
    found: set[str] = set()
    waiting = [id]
    while waiting:
        for each in _named_in(template["Resources"][waiting.pop()]):
            if each in template["Resources"] and each not in found:
                found.add(each)
                waiting.append(each)
    return found


def _unordered_writers(template: Template) -> Iterator[str]:
    """Whatever may write to buckets before their cleanup exists, or after it was deleted: they cannot be deleted."""
    for cleanup, _ in of_type(template, _CLEANUP):
        before = dependencies(template, cleanup)
        for kind in _WRITERS:
            for id, _ in of_type(template, kind):
                if id not in before and cleanup not in dependencies(template, id):
                    yield f"{id}: may write to a bucket without {cleanup}"


def _replaced(old: Template, new: Template) -> Iterator[str]:
    """Resources that CloudFormation can only change by another one in their place."""
    former_names = {id: name for name, id in names(old).items()}
    names_now = names(new)
    for id, before in sorted(old["Resources"].items()):
        after = new["Resources"].get(id)
        if after is None or before.get("Properties") == after.get("Properties"):
            continue
        changed = [each for each in _create_only(before["Type"]) if _value(before, each) != _value(after, each)]
        if before["Type"] != after["Type"] or changed:
            if before["Type"] in STATEFUL:
                yield f"{id}: would be replaced, without its data ({', '.join(changed)})"
            if names_now.get(former_names.get(id, "")) == id:
                yield f"{id}: would be replaced, while its name is taken ({', '.join(changed)})"


def _lost(old: Template, new: Template) -> Iterator[str]:
    for id, before in sorted(old["Resources"].items()):
        if before["Type"] in STATEFUL and id not in new["Resources"] and before.get("DeletionPolicy") == "Delete":
            yield f"{id}: would be deleted with its data"


def _generated_anew(old: Template, new: Template) -> Iterator[str]:
    """CloudFormation overwrites a secret's value when the properties change from which it is made."""
    for id, secret in of_type(old, "AWS::SecretsManager::Secret"):
        changed = new["Resources"].get(id, {}).get("Properties", secret)
        for each in ("GenerateSecretString", "SecretString"):
            if secret.get(each) != changed.get(each):
                yield f"{id}: {each} changed, which overwrites the stored value"


def _route_settings(old: Template, new: Template) -> Iterator[str]:
    """API Gateway refuses settings of a route that is gone; the former ones stay until the stage is updated."""
    kept = {route["RouteKey"] for _, route in of_type(new, "AWS::ApiGatewayV2::Route")}
    for template in (old, new):
        for id, stage in of_type(template, "AWS::ApiGatewayV2::Stage"):
            for route in sorted(stage.get("RouteSettings", {}).keys() - kept):
                yield f"{id}: has settings of the route {route}, which the update removes"


def _create_only(kind: str) -> list[str]:
    """The paths of properties that cannot be changed in place, as the provider's schema says."""
    if kind.startswith("Custom::"):
        return ["/properties/ServiceToken"]
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # imported here, since it takes a second

    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    return [*(schema.get("createOnlyProperties") or ()), *(schema.get("conditionalCreateOnlyProperties") or ())]


def _value(resource: dict[str, Any], path: str) -> Any:
    value: Any = resource.get("Properties", {})
    for each in path.removeprefix("/properties/").split("/"):
        value = value.get(each) if isinstance(value, dict) else None
    return value


def _named_in(value: Any) -> Iterator[str]:
    """The logical ids that a resource refers to, by a function or by DependsOn."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "Ref":
                yield str(each)
            elif key == "Fn::GetAtt":
                yield str(each[0] if isinstance(each, list) else each.partition(".")[0])
            elif key == "DependsOn":
                yield from [each] if isinstance(each, str) else each
            else:
                yield from _named_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _named_in(each)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(_text, value))
    if isinstance(value, dict) and not any(key == "Ref" or key.startswith("Fn::") for key in value):
        return " ".join(f"{key}={_text(each)}" for key, each in sorted(value.items()))
    return plain(value)
