"""The tables and queues of one conversation on moto, and the dependencies of the management API that read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from chatflow.adapters import aws
from chatflow.adapters.dead_letters import DeadLetterQueues
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.adapters.dynamodb.held_sessions import HeldSessions
from chatflow.adapters.dynamodb.host_states import HostStates
from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.adapters.dynamodb.transcripts import Transcripts
from chatflow.conversation.events import Event, conversation_key, for_transcript
from chatflow.conversation.queued_events import read_event
from chatflow.conversation.session import Session, Waiting
from chatflow.messages import IncomingMessage
from management.conversations.media_links import MediaLinks
from management.dependencies import Dependencies
from tests.fakes.aws_account import an_account, create_table
from tests.fakes.management_dependencies import with_fakes

NOW = 1795370400
CONTACT = "16505551234"
KEY = conversation_key("secret", "whatsapp", "106", CONTACT)


@dataclass
class ConversationTables:
    """The tables, queues and buckets of a deployment on moto. `sent`: the events that the API queued."""

    client: Any
    sent: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        create_table(
            "sessions", "conversation", "item", by_state=("state", "listed_at"), by_host=("held_in", "held_at")
        )
        create_table("deliveries", "message")
        create_table("hosts", "cell")
        create_table("flows", "name", "item")
        self.client("s3").create_bucket(Bucket="media")
        self.client("s3").create_bucket(Bucket="library")
        sqs = self.client("sqs")
        fifo = {"FifoQueue": "true"}
        self.events = sqs.create_queue(QueueName="events.fifo", Attributes=fifo)["QueueUrl"]
        self.dead = sqs.create_queue(QueueName="dead.fifo", Attributes=fifo)["QueueUrl"]
        self.schedules = sqs.create_queue(QueueName="schedules")["QueueUrl"]
        self.sessions = SessionStore("sessions", "flows")

    def dependencies(self, others: Dependencies) -> Dependencies:
        """The given dependencies of the management API, with adapters for these tables and queues."""
        return with_fakes(
            others,
            transcripts=Transcripts("sessions", "deliveries"),
            held_sessions=HeldSessions("sessions"),
            host_states=HostStates("hosts", 10),
            dead_letters=DeadLetterQueues(self.events, {"events": self.dead, "schedules": self.schedules}),
            media_links=MediaLinks("media", "library"),
            published_flows=PublishedFlows("flows"),
            send_events=self.sent.extend,
            conversation_secret=lambda: "secret",
        )

    def publish(self, flow: str) -> None:
        version = {"flow": flow, "version": 1, "start": "first"}
        item = {"name": {"S": flow}, "item": {"S": "live"}, "document": {"S": json.dumps(version)}}
        self.client("dynamodb").put_item(TableName="flows", Item=item)

    def save(self, event: Event, *, turn: int, at: int = NOW, **more: Any) -> Session:
        """Saves a turn of the conversation, as the conversation function does."""
        visits, before = more.pop("visits", []), more.pop("before", {})
        session = session_of_contact(turn=turn, **{"first_turn": 1, **more})
        record = {
            "session": session.session,
            "turn": turn,
            "at": at,
            "event": for_transcript(event),
            "flow": session.flow,
            "version": session.version,
            "variables": session.variables,
            "state": session.state,
            "node": session.node,
            "visits": visits,
            "before": before,
        }
        self.sessions.save(session, event["id"], record, at)
        return session

    def put_dead_letter(self, event: Event | str) -> None:
        body = event if isinstance(event, str) else json.dumps(event)
        self.client("sqs").send_message(
            QueueUrl=self.dead, MessageBody=body, MessageGroupId=KEY, MessageDeduplicationId=str(hash(body))
        )

    def queued(self) -> list[Event]:
        found = self.client("sqs").receive_message(QueueUrl=self.events, MaxNumberOfMessages=10).get("Messages", ())
        return [read_event(message["Body"]) for message in found]


@contextmanager
def conversation_tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConversationTables]:
    """Empty tables and queues in an account of their own, until the end of the context."""
    with an_account(monkeypatch, "us-east-1"):
        yield ConversationTables(aws.client)


def session_of_contact(**more: Any) -> Session:
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


def message_event(text: str = "hello", *, id: str = "wamid.HBgLMTY1MDU1NTEyMzQ") -> Event:
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
