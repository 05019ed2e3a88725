"""Stored data can be recovered, expires when it should, and is protected from other readers."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.media.retention import STEPS, TAG
from tests.infrastructure.template_checks import Template, as_list, assert_detects, only, plain, resources

TABLE = "AWS::DynamoDB::Table"
BUCKET = "AWS::S3::Bucket"
POLICY = "AWS::S3::BucketPolicy"
KEYS = {
    "StorageSessions": ["conversation", "item"],
    "StorageEffects": ["effect"],
    "StorageHosts": ["cell"],
    "StorageRates": ["cell"],
    "StorageDeliveries": ["message"],
    "StorageFlows": ["name", "item"],
    "StorageAssets": ["name", "item"],
    "StorageUploads": ["content"],
    "StorageAudit": ["month", "at"],
    "StorageRepeats": ["id"],
}


def tables_have_their_keys_and_are_paid_by_use(template: Template) -> None:
    tables = resources(template, TABLE)
    assert {
        name[:-8]: [key["AttributeName"] for key in properties["KeySchema"]] for name, properties in tables.items()
    } == KEYS
    assert all(properties["BillingMode"] == "PAY_PER_REQUEST" for properties in tables.values())


def indexes_have_their_keys_and_no_address(template: Template) -> None:
    indexes = {
        f"{name[:-8]} {index['IndexName']}": ([key["AttributeName"] for key in index["KeySchema"]], index["Projection"])
        for name, properties in resources(template, TABLE).items()
        for index in properties.get("GlobalSecondaryIndexes", [])
    }
    assert {name: attributes for name, (attributes, _) in indexes.items()} == {
        "StorageFlows listed": ["listed", "name"],
        "StorageAssets listed": ["listed", "name"],
        "StorageSessions by_state": ["state", "listed_at"],
        "StorageSessions by_host": ["held_in", "held_at"],
        "StorageEffects by_conversation": ["conversation"],
        "StorageDeliveries by_conversation": ["conversation"],
    }
    for index in ("StorageEffects by_conversation", "StorageDeliveries by_conversation", "StorageSessions by_host"):
        assert indexes[index][1] == {"ProjectionType": "KEYS_ONLY"}
    sessions = indexes["StorageSessions by_state"][1]
    assert sessions["ProjectionType"] == "INCLUDE"
    assert not {"document", "contact", "name", "variables"} & set(sessions["NonKeyAttributes"])


def tables_can_be_recovered_and_expire_items(template: Template) -> None:
    for properties in resources(template, TABLE).values():
        assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def buckets_are_private_and_encrypted(template: Template) -> None:
    for properties in resources(template, BUCKET).values():
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(properties["PublicAccessBlockConfiguration"]) == 4
        assert properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def buckets_are_reached_by_tls_alone(template: Template) -> None:
    for name in resources(template, BUCKET):
        denied = [statement["Condition"] for statement in _denials(template, name) if statement["Action"] == "s3:*"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in denied
        assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in denied


def nobody_may_read_unsafe_files(template: Template) -> None:
    for name in ("StorageMedia", "StorageLibrary"):
        (id,) = (id for id in resources(template, BUCKET) if id.startswith(name))
        (denial,) = (each for each in _denials(template, id) if each["Action"] != "s3:*")
        assert "s3:GetObject" in denial["Action"]
        assert denial["Principal"] == {"AWS": "*"}
        assert denial["Condition"] == {"StringEquals": {"s3:ExistingObjectTag/state": "unsafe"}}
        assert plain(denial["Resource"]) == f"<{id}.Arn>/*"


def customers_files_expire(template: Template) -> None:
    rule, *shorter = only(template, BUCKET, "StorageMedia")["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["ExpirationInDays"] == 30
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert "Prefix" not in rule
    assert "TagFilters" not in rule
    # Files of flows with a shorter retention. A longer one than the deployment's has no effect.
    assert {int(each["TagFilters"][0]["Value"]): each["ExpirationInDays"] for each in shorter} == {
        days: days for days in STEPS if days < 30
    }
    assert all(each["TagFilters"][0]["Key"] == TAG and "Prefix" not in each for each in shorter)


def older_assets_can_be_restored(template: Template) -> None:
    library = only(template, BUCKET, "StorageLibrary")
    assert library["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = {rule["Id"]: rule for rule in library["LifecycleConfiguration"]["Rules"]}
    rule = rules["superseded"]
    assert [each.get("Prefix") for each in rules.values() if "ExpirationInDays" in each] == ["upload/"]
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30


_RULE_FOR_ALL_FILES = {
    "Status": "Enabled",
    "ExpirationInDays": 30,
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
}


def _denials(template: Template, bucket: str) -> list[dict[str, Any]]:
    return [
        statement
        for policy in resources(template, POLICY).values()
        if policy["Bucket"] == {"Ref": bucket}
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
    ]


def _table(key: str, value: Any) -> Any:
    def mutate(template: Template) -> None:
        only(template, TABLE, "StorageSessions")[key] = value

    return mutate


def _bucket(name: str, key: str, value: Any) -> Any:
    def mutate(template: Template) -> None:
        only(template, BUCKET, name)[key] = value

    return mutate


def _rule(name: str, key: str, value: Any) -> Any:
    def mutate(template: Template) -> None:
        only(template, BUCKET, name)["LifecycleConfiguration"]["Rules"][0][key] = value

    return mutate


def _remove_a_denial(action: str) -> Any:
    def mutate(template: Template) -> None:
        statements = only(template, POLICY, "StorageMedia")["PolicyDocument"]["Statement"]
        statements[:] = [each for each in statements if action not in as_list(each["Action"])]

    return mutate


def _deny_another_tag(template: Template) -> None:
    for each in only(template, POLICY, "StorageLibrary")["PolicyDocument"]["Statement"]:
        if each["Action"] != "s3:*":
            each["Condition"] = {"StringEquals": {"s3:ExistingObjectTag/state": "new"}}


@pytest.mark.parametrize(
    ("check", "mutate"),
    [
        (tables_have_their_keys_and_are_paid_by_use, _table("BillingMode", "PROVISIONED")),
        (tables_have_their_keys_and_are_paid_by_use, _table("KeySchema", [{"AttributeName": "id"}])),
        (indexes_have_their_keys_and_no_address, _table("GlobalSecondaryIndexes", [])),
        (tables_can_be_recovered_and_expire_items, _table("TimeToLiveSpecification", {"Enabled": False})),
        (
            tables_can_be_recovered_and_expire_items,
            _table("PointInTimeRecoverySpecification", {"PointInTimeRecoveryEnabled": False}),
        ),
        (buckets_are_private_and_encrypted, _bucket("AccessLogs", "PublicAccessBlockConfiguration", {})),
        (
            buckets_are_private_and_encrypted,
            _bucket("StorageMedia", "BucketEncryption", {"ServerSideEncryptionConfiguration": []}),
        ),
        (buckets_are_reached_by_tls_alone, _remove_a_denial("s3:*")),
        (nobody_may_read_unsafe_files, _deny_another_tag),
        (customers_files_expire, _rule("StorageMedia", "ExpirationInDays", 3000)),
        (customers_files_expire, _rule("StorageMedia", "Prefix", "media/old/")),
        (customers_files_expire, _bucket("StorageMedia", "LifecycleConfiguration", {"Rules": [_RULE_FOR_ALL_FILES]})),
        (older_assets_can_be_restored, _bucket("StorageLibrary", "VersioningConfiguration", {})),
        (older_assets_can_be_restored, _rule("StorageLibrary", "ExpirationInDays", 30)),
    ],
)
def test_stored_data_is_protected(template: Template, check: Any, mutate: Any) -> None:
    assert_detects(check, template, mutate)


@pytest.mark.parametrize(
    "kind", [TABLE, BUCKET, "AWS::SecretsManager::Secret", "AWS::Logs::LogGroup", "AWS::SQS::Queue"]
)
def test_only_a_stage_that_keeps_its_data_retains_it(template: Template, prod: Template, kind: str) -> None:
    def policies(of: Template) -> set[str]:
        every = of["Resources"].items()
        # The bucket of the web console holds nobody's data: each deploy makes its content anew.
        return {
            each["DeletionPolicy"] for id, each in every if each["Type"] == kind and not id.startswith("ConsoleWeb")
        }

    assert policies(prod) == {"RetainExceptOnCreate"}
    assert policies(template) == {"Delete"}


def test_what_a_failed_first_deploy_created_blocks_no_later_one(prod: Template) -> None:
    """With plain `Retain` it stays, empty and with its fixed name, and the next deploy cannot create it again."""
    retained = [name for name, each in prod["Resources"].items() if each.get("DeletionPolicy") == "Retain"]
    assert not retained


def test_a_replaced_resource_of_a_stage_that_keeps_its_data_stays(prod: Template) -> None:
    kept = [each for each in prod["Resources"].values() if each.get("DeletionPolicy") == "RetainExceptOnCreate"]
    assert kept
    assert {each["UpdateReplacePolicy"] for each in kept} == {"Retain"}


def test_only_a_stage_that_keeps_no_data_has_the_bucket_cleanup(template: Template, prod: Template) -> None:
    def bucket_cleanup(of: Template) -> list[str]:
        return [name for name in of["Resources"] if "Empt" in name]

    assert bucket_cleanup(template)
    assert not bucket_cleanup(prod)
    resource = only(template, "Custom::EmptiedBuckets")
    emptied = {plain(each).strip("<>") for each in resource["Buckets"]}
    # The console's function empties its own bucket, in every stage.
    assert resources(template, BUCKET).keys() - emptied == {
        plain(only(template, "Custom::ConsoleFiles")["Bucket"]).strip("<>")
    }
