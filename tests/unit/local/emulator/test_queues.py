"""The events queue on the local stack: order within a group, parallel groups, failures that end in dead letters."""

from __future__ import annotations

import json
import threading
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest


def send(cloud: Any, group: str, **instructions: Any) -> None:
    body = json.dumps({"id": uuid4().hex, **instructions})
    cloud.client("sqs").send_message(QueueUrl=cloud.outputs["Events"], MessageBody=body, MessageGroupId=group)


def handled_messages(cloud: Any, group: str) -> list[dict[str, Any]]:
    answer = cloud.client("dynamodb").query(
        TableName=cloud.outputs["Seen"],
        KeyConditionExpression="#g = :g",
        ExpressionAttributeNames={"#g": "group"},
        ExpressionAttributeValues={":g": {"S": group}},
    )
    return [
        {
            "number": int(i["number"]["N"]),
            "receives": int(i["receives"]["N"]),
            "at": float(i["at"]["S"]),
            "until": float(i["until"]["S"]),
        }
        for i in answer["Items"]
    ]


def test_messages_of_a_group_are_handled_one_after_another_in_order(cloud: Any, eventually: Any) -> None:
    for number in range(6):
        send(cloud, "ordered", number=number, sleep=0.1)
    eventually(lambda: len(handled_messages(cloud, "ordered")) == 6)
    handled = handled_messages(cloud, "ordered")
    assert [m["number"] for m in handled] == list(range(6))
    assert all(earlier["until"] <= later["at"] for earlier, later in pairwise(handled))


def test_groups_are_handled_in_parallel_up_to_the_maximum_concurrency(cloud: Any, eventually: Any) -> None:
    groups = [f"side-{n}" for n in range(6)]
    for group in groups:
        send(cloud, group, sleep=1)
    eventually(lambda: all(handled_messages(cloud, g) for g in groups), within=40)
    spans = [handled_messages(cloud, g)[0] for g in groups]
    at_once = max(sum(o["at"] <= s["at"] < o["until"] for o in spans) for s in spans)
    assert 2 <= at_once <= 3


@pytest.mark.slow
def test_a_failed_message_is_received_again_after_its_visibility_timeout_and_then_moves_to_the_dead_letters(
    cloud: Any, eventually: Any
) -> None:
    send(cloud, "poison", number=1, fail=True)
    send(cloud, "poison", number=2)
    eventually(lambda: any(m["number"] == 2 for m in handled_messages(cloud, "poison")), within=40)
    assert [(m["number"], m["receives"]) for m in handled_messages(cloud, "poison")] == [(1, 1), (1, 2), (1, 3), (2, 1)]
    dead = cloud.client("sqs").receive_message(
        QueueUrl=cloud.outputs["DeadLetters"], MessageSystemAttributeNames=["All"], WaitTimeSeconds=5
    )
    assert dead["Messages"][0]["Attributes"]["MessageGroupId"] == "poison"


def test_a_handler_may_shorten_the_visibility_timeout_of_its_message(cloud: Any, eventually: Any) -> None:
    send(cloud, "sooner", fail=True, again_in=0)
    eventually(lambda: len(handled_messages(cloud, "sooner")) == 3, within=20)
    first, second, _ = handled_messages(cloud, "sooner")
    assert second["at"] - first["until"] < 2.5  # the queue's own visibility timeout is 3 s


def test_a_failure_in_one_group_does_not_delay_others(cloud: Any, eventually: Any) -> None:
    send(cloud, "failing", fail=True, again_in=0)
    groups = [f"healthy-{n}" for n in range(5)]
    for group in groups:
        send(cloud, group)
    eventually(lambda: all(handled_messages(cloud, g) for g in groups))


def test_an_equal_body_in_the_same_group_is_accepted_once_and_in_another_group_again(cloud: Any) -> None:
    sqs = cloud.client("sqs")
    url = cloud.outputs["Events"]
    first = sqs.send_message(QueueUrl=url, MessageBody='{"same": 1}', MessageGroupId="same-a")
    again = sqs.send_message(QueueUrl=url, MessageBody='{"same": 1}', MessageGroupId="same-a")
    other = sqs.send_message(QueueUrl=url, MessageBody='{"same": 1}', MessageGroupId="same-b")
    assert again["MessageId"] == first["MessageId"]
    assert other["MessageId"] != first["MessageId"]


def test_no_message_is_lost_while_many_are_sent_handled_and_deleted_at_once(cloud: Any, eventually: Any) -> None:
    def send_some(group: str) -> None:
        for number in range(10):
            send(cloud, group, number=number)

    groups = [f"many-{n}" for n in range(20)]
    senders = [threading.Thread(target=send_some, args=(g,)) for g in groups]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    eventually(lambda: all(len(handled_messages(cloud, g)) >= 10 for g in groups), within=120)
    for group in groups:
        assert [m["number"] for m in handled_messages(cloud, group)] == list(range(10))


def test_the_trigger_deployed_from_a_template_keeps_its_maximum_concurrency(cloud: Any) -> None:
    trigger = cloud.client("lambda").get_event_source_mapping(UUID=cloud.outputs["Trigger"])
    assert trigger["ScalingConfig"] == {"MaximumConcurrency": 3}
    assert trigger["BatchSize"] == 1
