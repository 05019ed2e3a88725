"""The example flows in one process: real webhook, store, rules and erasure on moto; the state machine is a few lines.

The business's API and the channel are fakes that count what they got.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from chatflow.adapters import aws
from chatflow.adapters.dynamodb.deliveries import DeliveryEraser
from chatflow.adapters.dynamodb.effects import EffectEraser, Effects
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.adapters.dynamodb.places import read_session
from chatflow.adapters.dynamodb.sessions import SessionEraser, SessionStore
from chatflow.adapters.dynamodb.transcripts import Transcripts
from chatflow.adapters.dynamodb.versions import VersionStore
from chatflow.channels import manifest
from chatflow.conversation.events import Event, erase_event
from chatflow.conversation.session import Session
from chatflow.errors import NotMovedYet
from chatflow.media import object_keys
from chatflow.media.profiles import Profile
from chatflow.media.reference import MediaReference
from chatflow.messages import IncomingMedia
from chatflow.nodes.contract import Visit
from chatflow.nodes.ports import Answer, Call
from chatflow.publishing.model import VersionChange
from contact_erasure import erase as erasure
from contact_erasure.files import Files
from conversation.run_turn import Dependencies, run_turn
from management.conversations.lookup import Identified, identify
from tests.fakes.accounts import FakeAccounts
from tests.fakes.aws_account import create_table
from tests.fakes.node_types import TASK_TYPES
from tests.fakes.turns import FakeRuns
from tests.fakes.visit import FakePorts
from tests.unit.chatflow.channels.whatsapp import examples
from webhook.receive import Dependencies as WebhookDependencies
from webhook.receive import receive

ROOT = Path(__file__).parents[2]
SECRET = "the key of conversations"
TABLES = ("sessions", "effects", "deliveries")

Message = dict[str, Any]


def says(body: str) -> Message:
    return {"type": "text", "text": {"body": body}}


def taps(option: str) -> Message:
    return {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": option, "title": option}}}


def photo(id: str) -> Message:
    return {"type": "image", "image": {"id": id, "mime_type": "image/jpeg"}}


# Every example flow, as the messages of a customer who plays it to its end.
FLOWS: dict[str, list[Message]] = {
    "damage-report": [
        *(says("damage"), taps("parked"), says("B AB 77"), photo("a"), taps("another"), photo("b"), taps("enough"))
    ],
    "one-file-in": [says("file"), photo("a")],
    "three-files-in": [says("files"), photo("a"), photo("b"), photo("c")],
    "one-file-out": [says("report"), says("B AB 77")],
    "three-files-out": [says("documents")],
    "asset-then-continue": [says("leaflet"), says("stop")],
    "welcome": [says("hello"), says("stop")],
}


@cache
def _entries() -> Any:
    from infrastructure.data.publish_on_deploy import entries  # imports the CDK, which takes seconds

    return entries(ROOT / "flows", {"business_url": "https://business.example"})


@dataclass
class ExampleFlows:
    """A deployment within an AWS account of moto. `sent` and `uploaded`: what the customer and the business got."""

    queue: deque[Event] = field(default_factory=deque)
    sent: list[str] = field(default_factory=list)
    uploaded: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    endings: list[str] = field(default_factory=list)
    removed: dict[str, int] = field(default_factory=dict)
    now: int = examples.AT

    def __post_init__(self) -> None:
        create_table("sessions", "conversation", "item", by_state=("state", "listed_at"))
        create_table("flows", "name", "item")
        create_table("assets", "name", "item")
        create_table("effects", "effect", by_conversation=("conversation", "effect"))
        create_table("deliveries", "message", by_conversation=("conversation", "message"))
        aws.client("s3").create_bucket(Bucket="media", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        versions = VersionStore("flows", "assets")
        for entry in _entries():
            if not entry.file:
                versions.switch([VersionChange(entry.id, versions.add(entry, "deploy", self.now), 0)])
        self._ids = count(1)

    def write(self, message: Message, *, from_: str = "", user_id: str = "", username: str = "") -> None:
        """A message as Meta would send it; every event that it leads to is processed."""
        self.now += 1
        sender = {"from": from_, "from_user_id": user_id}
        contact: dict[str, Any] = {"profile": {"name": "Ann", **({"username": username} if username else {})}}
        contact |= {key: value for key, value in (("wa_id", from_), ("user_id", user_id)) if value}
        whole = {"id": f"wamid.{next(self._ids)}", "timestamp": str(self.now), **message}
        whole |= {key: value for key, value in sender.items() if value}
        self.post(whole, [] if message["type"] == "system" else [contact])

    def post(self, message: Message, contacts: list[Any]) -> None:
        value = {"metadata": {"phone_number_id": examples.ACCOUNT}, "contacts": contacts, "messages": [message]}
        entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
        self.receive("whatsapp", examples.sign(body, examples.SECRET), body, None, examples.SECRET)

    def receive(
        self, channel: str, headers: Mapping[str, str], body: bytes, account: str | None, secret: Mapping[str, Any]
    ) -> None:
        """One POST of a channel to the webhook of an account; every event that it leads to is processed."""
        received = receive(
            WebhookDependencies(
                webhook_adapter=lambda name: manifest.part(name, "webhook"),
                posts=lambda name: manifest.load(name).posts,
                accounts=FakeAccounts({account: secret}),
                conversation_secret=lambda: SECRET,
                queue=self.queue.extend,
                queue_statuses=lambda _statuses: None,
            ),
            channel,
            headers,
            body,
            account,
        )
        assert (received.status, received.problem) == (200, "")
        self.work()

    def ports(self, visit: Visit) -> FakePorts:
        """The ports of a visit."""
        return ExamplePorts(self, visit)

    def work(self) -> None:
        """Process every event; one whose session has not moved yet comes again after the others."""
        for _ in range(200):
            if not self.queue:
                return
            event = self.queue.popleft()
            try:
                self.endings.append(run_turn(event, self._dependencies()))
            except NotMovedYet:
                self.queue.append(event)
        raise AssertionError("events come again and again")

    def find(self, contact: str) -> Identified:
        transcripts: Any = SimpleNamespace(
            transcripts=Transcripts("sessions", "deliveries"), conversation_secret=lambda: SECRET
        )
        return identify(transcripts, "whatsapp", examples.ACCOUNT, contact)

    def erase(self, contact: str) -> dict[str, int]:
        """Erase a contact, as the API and the conversation function do; returns what was removed."""
        found = self.find(contact)
        self.now += 1
        self.removed = {}
        self.queue.append(erase_event(str(self.now), found.conversation, self.now, found.keys))
        self.queue.extend(erase_event(f"{self.now}{each}", each, self.now) for each in found.others)
        self.work()
        return {kind: number for kind, number in self.removed.items() if number}

    def stored(self) -> list[str]:
        """Everything that is stored about anybody, but for the rows that say that somebody was erased."""
        rows = [
            f"{table} {sorted(row.items())}"
            for table in TABLES
            for row in aws.client("dynamodb").scan(TableName=table)["Items"]
            if row.get("item", {}).get("S") != "erased"
        ]
        files = aws.client("s3").list_objects_v2(Bucket="media").get("Contents", ())
        return rows + [file["Key"] for file in files]

    def sessions(self) -> list[Session]:
        rows = aws.client("dynamodb").scan(TableName="sessions")["Items"]
        places = [row for row in rows if row["item"]["S"] == "session" and "moved_to" not in row]
        return [read_session(row) for row in places]

    def _dependencies(self) -> Dependencies:
        return Dependencies(
            sessions=SessionStore("sessions", "flows"),
            flows=PublishedFlows("flows"),
            run_machine=lambda _name, machine_input: self._run(machine_input),
            task_types=TASK_TYPES,
            schedule=lambda _deadline, _event: None,
            queue=self.queue.append,
            erase=self._erase,
            runs=FakeRuns(),
            dead_letter=lambda _event: None,
            clock=lambda: self.now,
        )

    def _erase(self, conversation: str, at: int, keys: Iterable[str]) -> None:
        others = (Files("media"), EffectEraser("effects"), DeliveryEraser("deliveries"))
        dependencies = erasure.Dependencies(others, _NoSchedules("sessions", "schedules"))
        done, removed = erasure.erase(conversation, at, dependencies, lambda: True, list(keys))
        assert done
        self.removed = removed

    def _run(self, machine_input: dict[str, Any]) -> dict[str, Any]:
        at, phase, memo = machine_input["at"], machine_input["phase"], machine_input["memo"]
        variables, visits, trail = machine_input["variables"], machine_input["visits"], []
        names = ("event", "flow", "session", "turn", "retention_days", "conversation")
        while True:
            node = machine_input["nodes"][at]
            visits += 1
            visit = Visit.from_json(
                {
                    **{name: machine_input[name] for name in names},
                    "phase": phase,
                    "node": at,
                    "memo": memo,
                    "variables": variables,
                    "config": node["config"],
                    "visit": visits,
                    "deadline": self.now * 1000 + node["seconds"] * 1000,
                }
            )
            outcome = import_module(f"nodes.{node['type']}.rule").visit(visit, self.ports(visit)).to_json()
            variables = {**variables, **outcome["set"]}
            trail.append({"node": at, "visit": visits, "exit": outcome["exit"], "effects": outcome.get("effects", [])})
            result = {"variables": variables, "visits": visits, "trail": trail}
            if not outcome["exit"]:
                return {**result, "status": "waiting", "at": at, "wait": outcome["wait"]}
            target = node["exits"].get(outcome["exit"], "end")
            if target == "end":
                return {**result, "status": "ended"}
            if isinstance(target, dict):
                return {**result, "status": "another_flow", "flow": target["flow"]}
            at, phase, memo = target, "enter", {}


class _NoSchedules(SessionEraser):
    """moto has no schedules of ours."""

    def _delete_schedule(self, row: dict[str, Any]) -> bool:
        return False


class ExamplePorts(FakePorts):
    """The ports of a visit: effects in the table, files in the bucket, and nobody behind them."""

    def __init__(self, flows: ExampleFlows, visit: Visit) -> None:
        super().__init__()
        self.flows, self.current = flows, visit
        self.effects = Effects("effects", visit)

    def secret(self, name: str, url: str) -> str:
        return "EAA"

    def send_message(self, effect: str, message: Any) -> dict[str, Any]:
        return {
            "effect": effect,
            **self.effects.send(self.effects.key(effect), lambda _doubts: self._send(message.body)),
        }

    def send_file(self, effect: str, media: MediaReference, *, caption: str = "") -> dict[str, Any]:
        return {
            "effect": effect,
            **self.effects.send(self.effects.key(effect), lambda _doubts: self._send(media.filename)),
        }

    def receive_file(self, media: IncomingMedia, profile: Profile) -> MediaReference:
        visit = self.current
        key = object_keys.customer_file(visit.conversation.key, visit.session, visit.visit, media.id)
        return self.stored(key, f"{media.id}.jpg")

    def asset(self, name: str) -> MediaReference:
        digest = hashlib.sha256(name.encode()).hexdigest()
        return MediaReference(object_keys.asset(digest), digest, 10, "image/png", "image", name)

    def call_api(self, effect: str, call: Call) -> Answer:
        for part in call.parts:
            if part.file:
                aws.client("s3").get_object(Bucket="media", Key=part.file.key)
                self.flows.uploaded.append(part.file.filename)
        if call.expects_file:
            visit = self.current
            key = object_keys.download(visit.conversation.key, visit.session, visit.visit, effect)
            return Answer(200, {}, file=self.stored(key, f"document-{len(self.flows.sent)}.jpg"))
        claim = {"id": "C-1", "status": "review", "files": len(self.flows.uploaded)}
        body = json.dumps({"claim": claim, "file": {"id": "F-1", "size": 5}}).encode()
        return Answer(200, {"content-type": "application/json"}, body)

    def _send(self, text: str) -> dict[str, Any]:
        self.flows.sent.append(text)
        self.flows.contacts.append(self.current.conversation.contact)
        return {"messages": [f"wamid.out{len(self.flows.sent)}"]}

    def stored(self, key: str, filename: str) -> MediaReference:
        aws.client("s3").put_object(Bucket="media", Key=key, Body=b"bytes")
        return MediaReference(key, hashlib.sha256(b"bytes").hexdigest(), 5, "image/jpeg", "image", filename)
