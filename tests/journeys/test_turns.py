"""Turns on the deployed machine: what comes twice, too late, out of order, or never."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from chatflow.adapters.aws import client
from chatflow.adapters.aws.botocore_clients import botocore_client
from local.business_api.client import Business
from local.description import Description
from local.simulator.phone import Phone
from tests.journeys.channels import Channel, on_every_channel

pytestmark = pytest.mark.slow


def post_statuses(stack: Description, wamids: list[str]) -> None:
    """One POST of the channel in which all of these messages are delivered."""
    at = str(int(time.time()))
    statuses = [{"id": each, "status": "delivered", "timestamp": at, "recipient_id": "491570000"} for each in wamids]
    metadata = {"display_phone_number": "15550000", "phone_number_id": stack.phone_number_id}
    change = {
        "field": "messages",
        "value": {"messaging_product": "whatsapp", "metadata": metadata, "statuses": statuses},
    }
    entry = {"id": "1", "changes": [change]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    signature = "sha256=" + hmac.new(stack.app_secret.encode(), body, hashlib.sha256).hexdigest()
    httpx.post(
        stack.webhook_url, content=body, headers={"X-Hub-Signature-256": signature}, timeout=30
    ).raise_for_status()


def turn_records(stack: Description) -> list[dict[str, Any]]:
    items = client("dynamodb").scan(TableName=stack.outputs["SessionsTable"])["Items"]
    return [json.loads(item["document"]["S"]) for item in items if item["item"]["S"].startswith("turn#")]


@on_every_channel
def test_a_photo_that_is_delivered_four_times_is_taken_once(
    channel: Channel, phone: Phone, business: Business, samples: Path, until_idle: Callable[[], None]
) -> None:
    phone.say("files")
    phone.receive()
    (sent,) = phone.send(samples / "photo-1.jpg", kind="image")
    channel.redeliver(sent, 3)
    assert "Now the second one" in phone.receive()[0]["text"]
    until_idle()

    assert phone.poll() == []
    assert len(business.uploads()) == 1


def test_stop_leaves_any_flow(phone: Phone) -> None:
    phone.say("file")
    phone.receive()
    phone.say("STOP")
    assert "we stop here" in phone.receive()[0]["text"]
    phone.say("damage")
    assert "What happened" in phone.receive()[0]["text"]


def test_restart_begins_the_same_flow_again(phone: Phone) -> None:
    phone.say("damage")
    phone.receive()
    phone.say("restart")
    said, asked = phone.receive(2)
    assert "From the beginning" in said["text"]
    assert "What happened" in asked["text"]


@on_every_channel
def test_a_message_that_cannot_be_shown_is_answered_politely(channel: Channel, phone: Phone) -> None:
    httpx.post(f"{channel.url}/handset/contacts/{phone.number}/unsupported", json={}).raise_for_status()
    assert "I cannot read that kind of message" in phone.receive()[0]["text"]


def test_a_nodes_own_deadline_takes_its_exit(phone: Phone) -> None:
    phone.say("too slow")
    assert phone.receive()[0]["text"] == "Quick, a word?"
    assert phone.receive(within=60)[0]["text"] == "Too late."


def test_an_answer_in_time_makes_the_deadline_stale(
    stack: Description, phone: Phone, eventually: Callable[..., Any]
) -> None:
    phone.say("too slow")
    phone.receive()
    phone.say("word")
    assert phone.receive()[0]["text"] == "Thanks."
    assert phone.poll(wait=15.0) == []


def test_a_list_of_one_survives_the_machine_and_the_session(phone: Phone) -> None:
    phone.say("list")
    phone.receive()
    phone.say("yes")
    assert phone.receive()[0]["text"] == '["only"] {"inner":[["x"]]} []'


def test_delivery_statuses_are_kept_beside_the_queue_and_a_failed_one_is_in_the_transcript(
    stack: Description, phone: Phone, eventually: Callable[..., Any]
) -> None:
    phone.say("file")
    (asked,) = phone.receive()
    key = {"message": {"S": f"whatsapp/{stack.phone_number_id}/{asked['wamid']}"}}

    def kept() -> str:
        item = client("dynamodb").get_item(TableName=stack.outputs["DeliveriesTable"], Key=key).get("Item", {})
        return str(item.get("status", {}).get("S", ""))

    eventually(lambda: kept() in ("delivered", "read"))
    failed = {"wamid": asked["wamid"], "status": "failed", "code": 131053}
    httpx.post(f"{stack.handset_url}/handset/status", json=failed).raise_for_status()
    eventually(lambda: kept() == "failed")
    eventually(lambda: any(record["event"].get("code") == 131053 for record in turn_records(stack)))


def test_a_file_that_was_accepted_and_not_delivered_is_told_although_the_flow_went_on(
    stack: Description, phone: Phone
) -> None:
    phone.say("undelivered")
    file, asked = phone.receive(2)
    assert asked["text"] == "Anything else?"
    failed = {"wamid": file["wamid"], "status": "failed", "code": 131053}
    httpx.post(f"{stack.handset_url}/handset/status", json=failed).raise_for_status()
    assert phone.receive()[0]["text"] == "It did not arrive (file). We will call you."


def test_a_flood_of_statuses_is_stored_without_a_dead_letter(
    stack: Description, phone: Phone, eventually: Callable[..., Any]
) -> None:
    """Of messages that nobody sent. A customer's message is processed meanwhile, and each row expires."""
    prefix = f"wamid.flood{phone.number}"
    for part in range(2):
        post_statuses(stack, [f"{prefix}.{part}.{number}" for number in range(250)])
    phone.say("file")
    phone.receive()

    def stored() -> list[dict[str, Any]]:
        pages = botocore_client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["DeliveriesTable"])
        return [row for page in pages for row in page["Items"] if prefix in row["message"]["S"]]

    rows = eventually(lambda: len(found := stored()) == 500 and found, within=120)
    assert all(int(row["expires_at"]["N"]) > int(row["at"]["N"]) for row in rows)


def test_a_bad_signature_is_refused_and_a_strange_body_is_not(stack: Description) -> None:
    body = b'{"object": "whatsapp_business_account", "entry": "nothing of the kind"}'
    signature = "sha256=" + hmac.new(stack.app_secret.encode(), body, hashlib.sha256).hexdigest()
    wrong = httpx.post(stack.webhook_url, content=body, headers={"X-Hub-Signature-256": "sha256=" + "0" * 64})
    right = httpx.post(stack.webhook_url, content=body, headers={"X-Hub-Signature-256": signature})
    assert (wrong.status_code, right.status_code) == (401, 200)


def test_nothing_was_left_in_the_dead_letters_and_no_customer_stands_in_the_logs(
    stack: Description, until_idle: Callable[[], None]
) -> None:
    """Comes last in this file: by then a dozen conversations went through."""
    until_idle()
    attributes = client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs["EventsDeadLetters"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert attributes["Attributes"]["ApproximateNumberOfMessages"] == "0"

    logs = botocore_client("logs")
    written = [
        event["message"]
        for group in logs.describe_log_groups()["logGroups"]
        for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
    ]
    assert any('"message":"visit"' in line for line in written)
    secrets = (stack.access_token, stack.app_secret, stack.claims_token)
    secrets += (stack.telegram_bot_token, stack.telegram_secret_token)
    number = re.compile(r"(?<!\d)49157")  # a time in milliseconds may hold these digits, too
    assert [line for line in written if number.search(line)] == []
    for private in ("Mara Lindqvist", "B AB 1234", *secrets):
        assert [line for line in written if private in line] == [], private
