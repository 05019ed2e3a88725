"""What is kept can be recovered, ends when it should, and is read by nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.media.retention import STEPS, TAG
from tests.infrastructure.reading import Template, listed, only, plain, resources, turns_red

TABLE = "AWS::DynamoDB::Table"
BUCKET = "AWS::S3::Bucket"
POLICY = "AWS::S3::BucketPolicy"
KEYS = {
    "StorageSessions": ["conversation", "item"],
    "StorageEffects": ["effect"],
    "StorageDeliveries": ["message"],
    "StorageFlows": ["name", "item"],
    "StorageAssets": ["name", "item"],
    "StorageUploads": ["content"],
    "StorageAudit": ["month", "at"],
    "StorageRepeats": ["id"],
}


def tables_have_their_keys_and_cost_nothing_unused(template: Template) -> None:
    found = resources(template, TABLE)
    assert {
        name[:-8]: [key["AttributeName"] for key in properties["KeySchema"]] for name, properties in found.items()
    } == KEYS
    assert all(properties["BillingMode"] == "PAY_PER_REQUEST" for properties in found.values())


def lists_have_their_indexes_and_no_address_in_them(template: Template) -> None:
    found = {
        f"{name[:-8]} {index['IndexName']}": ([key["AttributeName"] for key in index["KeySchema"]], index["Projection"])
        for name, properties in resources(template, TABLE).items()
        for index in properties.get("GlobalSecondaryIndexes", [])
    }
    assert {name: attributes for name, (attributes, _) in found.items()} == {
        "StorageFlows listed": ["listed", "name"],
        "StorageAssets listed": ["listed", "name"],
        "StorageSessions by_state": ["state", "listed_at"],
        "StorageEffects by_conversation": ["conversation"],
        "StorageDeliveries by_conversation": ["conversation"],
    }
    for table in ("StorageEffects", "StorageDeliveries"):
        assert found[f"{table} by_conversation"][1] == {"ProjectionType": "KEYS_ONLY"}
    shown = found["StorageSessions by_state"][1]
    assert shown["ProjectionType"] == "INCLUDE"
    assert not {"document", "contact", "name", "variables"} & set(shown["NonKeyAttributes"])


def tables_can_be_recovered_and_forget(template: Template) -> None:
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


def unsafe_files_are_read_by_nobody(template: Template) -> None:
    for name in ("StorageMedia", "StorageLibrary"):
        (id,) = (id for id in resources(template, BUCKET) if id.startswith(name))
        (denial,) = (each for each in _denials(template, id) if each["Action"] != "s3:*")
        assert "s3:GetObject" in denial["Action"]
        assert denial["Principal"] == {"AWS": "*"}
        assert denial["Condition"] == {"StringEquals": {"s3:ExistingObjectTag/state": "unsafe"}}
        assert plain(denial["Resource"]) == f"<{id}.Arn>/*"


def customers_files_end(template: Template) -> None:
    rule, *sooner = only(template, BUCKET, "StorageMedia")["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["ExpirationInDays"] == 30
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert "Prefix" not in rule
    assert "TagFilters" not in rule
    # Files of flows that keep them for less. One that asks for more than the deployment keeps gets no more.
    assert {int(each["TagFilters"][0]["Value"]): each["ExpirationInDays"] for each in sooner} == {
        days: days for days in STEPS if days < 30
    }
    assert all(each["TagFilters"][0]["Key"] == TAG and "Prefix" not in each for each in sooner)


def the_library_can_be_brought_back(template: Template) -> None:
    library = only(template, BUCKET, "StorageLibrary")
    assert library["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = {rule["Id"]: rule for rule in library["LifecycleConfiguration"]["Rules"]}
    rule = rules["superseded"]
    assert [each.get("Prefix") for each in rules.values() if "ExpirationInDays" in each] == ["upload/"]
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30


_FOR_ALL = {
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
    def spoil(template: Template) -> None:
        only(template, TABLE, "StorageSessions")[key] = value

    return spoil


def _bucket(name: str, key: str, value: Any) -> Any:
    def spoil(template: Template) -> None:
        only(template, BUCKET, name)[key] = value

    return spoil


def _rule(name: str, key: str, value: Any) -> Any:
    def spoil(template: Template) -> None:
        only(template, BUCKET, name)["LifecycleConfiguration"]["Rules"][0][key] = value

    return spoil


def _forget_a_denial(action: str) -> Any:
    def spoil(template: Template) -> None:
        statements = only(template, POLICY, "StorageMedia")["PolicyDocument"]["Statement"]
        statements[:] = [each for each in statements if action not in listed(each["Action"])]

    return spoil


def _deny_another_tag(template: Template) -> None:
    for each in only(template, POLICY, "StorageLibrary")["PolicyDocument"]["Statement"]:
        if each["Action"] != "s3:*":
            each["Condition"] = {"StringEquals": {"s3:ExistingObjectTag/state": "new"}}


@pytest.mark.parametrize(
    ("check", "spoil"),
    [
        (tables_have_their_keys_and_cost_nothing_unused, _table("BillingMode", "PROVISIONED")),
        (tables_have_their_keys_and_cost_nothing_unused, _table("KeySchema", [{"AttributeName": "id"}])),
        (lists_have_their_indexes_and_no_address_in_them, _table("GlobalSecondaryIndexes", [])),
        (tables_can_be_recovered_and_forget, _table("TimeToLiveSpecification", {"Enabled": False})),
        (
            tables_can_be_recovered_and_forget,
            _table("PointInTimeRecoverySpecification", {"PointInTimeRecoveryEnabled": False}),
        ),
        (buckets_are_private_and_encrypted, _bucket("AccessLogs", "PublicAccessBlockConfiguration", {})),
        (
            buckets_are_private_and_encrypted,
            _bucket("StorageMedia", "BucketEncryption", {"ServerSideEncryptionConfiguration": []}),
        ),
        (buckets_are_reached_by_tls_alone, _forget_a_denial("s3:*")),
        (unsafe_files_are_read_by_nobody, _deny_another_tag),
        (customers_files_end, _rule("StorageMedia", "ExpirationInDays", 3000)),
        (customers_files_end, _rule("StorageMedia", "Prefix", "media/old/")),
        (customers_files_end, _bucket("StorageMedia", "LifecycleConfiguration", {"Rules": [_FOR_ALL]})),
        (the_library_can_be_brought_back, _bucket("StorageLibrary", "VersioningConfiguration", {})),
        (the_library_can_be_brought_back, _rule("StorageLibrary", "ExpirationInDays", 30)),
    ],
)
def test_what_is_kept_is_kept_safe(template: Template, check: Any, spoil: Any) -> None:
    turns_red(check, template, spoil)


@pytest.mark.parametrize("kind", [TABLE, BUCKET, "AWS::SecretsManager::Secret", "AWS::Logs::LogGroup"])
def test_a_stage_that_keeps_its_data_leaves_it_behind(template: Template, lasting: Template, kind: str) -> None:
    def policies(of: Template) -> set[str]:
        return {each["DeletionPolicy"] for each in of["Resources"].values() if each["Type"] == kind}

    assert policies(lasting) == {"Retain"}
    assert policies(template) == {"Delete"}


def test_only_a_stage_that_keeps_nothing_can_be_emptied(template: Template, lasting: Template) -> None:
    def emptying(of: Template) -> list[str]:
        return [name for name in of["Resources"] if "Empt" in name]

    assert emptying(template)
    assert not emptying(lasting)
    resource = only(template, "Custom::EmptiedBuckets")
    assert {plain(each).strip("<>") for each in resource["Buckets"]} == resources(template, BUCKET).keys()
