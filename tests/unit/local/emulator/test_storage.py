"""DynamoDB and S3 on the local stack, as the adapters use them."""

from __future__ import annotations

import threading
from typing import Any
from uuid import uuid4

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.emulator.client import REGION


def key(name: str) -> dict[str, Any]:
    return {"group": {"S": name}, "at": {"S": "session"}}


def put(cloud: Any, name: str, turn: int, **condition: Any) -> dict[str, Any]:
    return {
        "Put": {
            "TableName": cloud.outputs["Seen"],
            "Item": {**key(name), "turn": {"N": str(turn)}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            **condition,
        }
    }


def test_a_transaction_reports_the_failed_condition_and_its_item(cloud: Any) -> None:
    name = uuid4().hex
    dynamodb = cloud.client("dynamodb")
    dynamodb.transact_write_items(TransactItems=[put(cloud, name, 1)])
    with pytest.raises(ClientError) as failure:
        dynamodb.transact_write_items(
            TransactItems=[
                put(cloud, name + "-record", 0, ConditionExpression="attribute_not_exists(turn)"),
                put(
                    cloud,
                    name,
                    9,
                    ConditionExpression="turn = :t",
                    ExpressionAttributeValues={":t": {"N": "5"}},
                ),
            ]
        )
    assert failure.value.response["Error"]["Code"] == "TransactionCanceledException"
    reasons = failure.value.response["CancellationReasons"]
    assert [r["Code"] for r in reasons] == ["None", "ConditionalCheckFailed"]
    assert reasons[1]["Item"]["turn"] == {"N": "1"}
    assert "Item" not in dynamodb.get_item(TableName=cloud.outputs["Seen"], Key=key(name + "-record"))


def test_a_condition_check_alone_can_stop_a_transaction(cloud: Any) -> None:
    name = uuid4().hex
    check = {
        "ConditionCheck": {
            "TableName": cloud.outputs["Seen"],
            "Key": key(name + "-other"),
            "ConditionExpression": "attribute_exists(turn)",
        }
    }
    with pytest.raises(ClientError) as failure:
        cloud.client("dynamodb").transact_write_items(TransactItems=[put(cloud, name, 1), check])
    assert [r["Code"] for r in failure.value.response["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]


def test_a_failed_condition_returns_the_item_that_was_there(cloud: Any) -> None:
    name = uuid4().hex
    dynamodb = cloud.client("dynamodb")
    wanted = put(
        cloud, name, 1, ConditionExpression="attribute_not_exists(#g)", ExpressionAttributeNames={"#g": "group"}
    )
    dynamodb.put_item(**wanted["Put"])
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as failure:
        dynamodb.put_item(**wanted["Put"])
    assert failure.value.response["Item"]["turn"] == {"N": "1"}


def test_one_of_many_conditional_writers_wins(cloud: Any) -> None:
    name = uuid4().hex
    outcomes: list[str] = []

    def write(turn: int) -> None:
        wanted = put(
            cloud, name, turn, ConditionExpression="attribute_not_exists(#g)", ExpressionAttributeNames={"#g": "group"}
        )
        try:
            cloud.client("dynamodb").transact_write_items(TransactItems=[wanted])
            outcomes.append("won")
        except ClientError as error:
            outcomes.append(error.response["Error"]["Code"])

    writers = [threading.Thread(target=write, args=(n,)) for n in range(20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(set(outcomes)) == ["TransactionCanceledException", "won"]
    assert outcomes.count("won") == 1


def test_a_batch_reads_the_existing_items(cloud: Any) -> None:
    name = uuid4().hex
    dynamodb = cloud.client("dynamodb")
    table = cloud.outputs["Seen"]
    dynamodb.transact_write_items(TransactItems=[put(cloud, f"{name}-{n}", n) for n in range(3)])
    answer = dynamodb.batch_get_item(
        RequestItems={table: {"Keys": [key(f"{name}-{n}") for n in range(5)], "ConsistentRead": True}}
    )
    assert sorted(i["turn"]["N"] for i in answer["Responses"][table]) == ["0", "1", "2"]


def test_an_item_larger_than_400_kb_is_refused(cloud: Any) -> None:
    item = {**key(uuid4().hex), "big": {"S": "x" * 410_000}}
    with pytest.raises(ClientError, match="exceeded the maximum allowed size"):
        cloud.client("dynamodb").put_item(TableName=cloud.outputs["Seen"], Item=item)


@pytest.fixture
def signer(cloud: Any) -> Any:
    """A client that signs for the bucket's path, as the adapters do locally."""
    return boto3.client(
        "s3",
        endpoint_url=cloud.url,
        region_name=REGION,
        aws_access_key_id="000000000000",
        aws_secret_access_key="test",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )


def test_a_signed_put_stores_the_tag_that_was_signed(cloud: Any, signer: Any) -> None:
    where = {"Bucket": cloud.outputs["Bucket"], "Key": "media/c_1/s/1"}
    url = signer.generate_presigned_url("put_object", {**where, "Tagging": "state=new", "ContentType": "image/png"})
    headers = {"x-amz-tagging": "state=new", "content-type": "image/png"}
    assert httpx.put(url, content=b"png", headers=headers).status_code == 200
    tags = cloud.client("s3").get_object_tagging(**where)["TagSet"]
    assert tags == [{"Key": "state", "Value": "new"}]


def test_a_signed_put_with_another_tag_than_the_signed_one_is_refused(cloud: Any, signer: Any) -> None:
    where = {"Bucket": cloud.outputs["Bucket"], "Key": "media/c_1/s/2"}
    url = signer.generate_presigned_url("put_object", {**where, "Tagging": "state=new"})
    assert httpx.put(url, content=b"png", headers={"x-amz-tagging": "state=clean"}).status_code == 403


def test_a_tag_can_be_changed_and_the_rest_of_the_object_stays(cloud: Any) -> None:
    s3 = cloud.client("s3")
    where = {"Bucket": cloud.outputs["Bucket"], "Key": "media/c_1/s/3"}
    s3.put_object(**where, Body=b"x", Tagging="state=new", Metadata={"sha256": "abc"})
    s3.put_object_tagging(**where, Tagging={"TagSet": [{"Key": "state", "Value": "clean"}]})
    head = s3.head_object(**where)
    assert head["Metadata"] == {"sha256": "abc"}
    assert s3.get_object_tagging(**where)["TagSet"] == [{"Key": "state", "Value": "clean"}]


def test_a_multipart_upload_keeps_its_tag_and_can_be_read_in_ranges(cloud: Any) -> None:
    s3 = cloud.client("s3")
    where = {"Bucket": cloud.outputs["Bucket"], "Key": "media/c_1/s/4"}
    upload = s3.create_multipart_upload(**where, Tagging="state=new", ContentType="video/mp4")["UploadId"]
    parts = []
    for number, body in ((1, b"a" * 5 * 1024 * 1024), (2, b"end")):
        part = s3.upload_part(**where, UploadId=upload, PartNumber=number, Body=body)
        parts.append({"ETag": part["ETag"], "PartNumber": number})
    s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.get_object_tagging(**where)["TagSet"] == [{"Key": "state", "Value": "new"}]
    tail = s3.get_object(**where, Range="bytes=5242879-")
    assert tail["Body"].read() == b"aend"
    assert tail["ContentType"] == "video/mp4"


def test_an_object_is_not_overwritten_with_if_none_match(cloud: Any) -> None:
    s3 = cloud.client("s3")
    where = {"Bucket": cloud.outputs["Bucket"], "Key": "asset/abc"}
    s3.put_object(**where, Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(**where, Body=b"2", IfNoneMatch="*")


def test_a_bucket_policy_is_stored(cloud: Any) -> None:
    s3 = cloud.client("s3")
    policy = '{"Version":"2012-10-17","Statement":[]}'
    s3.put_bucket_policy(Bucket=cloud.outputs["Bucket"], Policy=policy)
    assert s3.get_bucket_policy(Bucket=cloud.outputs["Bucket"])["Policy"] == policy
