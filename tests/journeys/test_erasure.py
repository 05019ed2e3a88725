"""Everything about one contact goes by one call: looked for in every row, file, letter and schedule."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chatflow.adapters.aws import client
from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.conversation.events import message_event, start_event
from chatflow.messages import IncomingMessage
from local.business_api.client import sha256
from local.description import Description
from local.whatsapp_simulator.phone import Phone
from tests.journeys.test_operating import Api

pytestmark = pytest.mark.slow

NAME = f"Erasmus {secrets.token_hex(4)}"  # nobody else has it, not even on a stack that runs for long


@pytest.fixture
def api(stack: Description) -> Api:
    return Api(stack)


@pytest.fixture
def whose(stack: Description, phone: Phone) -> dict[str, str]:
    return {"channel": "whatsapp", "account": stack.phone_number_id, "contact": phone.number}


@pytest.fixture
def phone(stack: Description) -> Phone:
    """No neighbour of another customer's number: base64 may spell all but the last digits alike."""
    return Phone(stack.handset_url, f"4930{secrets.randbelow(10**9):09d}", NAME)


def test_a_contact_is_erased_by_one_call(  # noqa: PLR0917
    stack: Description,
    api: Api,
    phone: Phone,
    whose: dict[str, str],
    samples: Path,
    tmp_path: Path,
    eventually: Callable[..., Any],
) -> None:
    photo = tmp_path / "mine.jpg"
    photo.write_bytes((samples / "photo-1.jpg").read_bytes() + phone.number.encode())
    phone.say("file")
    phone.receive()
    phone.send(photo, kind="image")
    phone.receive()
    conversation = str(api("POST", "/conversations/find", whose, status=200)["conversation"])
    traces = [phone.number, NAME, conversation, sha256(photo.read_bytes()), *spellings(phone.number)]
    phone.say("damage")  # a session that runs, and waits
    phone.receive()
    eventually(lambda: api.session(conversation).get("state") == "waiting")
    write_to_a_dead_letter_queue(stack, whose, conversation)
    assert tags(stack, conversation) == [{"state": "clean", "days": "30"}]  # as its flow says
    before = found(stack, traces)
    places = {place.partition(" ")[0] for place in before}
    assert places >= {"sessions", "effects", "deliveries", "file", "letter"}  # a short wait has no schedule
    seen = {trace for trace in traces if any(trace in what for what in before.values())}
    assert seen >= set(traces[:4])
    assert seen & set(spellings(phone.number))

    accepted = api("POST", "/contacts/erase", whose)
    assert accepted["conversation"] == conversation
    erasure = eventually(lambda: done(api, conversation))

    removed = erasure["removed"]
    assert all(removed[word] for word in ("turns", "effects", "deliveries", "files"))
    assert (removed["sessions"], removed["dead_letters"]) == (1, 1)
    left = found(stack, traces)
    # What remains names the conversation's key and nothing else: that it was erased, and who asked for what of it.
    assert {place.partition(" ")[0] for place in left} <= {"sessions", "audit", "repeats"}
    assert [place for place in left if place.startswith("sessions")] == [f"sessions {conversation} erased"]
    for what in left.values():
        assert not [trace for trace in traces if trace != conversation and trace in what]
    assert api("GET", f"/conversations/{conversation}", status=404)

    again = message_of_before(stack, phone, conversation)
    client("sqs").send_message(
        QueueUrl=stack.outputs["EventsQueue"],
        MessageBody=json.dumps(again),
        MessageGroupId=conversation,
        MessageDeduplicationId="redelivered",
    )
    phone.say("file")
    phone.receive()
    eventually(lambda: api.session(conversation).get("turn") == 1)
    assert phone.poll() == []


def tags(stack: Description, conversation: str) -> list[dict[str, str]]:
    """Of each file of the conversation."""
    s3, bucket = botocore_client("s3"), stack.outputs["MediaBucket"]
    keys = [
        each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix=f"media/{conversation}/").get("Contents", ())
    ]
    found = [s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"] for key in keys]
    return [{each["Key"]: each["Value"] for each in tags} for tags in found]


def done(api: Api, conversation: str) -> dict[str, Any] | None:
    answer = api._http.get(f"conversations/{conversation}/erasure")
    erasure: dict[str, Any] = answer.json()
    return erasure if answer.status_code == 200 and erasure["done"] else None


def spellings(number: str) -> list[str]:
    """The number as base64 may spell it, wherever it begins: an id of WhatsApp's holds it so."""
    return [base64.b64encode(b"x" * shift + number.encode())[4 if shift else 0 : -4].decode() for shift in range(3)]


def message_of_before(stack: Description, phone: Phone, conversation: str) -> dict[str, Any]:
    message = IncomingMessage(
        id="wamid.before",
        channel="whatsapp",
        account=stack.phone_number_id,
        contact=phone.number,
        name=NAME,
        at=int(time.time()) - 3600,
        kind="text",
        text="damage",
    )
    return message_event(message, conversation)


def write_to_a_dead_letter_queue(stack: Description, whose: dict[str, str], conversation: str) -> None:
    wish: dict[str, Any] = {**whose, "flow": "damage-report", "variables": {}}
    event = start_event(f"{conversation}dead", conversation, **wish)
    client("sqs").send_message(
        QueueUrl=stack.outputs["EventsDeadLetters"],
        MessageBody=json.dumps(event),
        MessageGroupId=conversation,
        MessageDeduplicationId=event["id"],
    )


def found(stack: Description, traces: list[str]) -> dict[str, str]:
    """Every place in the account where one of the traces stands, and all that stands there."""
    return {place: what for place, what in everything(stack) if any(trace in place + what for trace in traces)}


def everything(stack: Description) -> Iterator[tuple[str, str]]:
    dynamodb, s3, scheduler, sqs = (botocore_client(service) for service in ("dynamodb", "s3", "scheduler", "sqs"))
    for table in dynamodb.list_tables()["TableNames"]:
        word = next((name for name in _TABLES if name in table.lower()), table)
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                key = " ".join(item[name]["S"] for name in _TABLES.get(word, ()) if name in item)
                yield f"{word} {key}", json.dumps(item, ensure_ascii=False, default=str)
    for bucket in (each["Name"] for each in s3.list_buckets()["Buckets"]):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for each in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                yield f"file {bucket}/{each['Key']}", _content(s3, bucket, each["Key"])
    for page in scheduler.get_paginator("list_schedules").paginate():
        for each in page["Schedules"]:
            told = scheduler.get_schedule(GroupName=each["GroupName"], Name=each["Name"])
            yield f"schedule {each['Name']}", json.dumps(told, default=str)
    for url in sqs.list_queues()["QueueUrls"]:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get(
            "Messages", ()
        ):
            yield f"letter {url} {message['MessageId']}", message["Body"]


_TABLES = {
    "sessions": ("conversation", "item"),
    "effects": ("effect",),
    "deliveries": ("message",),
    "audit": ("month", "at"),
    "repeats": ("id",),
    "uploads": ("content",),
}


def _content(s3: Any, bucket: str, key: str) -> str:
    if not key.startswith(("media/", "download/")):
        return ""
    data = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return f"{sha256(data)} {data.decode(errors='replace')}"
