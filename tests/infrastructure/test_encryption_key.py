"""With a customer-managed key all data is encrypted with it, and every role that needs it may use it."""

from __future__ import annotations

from typing import Any

from infrastructure.review.permissions import ROLES, Permission, permissions
from tests.infrastructure.template_checks import Template, as_list, only, plain, readable, resources, statements

# The property that names the key, for each type of resource that stores data.
KEY_PROPERTIES = {
    "AWS::DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
    "AWS::SecretsManager::Secret": ("KmsKeyId",),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
}
ARN = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"


def test_without_it_there_is_no_key_and_no_permission_for_one(template: Template) -> None:
    assert not [name for name, each in template["Resources"].items() if each["Type"].startswith("AWS::KMS")]
    assert not [each for each in permissions(template) if "kms:" in str(each)]


def test_all_data_is_encrypted_with_it(with_key: Template) -> None:
    for kind, path in KEY_PROPERTIES.items():
        for name, properties in resources(with_key, kind).items():
            key: Any = properties
            for step in path:
                key = key.get(step, {})
            assert readable(key) == "<KeysKey>", name


def test_buckets_are_encrypted_with_it_except_for_access_logs_and_public_code(with_key: Template) -> None:
    for name, properties in resources(with_key, "AWS::S3::Bucket").items():
        (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        default = rule["ServerSideEncryptionByDefault"]
        if "AccessLogs" in name or name.startswith("ConsoleWeb"):
            assert default == {"SSEAlgorithm": "AES256"}
        else:
            assert (default["SSEAlgorithm"], readable(default["KMSMasterKeyID"])) == ("aws:kms", "<KeysKey>")
            assert rule["BucketKeyEnabled"] is True  # else each object costs a call


def test_it_is_rotated_every_year(with_key: Template) -> None:
    assert only(with_key, "AWS::KMS::Key")["EnableKeyRotation"] is True


def test_services_use_it_for_this_stack_alone(with_key: Template) -> None:
    service_conditions = {
        plain(statement["Principal"]["Service"]): statement.get("Condition", {}).get("ArnLike")
        for statement in only(with_key, "AWS::KMS::Key")["KeyPolicy"]["Statement"]
        if "Service" in statement["Principal"]
    }
    # EventBridge's requests to KMS carry no source: with a condition on it, dead letters would be lost. The policy of
    # the queue names the rules instead (test_service_arrows.py).
    assert service_conditions.pop("events.amazonaws.com") is None
    assert service_conditions.keys() == {"logs.<AWS::Region>.amazonaws.com", "cloudwatch.amazonaws.com"}
    for condition in service_conditions.values():
        ((_, arns),) = condition.items()
        assert all("<AWS::AccountId>" in plain(arn) and "Chatflow-dev-*" in plain(arn) for arn in as_list(arns))


def test_a_role_with_access_to_encrypted_data_may_use_the_key_through_that_service(with_key: Template) -> None:
    services = {"dynamodb", "s3", "secretsmanager", "sqs"}
    for policy in resources(with_key, "AWS::IAM::Policy"):
        role_statements = [each for name, each in statements(with_key) if name == policy]
        accessed = {
            str(action).partition(":")[0]
            for each in role_statements
            for action in as_list(each["Action"])
            if not str(action).startswith(("s3:Delete", "s3:List", "s3:GetBucket", "s3:PutBucket"))
        } & services
        allowed = {
            plain(through).partition(".")[0]
            for each in role_statements
            if "kms:Decrypt" in as_list(each["Action"])
            for through in as_list(each["Condition"]["StringEquals"]["kms:ViaService"])
        }
        assert accessed <= allowed, policy


def test_secrets_that_are_stored_later_are_encrypted_with_it(template: Template, with_key: Template) -> None:
    def secrets_key(of: Template) -> str:
        return readable(
            only(of, "AWS::Lambda::Function", "ManagementApi")["Environment"]["Variables"].get(
                "CHATFLOW_SECRETS_KEY", ""
            )
        )

    assert secrets_key(with_key) == "<KeysKey>"
    assert secrets_key(template) == ""


def test_roles_may_use_it_only_through_a_service(with_key: Template) -> None:
    for policy, statement in statements(with_key):
        if any(str(action).startswith("kms:") for action in as_list(statement["Action"])):
            assert statement["Condition"]["StringEquals"].keys() == {"kms:ViaService"}, policy
            assert readable(statement["Resource"]) == "<KeysKey>"


def test_an_existing_key_is_used_as_it_is(with_key: Template, with_existing_key: Template) -> None:
    assert not [name for name, each in with_existing_key["Resources"].items() if each["Type"].startswith("AWS::KMS")]
    assert only(with_existing_key, "AWS::DynamoDB::Table", "Sessions")["SSESpecification"]["KMSMasterKeyId"] == ARN
    assert {str(each).replace("<KeysKey>", ARN) for each in _role_statementss(with_key)} == set(
        map(str, _role_statementss(with_existing_key))
    )  # which has no web console


def _role_statementss(template: Template) -> list[Permission]:
    every = [each for each in permissions(template) if each.section == ROLES]
    return [each for each in every if not each.holder.startswith("Console")]
