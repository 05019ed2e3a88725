"""S3, EventBridge and Lambda on the local stack: an object's event reaches a function, which may fail."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest


@pytest.fixture(scope="module")
def event_source(cloud: Any) -> dict[str, str]:
    """A bucket that sends events, a rule that invokes the toy function, and a queue for failed events."""
    s3, rules, functions = cloud.client("s3"), cloud.client("events"), cloud.client("lambda")
    bucket = f"events-{uuid4().hex}"
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
    rules.put_rule(Name="object-created", EventPattern=json.dumps(pattern))
    rules.put_targets(
        Rule="object-created",
        Targets=[
            {
                "Id": "doer",
                "Arn": cloud.outputs["DoerArn"],
                "InputTransformer": {
                    "InputPathsMap": {"key": "$.detail.object.key"},
                    "InputTemplate": '{"log": "event of <key>", "fail": "Planned", "key": "<key>"}',
                },
            }
        ],
    )
    return {"bucket": bucket, "queue": queue}


@pytest.mark.slow
def test_a_function_that_fails_on_an_event_is_retried_twice_and_then_the_event_goes_to_its_destination(
    cloud: Any, event_source: dict[str, str], eventually: Any
) -> None:
    s3, sqs = cloud.client("s3"), cloud.client("sqs")
    s3.put_object(Bucket=event_source["bucket"], Key="upload/ignored", Body=b"x")
    s3.put_object(Bucket=event_source["bucket"], Key="photo", Body=b"x")

    def failed_events() -> Any:
        return sqs.receive_message(QueueUrl=event_source["queue"], WaitTimeSeconds=1).get("Messages")

    (failed,) = eventually(failed_events, within=40)
    assert json.loads(failed["Body"])["requestPayload"]["key"] == "photo"
    assert invocations(cloud) == 3
    assert failed_events() is None, "the function was also invoked for an object that the rule excludes"


def invocations(cloud: Any) -> int:
    """The number of invocations for the object, by the function's log."""
    logs = cloud.client("logs")
    group = f"/aws/lambda/{cloud.outputs['Doer']}"
    events = logs.filter_log_events(logGroupName=group, filterPattern="event of")["events"]
    return sum(each["message"].strip() == "event of photo" for each in events)
