"""A small deployment on moto: one conversation's tables and queues, and the world that reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chatflow.adapters import aws
from chatflow.adapters.letters import Letters
from chatflow.adapters.media_links import MediaLinks
from chatflow.adapters.published import Flows
from chatflow.adapters.sessions import Sessions
from chatflow.adapters.transcripts import Transcripts
from chatflow.events import Event, conversation_key, transcript_of
from chatflow.messages import IncomingMessage
from chatflow.sessions import Session, Waiting
from management import world
from management.world import World
from tests.fakes.aws_account import an_account, create_table

NOW = 1795370400
CONTACT = "16505551234"
KEY = conversation_key("secret", "whatsapp", "106", CONTACT)


@dataclass
class Deployment:
    """`sent` are the events that the API queued itself."""

    client: Any
    sent: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        create_table("sessions", "conversation", "item", by_state=("state", "listed_at"))
        create_table("deliveries", "message")
        create_table("flows", "name", "item")
        self.client("s3").create_bucket(Bucket="media")
        self.client("s3").create_bucket(Bucket="library")
        sqs = self.client("sqs")
        fifo = {"FifoQueue": "true"}
        self.events = sqs.create_queue(QueueName="events.fifo", Attributes=fifo)["QueueUrl"]
        self.dead = sqs.create_queue(QueueName="dead.fifo", Attributes=fifo)["QueueUrl"]
        self.schedules = sqs.create_queue(QueueName="schedules")["QueueUrl"]
        self.sessions = Sessions("sessions", "flows")

    def parts(self) -> dict[str, Any]:
        """The fields of the API's world that this deployment fills."""
        return {
            "transcripts": Transcripts("sessions", "deliveries"),
            "letters": Letters(self.events, {"events": self.dead, "schedules": self.schedules}),
            "links": MediaLinks("media", "library"),
            "published": Flows("flows"),
            "queue": self.sent.extend,
            "conversation_secret": lambda: "secret",
        }

    def publish(self, flow: str) -> None:
        item = {"name": {"S": flow}, "item": {"S": "live"}, "document": {"S": "{}"}}
        self.client("dynamodb").put_item(TableName="flows", Item=item)

    def save(self, event: Event, *, turn: int, at: int = NOW, **more: Any) -> Session:
        """A turn of the conversation, as the conversation function saves one."""
        record = {"visits": more.pop("visits", []), "before": more.pop("before", {})}
        session = a_session(turn=turn, **more)
        told = {
            "session": session.session,
            "turn": turn,
            "at": at,
            "event": transcript_of(event),
            "flow": session.flow,
            "version": session.version,
            "variables": session.variables,
            "state": session.state,
            "node": session.at,
            **record,
        }
        self.sessions.save(session, event["id"], told, at)
        return session

    def die(self, event: Event | str) -> None:
        body = event if isinstance(event, str) else json.dumps(event)
        self.client("sqs").send_message(
            QueueUrl=self.dead, MessageBody=body, MessageGroupId=KEY, MessageDeduplicationId=str(hash(body))
        )

    def queued(self) -> list[Event]:
        found = self.client("sqs").receive_message(QueueUrl=self.events, MaxNumberOfMessages=10).get("Messages", ())
        return [json.loads(message["Body"]) for message in found]


@contextmanager
def deployed(its_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Within, the API's world is a deployment on moto."""
    with an_account(monkeypatch, "us-east-1"):
        made = Deployment(aws.client)
        world.use(replace(its_world, **made.parts()))
        yield made


def a_session(**more: Any) -> Session:
    known: dict[str, Any] = {
        "conversation": KEY,
        "channel": "whatsapp",
        "account": "106",
        "contact": CONTACT,
        "name": "Ann",
        "turn": 1,
        "session": "s_" + "a" * 24,
        "state": "waiting",
        "flow": "claims",
        "version": 3,
        "at": "ask",
        "waiting": Waiting(("text",), {}, NOW + 600, own=False),
        "started_at": NOW,
        "heard_at": NOW - 60,
    }
    return Session(**{**known, **more})


def wrote(text: str = "hello", *, id: str = "wamid.HBgLMTY1MDU1NTEyMzQ") -> Event:
    message = IncomingMessage(id, "whatsapp", "106", CONTACT, "text", NOW, name="Ann", text=text)
    return {
        "id": id,
        "kind": "message",
        "conversation": KEY,
        "channel": "whatsapp",
        "account": "106",
        "contact": CONTACT,
        "name": "Ann",
        "message": message.to_json(),
    }
