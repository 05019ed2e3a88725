"""With a key of one's own everything that is kept is encrypted with it, and whoever needs it may use it."""

from __future__ import annotations

from typing import Any

from infrastructure.review.permissions import ROLES, Line, lines
from tests.infrastructure.reading import Template, listed, only, plain, readable, resources, statements

# The property that names the key, on each kind of resource that keeps something.
NAMED = {
    "AWS::DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
    "AWS::SecretsManager::Secret": ("KmsKeyId",),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
}
ARN = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"


def test_without_it_there_is_no_key_and_no_permission_for_one(template: Template) -> None:
    assert not [name for name, each in template["Resources"].items() if each["Type"].startswith("AWS::KMS")]
    assert not [line for line in lines(template) if "kms:" in str(line)]


def test_everything_that_is_kept_is_encrypted_with_it(keyed: Template) -> None:
    for kind, path in NAMED.items():
        for name, properties in resources(keyed, kind).items():
            held: Any = properties
            for step in path:
                held = held.get(step, {})
            assert readable(held) == "<KeysKey>", name


def test_buckets_are_too_but_for_the_access_logs_that_s3_writes_into_no_such_bucket(keyed: Template) -> None:
    for name, properties in resources(keyed, "AWS::S3::Bucket").items():
        (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        default = rule["ServerSideEncryptionByDefault"]
        if "AccessLogs" in name:
            assert default == {"SSEAlgorithm": "AES256"}
        else:
            assert (default["SSEAlgorithm"], readable(default["KMSMasterKeyID"])) == ("aws:kms", "<KeysKey>")
            assert rule["BucketKeyEnabled"] is True  # else each object costs a call


def test_it_is_renewed_every_year(keyed: Template) -> None:
    assert only(keyed, "AWS::KMS::Key")["EnableKeyRotation"] is True


def test_services_use_it_for_this_stack_alone(keyed: Template) -> None:
    of_services = {
        plain(statement["Principal"]["Service"]): statement["Condition"]["ArnLike"]
        for statement in only(keyed, "AWS::KMS::Key")["KeyPolicy"]["Statement"]
        if "Service" in statement["Principal"]
    }
    assert of_services.keys() == {
        "logs.<AWS::Region>.amazonaws.com",
        "cloudwatch.amazonaws.com",
        "events.amazonaws.com",
    }
    for condition in of_services.values():
        ((_, arns),) = condition.items()
        assert all("<AWS::AccountId>" in plain(arn) and "Chatflow-dev-*" in plain(arn) for arn in listed(arns))


def test_whoever_reads_or_writes_what_is_encrypted_may_use_the_key_through_that_service(keyed: Template) -> None:
    services = {"dynamodb", "s3", "secretsmanager", "sqs"}
    for policy in resources(keyed, "AWS::IAM::Policy"):
        of_role = [each for name, each in statements(keyed) if name == policy]
        touched = {
            str(action).partition(":")[0]
            for each in of_role
            for action in listed(each["Action"])
            if action not in ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions", "s3:ListBucket")
        } & services
        opened = {
            plain(through).partition(".")[0]
            for each in of_role
            if "kms:Decrypt" in listed(each["Action"])
            for through in listed(each["Condition"]["StringEquals"]["kms:ViaService"])
        }
        assert touched <= opened, policy


def test_secrets_that_are_stored_later_are_encrypted_with_it(template: Template, keyed: Template) -> None:
    def told(of: Template) -> str:
        return readable(
            only(of, "AWS::Lambda::Function", "ManagementApi")["Environment"]["Variables"].get(
                "CHATFLOW_SECRETS_KEY", ""
            )
        )

    assert told(keyed) == "<KeysKey>"
    assert told(template) == ""


def test_nobody_may_use_it_but_through_a_service(keyed: Template) -> None:
    for policy, statement in statements(keyed):
        if any(str(action).startswith("kms:") for action in listed(statement["Action"])):
            assert statement["Condition"]["StringEquals"].keys() == {"kms:ViaService"}, policy
            assert readable(statement["Resource"]) == "<KeysKey>"


def test_a_key_that_is_there_already_is_taken_as_it_is(keyed: Template, elsewhere: Template) -> None:
    assert not [name for name, each in elsewhere["Resources"].items() if each["Type"].startswith("AWS::KMS")]
    assert only(elsewhere, "AWS::DynamoDB::Table", "Sessions")["SSESpecification"]["KMSMasterKeyId"] == ARN
    assert {str(line).replace("<KeysKey>", ARN) for line in _of_roles(keyed)} == set(map(str, _of_roles(elsewhere)))


def _of_roles(template: Template) -> list[Line]:
    return [line for line in lines(template) if line.section == ROLES]
