"""S3, EventBridge and Lambda on the local stack: what is put into a bucket reaches a function, which may fail."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest


@pytest.fixture(scope="module")
def told(cloud: Any) -> dict[str, str]:
    """A bucket that tells EventBridge, a rule that calls the toy function, and a queue for what fails."""
    s3, rules, functions = cloud.client("s3"), cloud.client("events"), cloud.client("lambda")
    bucket = f"told-{uuid4().hex}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    queue = cloud.client("sqs").create_queue(QueueName=f"failed-{uuid4().hex}")["QueueUrl"]
    attributes = cloud.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    functions.put_function_event_invoke_config(
        FunctionName=cloud.outputs["Doer"],
        MaximumRetryAttempts=2,
        DestinationConfig={"OnFailure": {"Destination": attributes["QueueArn"]}},
    )
    key = [{"anything-but": {"prefix": ["thumbnail/", "upload/"]}}]
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}, "object": {"key": key}}}
    rules.put_rule(Name="told", EventPattern=json.dumps(pattern))
    rules.put_targets(
        Rule="told",
        Targets=[
            {
                "Id": "doer",
                "Arn": cloud.outputs["DoerArn"],
                "InputTransformer": {
                    "InputPathsMap": {"key": "$.detail.object.key"},
                    "InputTemplate": '{"log": "heard of <key>", "fail": "Told", "key": "<key>"}',
                },
            }
        ],
    )
    return {"bucket": bucket, "queue": queue}


def test_a_function_that_fails_on_an_event_is_tried_twice_more_and_then_the_event_is_set_aside(
    cloud: Any, told: dict[str, str], eventually: Any
) -> None:
    s3, sqs = cloud.client("s3"), cloud.client("sqs")
    s3.put_object(Bucket=told["bucket"], Key="upload/ignored", Body=b"x")
    s3.put_object(Bucket=told["bucket"], Key="heard", Body=b"x")

    def letters() -> Any:
        return sqs.receive_message(QueueUrl=told["queue"], WaitTimeSeconds=1).get("Messages")

    (letter,) = eventually(letters, within=40)
    assert json.loads(letter["Body"])["requestPayload"]["key"] == "heard"
    assert heard(cloud) == 3
    assert letters() is None, "what the rule leaves out was heard of too"


def heard(cloud: Any) -> int:
    """How often the function wrote of it."""
    logs = cloud.client("logs")
    group = f"/aws/lambda/{cloud.outputs['Doer']}"
    events = logs.filter_log_events(logGroupName=group, filterPattern="heard of")["events"]
    return sum(each["message"].strip() == "heard of heard" for each in events)
