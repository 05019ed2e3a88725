"""An erasure, looked at in every table, bucket, queue and schedule that moto has: before, and after."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from typing import Any

import pytest

from chatflow.adapters.dead_letters import DeadLetterQueues
from chatflow.adapters.dynamodb import deliveries
from chatflow.adapters.dynamodb.deliveries import DeliveryEraser
from chatflow.adapters.dynamodb.effects import EffectEraser, Effects
from chatflow.adapters.dynamodb.row_deletion import BY_CONVERSATION
from chatflow.adapters.dynamodb.sessions import SessionEraser, SessionStore
from chatflow.adapters.scheduler import Scheduler
from chatflow.conversation.events import owed_event, timeout_event
from chatflow.conversation.session import Session, Waiting
from chatflow.messages import Delivery
from chatflow.nodes.contract import Conversation
from contact_erasure.erase import Dependencies, erase
from contact_erasure.files import Files
from tests.fakes.aws_account import create_table
from tests.fakes.turns import wrote
from tests.fakes.visit import a_visit

NUMBER = "16505551234"
MESSAGE = "wamid." + base64.b64encode(f"\x0b{NUMBER}\x15".encode()).decode()
ANN, BOB = "c_ann", "c_bob"
NOW = int(time.time())


class Account:
    """All places where something about a contact stands, with Ann's and Bob's things in them."""

    def __init__(self, client: Any, table: Any) -> None:
        self.client = client
        self.sessions = SessionStore(table("sessions", "conversation", "item"), table("flows", "name", "item"))
        for name, key in (("effects", "effect"), ("deliveries", "message")):
            create_table(name, key, **{BY_CONVERSATION: ("conversation",)})
        client("s3").create_bucket(Bucket="media", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        client("s3").put_bucket_versioning(Bucket="media", VersioningConfiguration={"Status": "Enabled"})
        client("scheduler").create_schedule_group(Name="waits")
        sqs = client("sqs")
        self.dead = sqs.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        self.schedules = sqs.create_queue(QueueName="schedules")["QueueUrl"]
        self.erasers = Dependencies(
            (
                DeadLetterQueues("", {"events": self.dead, "schedules": self.schedules}),
                Files("media"),
                EffectEraser("effects"),
                DeliveryEraser("deliveries"),
            ),
            SessionEraser("sessions", "waits"),
        )
        for conversation in (ANN, BOB):
            self.fill(conversation)

    def fill(self, conversation: str) -> None:
        deadline = NOW + 600
        its = f"s_{conversation}"
        session = Session(conversation, "whatsapp", "106", NUMBER, name="Ann Example", turn=1, session=its)
        waiting = Waiting(("text",), {}, deadline, own_deadline=False)
        session = replace(session, state="waiting", waiting=waiting)
        wake = NOW + 7200
        record = {"session": its, "turn": 1, "deadline": deadline, "event": {"kind": "message", "id": MESSAGE}}
        record["owed_wake"] = wake
        self.sessions.save(session, MESSAGE, record, NOW)
        past = {"conversation": {"S": conversation}, "item": {"S": f"past#{NOW - 9:010}#00000001#s_0"}}
        self.client("dynamodb").put_item(TableName="sessions", Item=past)
        letter = {"kind": "message", "reason": "none", "at": NOW, "session": "", "turn": 0, "node": "", "flow": ""}
        self.sessions.save_failure(conversation, f"{MESSAGE}2", letter, NOW + 1000)
        for number in range(30):
            visit = a_visit({}, visit=number, conversation=Conversation(conversation, "whatsapp", "106", NUMBER))
            effects = Effects("effects", visit)
            effects.send(effects.key("say"), lambda _doubts: {"messages": [MESSAGE]})
        delivery = Delivery(f"{MESSAGE}{conversation}", "whatsapp", "106", NUMBER, "read", NOW)
        deliveries.record("deliveries", delivery, conversation)
        for folder in ("media", "download"):
            for _ in range(2):
                key = f"{folder}/{conversation}/s_1/1-abc"
                self.client("s3").put_object(Bucket="media", Key=key, Body=NUMBER.encode())
        self.client("s3").delete_object(Bucket="media", Key=f"media/{conversation}/s_1/1-abc")
        for number in range(3):
            event = {**wrote(id=f"{MESSAGE}{number}"), "conversation": conversation, "contact": NUMBER}
            self.client("sqs").send_message(
                QueueUrl=self.dead,
                MessageBody=json.dumps(event),
                MessageGroupId=conversation,
                MessageDeduplicationId=f"{conversation}{number}",
            )
        body = json.dumps(timeout_event(conversation, its, 1, deadline))
        self.client("sqs").send_message(QueueUrl=self.schedules, MessageBody=body)
        arn = "arn:aws:sqs:eu-west-1:123456789012:x"
        role = "arn:aws:iam::123456789012:role/x"
        scheduler = Scheduler("waits", arn, arn, role, arn)
        scheduler.queue_at(deadline, timeout_event(conversation, its, 1, deadline))
        scheduler.queue_at(wake, owed_event(conversation, 1, wake))

    def everything(self) -> dict[str, str]:
        there: dict[str, str] = {}
        for name in ("sessions", "effects", "deliveries"):
            for item in self.client("dynamodb").scan(TableName=name)["Items"]:
                there[f"{name} {len(there)}"] = json.dumps(item)
        listed = self.client("s3").list_object_versions(Bucket="media")
        for each in [*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())]:
            there[f"file {len(there)}"] = each["Key"]
        for each in self.client("scheduler").list_schedules(GroupName="waits")["Schedules"]:
            told = self.client("scheduler").get_schedule(GroupName="waits", Name=each["Name"])
            there[f"schedule {len(there)}"] = told["Target"]["Input"]
        for url in (self.dead, self.schedules):
            found = self.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
            for each in found.get("Messages", ()):
                there[f"letter {len(there)}"] = each["Body"]
        return there

    def of(self, conversation: str) -> list[str]:
        return sorted(place.partition(" ")[0] for place, what in self.everything().items() if conversation in what)


@pytest.fixture
def account(aws_account: Any, table: Any) -> Account:
    return Account(aws_account, table)


def test_all_about_one_contact_goes_and_nothing_about_another(account: Account) -> None:
    ann, bob = account.of(ANN), account.of(BOB)
    assert set(ann) == {"sessions", "effects", "deliveries", "file", "schedule", "letter"}

    done, removed = erase(ANN, NOW, account.erasers, lambda: True)

    assert done
    assert removed == {
        "sessions": 1,
        "turns": 1,
        "letters": 1,
        "aliases": 0,
        "effects": 30,
        "deliveries": 1,
        "files": 5,
        "dead_letters": 4,
        "schedules": 2,
    }
    assert account.of(ANN) == ["sessions"]  # that it was erased
    assert account.of(BOB) == bob


def test_what_is_left_says_when_and_how_much_and_not_who(account: Account) -> None:
    erase(ANN, NOW, account.erasers, lambda: True)
    (row,) = (what for what in account.everything().values() if ANN in what)
    assert not [trace for trace in (NUMBER, MESSAGE, "Ann Example", MESSAGE[6:]) if trace in row]
    loaded = account.sessions.load(ANN, MESSAGE)
    assert (loaded.session, loaded.repeated, loaded.erased_at) == (None, False, NOW)


def test_a_conversation_that_begins_anew_is_saved_as_any_other(account: Account) -> None:
    erase(ANN, NOW, account.erasers, lambda: True)
    record = {"session": "s_2", "turn": 1, "event": {"kind": "message"}}
    account.sessions.save(Session(ANN, "whatsapp", "106", NUMBER, turn=1, session="s_2"), "wamid.new", record, NOW)
    loaded = account.sessions.load(ANN, "wamid.new")
    assert loaded.session is not None
    assert loaded.repeated


def test_a_short_time_is_enough_in_several_goes(account: Account) -> None:
    goes = 0
    done = False
    while not done and goes < 20:
        left = iter([True] * (2 + goes))
        done, removed = erase(ANN, NOW, account.erasers, lambda left=left: next(left, False))  # type: ignore[misc]
        goes += 1
    assert done
    assert goes > 1
    assert removed["effects"] == 30
    assert account.of(ANN) == ["sessions"]
