"""The custom resource carries out CloudFormation's orders, on tables and buckets in moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chatflow.adapters import aws, cloudformation
from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.adapters.dynamodb import versions
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.publishing.model import Entry, VersionChange
from chatflow.settings import PublishOnDeploySettings
from publish_on_deploy import handler
from publish_on_deploy.deploy_record import DeployRecordStore
from tests.fakes.aws_account import an_account, create_table
from tests.fakes.version_store import flow

SETTINGS = PublishOnDeploySettings("flows", "assets", "library")
STACK = {"StackName": "Chatflow-test", "TemplateBody": json.dumps({"Resources": {"A": {"Type": "AWS::SQS::Queue"}}})}
PDF = Entry(
    "asset",
    "leaflet.pdf",
    "hash of leaflet",
    {
        "key": "asset/abc",
        "sha256": "abc",
        "size": 3,
        "mime": "application/pdf",
        "kind": "document",
        "filename": "l.pdf",
    },
    file="chatflow-test/leaflet.pdf",
)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    problems: list[str] = []
    monkeypatch.setattr(cloudformation, "answer", lambda event, resource, problem="": problems.append(problem))
    return problems


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An account with what the function needs; gives the stack's id."""
    for name, value in SETTINGS.to_environment().items():
        monkeypatch.setenv(name, value)
    with an_account(monkeypatch, "us-east-1"):
        for table in ("flows", "assets"):
            create_table(table, "name", "item")
        for bucket in ("library", "uploads"):
            botocore_client("s3").create_bucket(Bucket=bucket)
        yield str(botocore_client("cloudformation").create_stack(**STACK)["StackId"])


def _order(stack: str, kind: str, *entries: Entry, name: str, old: str = "") -> None:
    s3 = botocore_client("s3")
    s3.put_object(Bucket="uploads", Key=name, Body=json.dumps([entry.to_json() for entry in entries]))
    s3.put_object(Bucket="uploads", Key=PDF.file, Body=b"pdf")
    event: dict[str, Any] = {
        "RequestType": kind,
        "RequestId": f"{kind} {name}",
        "StackId": stack,
        "ResourceProperties": {"Bucket": "uploads", "Publication": name, "TakeOver": ""},
    }
    if old:
        event["OldResourceProperties"] = {"Bucket": "uploads", "Publication": old, "TakeOver": ""}
    handler.lambda_handler(event, None)


def test_a_published_flow_is_what_a_turn_reads(stack: str, answers: list[str]) -> None:
    _order(stack, "Create", flow("a", "one"), name="first")
    assert answers == [""]
    flows = PublishedFlows("flows")
    assert flows.live("a").items() >= {"flow": "a", "title": "one", "version": 1}.items()
    assert flows.slice("a", 1, "start") == {"nodes": {}}


def test_a_new_version_leaves_the_old_one_as_it_was(stack: str, answers: list[str]) -> None:
    _order(stack, "Create", flow("a", "one"), name="first")
    before = aws.client("dynamodb").scan(TableName="flows")["Items"]
    _order(stack, "Update", flow("a", "two"), name="second", old="first")
    after = aws.client("dynamodb").scan(TableName="flows")["Items"]
    assert [item for item in before if item["item"]["S"].startswith("v")] == [
        item for item in after if item["item"]["S"].startswith("v000001")
    ]
    assert PublishedFlows("flows").live("a")["version"] == 2


def test_the_libraries_files_are_copied_with_their_type_and_tag(stack: str, answers: list[str]) -> None:
    _order(stack, "Create", PDF, name="first")
    s3 = botocore_client("s3")
    kept = s3.get_object(Bucket="library", Key="asset/abc")
    assert (kept["Body"].read(), kept["ContentType"]) == (b"pdf", "application/pdf")
    assert s3.get_object_tagging(Bucket="library", Key="asset/abc")["TagSet"] == [{"Key": "state", "Value": "clean"}]
    live = aws.client("dynamodb").get_item(
        TableName="assets", Key={"name": {"S": "leaflet.pdf"}, "item": {"S": "live"}}
    )["Item"]
    assert (live["key"], live["size"]) == ({"S": "asset/abc"}, {"N": "3"})


def test_a_rollback_brings_back_what_was_live(stack: str, answers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    _order(stack, "Create", flow("a", "one"), name="first")
    _order(stack, "Update", flow("a", "two"), flow("b", "one"), name="second", old="first")
    monkeypatch.setattr(handler, "rolling_back", lambda stack_id: stack_id == stack)
    _order(stack, "Update", flow("a", "one"), name="first", old="second")
    assert PublishedFlows("flows").live("a")["version"] == 1
    live = {"name": {"S": "b"}, "item": {"S": "live"}}
    assert "Item" not in aws.client("dynamodb").get_item(TableName="flows", Key=live)
    assert answers == ["", "", ""]


def test_deleting_the_stack_keeps_the_versions_on_which_sessions_run(stack: str, answers: list[str]) -> None:
    _order(stack, "Create", flow("a", "one"), name="first")
    _order(stack, "Delete", name="first")
    left = {item["item"]["S"] for item in aws.client("dynamodb").scan(TableName="flows")["Items"]}
    assert left == {"v000001", "v000001#start"}


def test_the_record_of_an_earlier_version_is_read_and_replaced(stack: str, answers: list[str]) -> None:
    """Before revisions were counted, the item held nothing but the document."""
    _order(stack, "Create", flow("a", "one"), name="first")
    key = {"name": {"S": "#deploy"}, "item": {"S": "last"}}
    dynamodb = aws.client("dynamodb")
    dynamodb.update_item(TableName="flows", Key=key, UpdateExpression="REMOVE revision")
    _order(stack, "Update", flow("a", "two"), name="second", old="first")
    assert answers == ["", ""]
    assert PublishedFlows("flows").live("a")["version"] == 2
    assert dynamodb.get_item(TableName="flows", Key=key)["Item"]["revision"] == {"N": "2"}


def test_the_record_can_be_read_by_the_function_of_the_former_version(stack: str, answers: list[str]) -> None:
    """CloudFormation rolls back the function first, and then orders it to roll back what its successor published."""
    _order(stack, "Create", flow("a", "one"), name="first")
    key = {"name": {"S": "#deploy"}, "item": {"S": "last"}}
    item = aws.client("dynamodb").get_item(TableName="flows", Key=key)["Item"]
    assert json.loads(item["document"]["S"]).keys() == {
        *("identity", "request", "done", "entries", "before", "previous_identity", "previous_entries"),
    }


def test_an_order_that_was_overtaken_makes_nothing_live(
    stack: str, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudFormation ordered the rollback while the update was still carried out, with the record already written."""
    _order(stack, "Create", flow("a", "one"), name="first")
    records = DeployRecordStore("flows")
    switch = versions.VersionStore.switch

    def overtaken(store: versions.VersionStore, *arguments: Any) -> None:
        records.save(records.load())
        switch(store, *arguments)

    monkeypatch.setattr(versions.VersionStore, "switch", overtaken)
    _order(stack, "Update", flow("a", "two"), name="second", old="first")
    assert answers[1].startswith("another version went live")
    assert PublishedFlows("flows").live("a")["version"] == 1


def test_a_conflict_is_reported_in_words(stack: str, answers: list[str]) -> None:
    store = versions.VersionStore("flows", "assets")
    version = store.add(flow("a", "by hand"), "api", 1_760_000_000)
    store.switch([VersionChange("flow/a", to=version, replaces=0)])
    _order(stack, "Create", flow("a", "one"), name="first")
    assert answers[0].startswith(
        "Nothing was published. The flow a: version 1, published through the API on 2025-10-09"
    )


def test_a_defect_is_reported_without_its_details(stack: str, answers: list[str]) -> None:
    aws.client("dynamodb").delete_table(TableName="flows")
    _order(stack, "Create", flow("a", "one"), name="first")
    assert answers == ["ResourceNotFoundException; see the function's log"]


def test_more_than_one_transaction_holds_goes_live(
    stack: str, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "_TRANSACTION_ITEMS", 3)
    _order(stack, "Create", *(flow(f"f{number}", "one") for number in range(7)), name="first")
    assert answers == [""]
    assert [PublishedFlows("flows").live(f"f{number}")["version"] for number in range(7)] == [1] * 7
