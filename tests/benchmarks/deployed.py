"""A deployment with the example flows: what lies in its tables and secrets, and the environment of its functions."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import pytest

from chatflow.adapters import aws
from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.adapters.dynamodb.versions import VersionStore
from chatflow.conversation.events import conversation_key, message_event
from chatflow.conversation.session import Session, Waiting
from chatflow.flows.project import load
from chatflow.messages import IncomingMessage
from chatflow.nodes.tasks import SEND_TEXT, STORE_FILE
from chatflow.publishing.entries import entries
from chatflow.publishing.model import VersionChange
from chatflow.settings import ConversationSettings, ManagementSettings, NodeSettings, WebhookSettings, channel_urls
from infrastructure.packaging.contents import ROOT
from tests.fakes.aws_account import an_account, create_table
from tests.fakes.aws_operations import Stored
from tests.fakes.aws_over_tls import AwsOverTls
from tests.fakes.node_types import TASK_TYPES

Json = dict[str, Any]

CHANNEL: Final = "whatsapp"
ACCOUNT: Final = "106540352242922"
CREDENTIALS: Final = {"access_token": "EAAtest", "app_secret": "shh", "verify_token": "v", "phone_number_id": ACCOUNT}
CONVERSATION_SECRET: Final = "key-of-conversations"
NEW_CONTACT, WAITED_FOR = "16505551234", "16505551235"  # one who never wrote, and one whose photo a flow waits for
BUSINESS_URL: Final = "https://business.example"  # as published; an event of a running server has that one's address
PHOTO_FLOW, PHOTO_NODE = "damage-report", "ask_photo"
_VARIABLES: Final = {"plate": "B AB 77", "damage": {"id": "glass", "title": "Broken glass"}}
_TABLES: Final = {"sessions": ["conversation", "item"], "flows": ["name", "item"], "assets": ["name", "item"]}


@dataclass(frozen=True)
class Deployed:
    """`configs`: what the state machine gives a node of the example flows, by `<flow>/<node>`."""

    stored: Stored
    configs: dict[str, Json]


def key_of(contact: str) -> str:
    """The key of a contact's conversation."""
    return conversation_key(CONVERSATION_SECRET, CHANNEL, ACCOUNT, contact)


@cache
def deployed() -> Deployed:
    """The example flows, published by our own code on moto, and a session that waits for a photo."""
    with pytest.MonkeyPatch.context() as environment, an_account(environment):
        for table, keys in _TABLES.items():
            create_table(table, *keys)
        versions = VersionStore("flows", "assets")
        for entry in entries(load(ROOT / "flows", deployment={"business_url": BUSINESS_URL})):
            versions.switch([VersionChange(entry.id, versions.add(entry, "deploy", int(time.time())), 0)])
        _save_waiting_session()
        rows = {table: list(aws.client("dynamodb").scan(TableName=table)["Items"]) for table in _TABLES}
    secrets = {
        "cf/conversation": CONVERSATION_SECRET,
        f"cf/channels/{CHANNEL}/{ACCOUNT}": json.dumps(CREDENTIALS),
        "cf/business/claims-token": "EAAtest",
    }
    return Deployed(Stored(rows, _TABLES, secrets), _configs(rows["flows"]))


def environment(server: AwsOverTls, *, dropping: bool = False) -> dict[str, str]:
    """The environment of every function of the deployment at this server."""
    queues = f"https://{server.host('sqs', dropping=dropping)}/123456789012"
    arn = "arn:aws:{}:eu-west-1:123456789012:{}"
    channel, business = (server.host(service, dropping=dropping) for service in ("channel", "business"))
    settings = (
        ConversationSettings(
            *("sessions", "flows", arn.format("states", "stateMachine:turn"), f"{queues}/events.fifo"),
            *(arn.format("sqs", "events.fifo"), f"{queues}/delayed", arn.format("sqs", "delayed"), "schedules"),
            *(arn.format("iam", "role/schedules"), arn.format("sqs", "dead")),
            *("1000", "erasure", f"{queues}/dead.fifo"),
            *(TASK_TYPES[SEND_TEXT], TASK_TYPES[STORE_FILE], "5"),
        ),
        WebhookSettings("dev", f"{queues}/events.fifo", f"{queues}/statuses", "cf/conversation", "cf/channels/"),
        NodeSettings(
            *("effects", "media", "library", "assets", "uploads", "cf/channels/", "cf/business/"),
            private_hosts=f"{channel},{business}",
            deliveries_table="deliveries",
            hosts_table="hosts",
            calls_per_host="25",
            rates_table="rates",
        ),
        ManagementSettings(audit_table="audit", repeats_table="repeats", asset_bucket="library", media_bucket="media"),
    )
    merged = {name: value for each in settings for name, value in each.to_environment().items()}
    return {
        **server.environment(dropping=dropping),
        **merged,
        **channel_urls({CHANNEL: f"https://{channel}/{{version}}"}),
    }


def text_message(contact: str, number: int) -> Json:
    """The event of a text."""
    message = IncomingMessage(f"wamid.{number}", CHANNEL, ACCOUNT, contact, "text", int(time.time()), text="Hello")
    return message_event(message, key_of(contact))


def _save_waiting_session() -> None:
    conversation, now = key_of(WAITED_FOR), int(time.time())
    started = text_message(WAITED_FOR, 0)
    session = Session(
        *(conversation, CHANNEL, ACCOUNT, WAITED_FOR, "Ann"),
        turn=1,
        session="s_1",
        state="waiting",
        flow=PHOTO_FLOW,
        version=1,
        slice=PHOTO_NODE,
        node=PHOTO_NODE,
        waiting=Waiting(("media",), {}, now + 86_400),
        variables=_VARIABLES,
        visits=4,
        started_at=now,
        last_message_at=now,
    )
    record = {"session": "s_1", "turn": 1, "at": now, "event": started, "flow": PHOTO_FLOW}
    SessionStore("sessions", "flows").save(session, started["id"], record, now)


def _configs(rows: list[Json]) -> dict[str, Json]:
    slices = [(row["name"]["S"], json.loads(row["slice"]["S"])) for row in rows if "slice" in row]
    return {
        f"{flow.removeprefix('flow/')}/{name}": node["config"]
        for flow, slice_ in slices
        for name, node in slice_["nodes"].items()
    }
