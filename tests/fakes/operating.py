"""A small deployment on moto: one conversation's tables and queues, and the API's dependencies that read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chatflow.adapters import aws
from chatflow.adapters.dead_letters import DeadLetterQueues
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.adapters.dynamodb.transcripts import Transcripts
from chatflow.conversation.events import Event, conversation_key, for_transcript
from chatflow.conversation.session import Session, Waiting
from chatflow.messages import IncomingMessage
from management.dependencies import Dependencies
from management.media_links import MediaLinks
from tests.fakes.aws_account import an_account

NOW = 1795370400
CONTACT = "16505551234"
KEY = conversation_key("secret", "whatsapp", "106", CONTACT)
_TABLES = {"sessions": ("conversation", "item"), "deliveries": ("message",), "flows": ("name", "item")}


@dataclass
class Deployment:
    """`sent` are the events that the API queued itself."""

    client: Any
    sent: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name, keys in _TABLES.items():
            self._table(name, keys)
        self.client("s3").create_bucket(Bucket="media")
        self.client("s3").create_bucket(Bucket="library")
        sqs = self.client("sqs")
        fifo = {"FifoQueue": "true"}
        self.events = sqs.create_queue(QueueName="events.fifo", Attributes=fifo)["QueueUrl"]
        self.dead = sqs.create_queue(QueueName="dead.fifo", Attributes=fifo)["QueueUrl"]
        self.schedules = sqs.create_queue(QueueName="schedules")["QueueUrl"]
        self.sessions = SessionStore("sessions", "flows")

    def dependencies(self, others: Dependencies) -> Dependencies:
        """This deployment's adapters, and otherwise the given dependencies, for the management API."""
        return replace(
            others,
            transcripts=Transcripts("sessions", "deliveries"),
            dead_letters=DeadLetterQueues(self.events, {"events": self.dead, "schedules": self.schedules}),
            media_links=MediaLinks("media", "library"),
            published_flows=PublishedFlows("flows"),
            send_events=self.sent.extend,
            conversation_secret=lambda: "secret",
        )

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
            "event": for_transcript(event),
            "flow": session.flow,
            "version": session.version,
            "variables": session.variables,
            "state": session.state,
            "node": session.node,
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

    def _table(self, name: str, keys: tuple[str, ...]) -> None:
        index = ("state", "listed_at") if name == "sessions" else ()
        roles = ("HASH", "RANGE")
        more = (
            {
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": "by_state",
                        "KeySchema": [
                            {"AttributeName": key, "KeyType": role} for key, role in zip(index, roles, strict=True)
                        ],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ]
            }
            if index
            else {}
        )
        self.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in (*keys, *index)],
            KeySchema=[{"AttributeName": key, "KeyType": role} for key, role in zip(keys, roles, strict=False)],
            **more,
        )


@contextmanager
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """A deployment on moto, until the end of the context."""
    with an_account(monkeypatch, "us-east-1"):
        yield Deployment(aws.client)


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
        "node": "ask",
        "waiting": Waiting(("text",), {}, NOW + 600, own_deadline=False),
        "started_at": NOW,
        "last_message_at": NOW - 60,
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
