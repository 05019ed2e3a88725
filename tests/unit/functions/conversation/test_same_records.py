"""Each example flow, played on every channel: the turn records are equal, whatever the channel.

The channel's simulator, the webhook, the rules and the channel's client are real, and so are the files. moto is the AWS
account, the state machine is a few lines.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from chatflow.adapters import aws
from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.adapters.inbound_files import receive_file
from chatflow.channels import manifest
from chatflow.media import object_keys
from chatflow.media.profiles import Profile
from chatflow.media.reference import MediaReference
from chatflow.messages import IncomingMedia
from chatflow.nodes.contract import Visit
from local.simulator.sample_files import draw_scene
from tests.fakes.aws_account import an_account
from tests.fakes.example_flows import FLOWS, ROOT, ExampleFlows, ExamplePorts
from tests.fakes.media_store import MemoryStore
from tests.fakes.outgoing_file import FakeFile
from tests.fakes.running_channels import RunningChannel, running

CHANNELS = ("whatsapp", "telegram")

TIMES = {"at", "taken_at", "deadline", "milliseconds", "expires_at", "owed_wake"}
IDS = {"id", "session", "channel", "account", "reply_to", "key"}
# What one channel says of a message and another does not: it decides nothing, the bytes of a file do.
ANNOUNCED = {"mime", "sha256", "size", "filename"}
OWN = {"language", "album"}


class FlowsOnChannel(ExampleFlows):
    """The example flows behind one channel. `assets` are the files of the flows by name."""

    def __init__(self, channel: RunningChannel) -> None:
        super().__init__(now=int(time.time()))
        self.channel = channel
        self.client = channel.client()

    def ports(self, visit: Visit) -> ExamplePorts:
        return ChannelPorts(self, visit)

    def play(self, flow: str, number: str, photos: list[Path]) -> list[dict[str, Any]]:
        """Play a flow as a customer who never wrote before; returns its turn records, without ids and times."""
        known = set(_records())
        phone = self.channel.phone(number)
        files = iter(photos)
        for message in FLOWS[flow]:
            if message["type"] == "text":
                phone.say(message["text"]["body"])
            elif message["type"] == "interactive":
                phone.tap(message["interactive"]["list_reply"]["id"])
            else:
                phone.send(next(files), kind="image")
            self.now = int(time.time())
            post = self.channel.next_post()
            self.receive(self.channel.name, post.headers, post.body, self.channel.account, self.channel.secret)
        records = [record for item, record in _records().items() if item not in known]
        return [_comparable(record) for record in sorted(records, key=lambda record: record["turn"])]


class ChannelPorts(ExamplePorts):
    """Sends and receives through the channel's client."""

    flows: FlowsOnChannel

    def channel_profile(self) -> Profile:
        profile: Profile = manifest.part(self.flows.channel.name, "profile").PROFILE
        return profile

    def send_message(self, effect: str, message: Any) -> dict[str, Any]:
        contact, deadline = self.current.conversation.contact, self.current.deadline
        return self._sent(effect, lambda: self.flows.client.send(message, contact, "tag", deadline, []))

    def send_file(self, effect: str, media: MediaReference, *, caption: str = "") -> dict[str, Any]:
        body = botocore_client("s3").get_object(Bucket="media", Key=media.key)["Body"].read()
        file = FakeFile(body, media.kind, media.mime, media.filename, caption)
        contact, deadline = self.current.conversation.contact, self.current.deadline
        deliver = lambda: self.flows.client.deliver(file, contact, "tag", deadline, [])  # noqa: E731
        return {**media.summary(), **self._sent(effect, deliver)}

    def receive_file(self, media: IncomingMedia, profile: Profile) -> MediaReference:
        visit = self.current
        key = object_keys.customer_file(visit.conversation.key, visit.session, visit.visit, "file")
        store = MemoryStore()
        taken = receive_file(self.flows.client, media, profile, key=key, store=store, deadline=visit.deadline)
        botocore_client("s3").put_object(Bucket="media", Key=taken.key, Body=store.objects[taken.key])
        return taken

    def asset(self, name: str) -> MediaReference:
        body = (ROOT / "flows" / "assets" / name).read_bytes()
        kind, mime = ("image", "image/png") if name.endswith("png") else ("document", "application/pdf")
        digest = hashlib.sha256(body).hexdigest()
        key = object_keys.asset(digest)
        botocore_client("s3").put_object(Bucket="media", Key=key, Body=body)
        return MediaReference(key, digest, len(body), mime, kind, name)

    def stored(self, key: str, filename: str) -> MediaReference:
        body = (ROOT / "flows" / "assets" / "good-photo.png").read_bytes()
        botocore_client("s3").put_object(Bucket="media", Key=key, Body=body)
        return MediaReference(key, hashlib.sha256(body).hexdigest(), len(body), "image/png", "image", filename)

    def _sent(self, effect: str, send: Any) -> dict[str, Any]:
        key = self.effects.key(effect)
        return {"effect": effect, **self.effects.send(key, lambda _doubts: {"messages": send()})}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, list[dict[str, Any]]]]]:
    """The records of every flow by channel."""
    folder = tmp_path_factory.mktemp("channels")
    photos = [folder / f"photo-{light}.jpg" for light in ("dusk", "day", "night")]
    for photo in photos:
        draw_scene(photo.stem.partition("-")[2]).save(photo)
    played = {}
    for name in CHANNELS:
        numbers = count(4915112345600)
        with running(name, folder / name) as channel, an_account(pytest.MonkeyPatch()):
            flows = FlowsOnChannel(channel)
            played[name] = {flow: flows.play(flow, str(next(numbers)), photos) for flow in FLOWS}
    yield played


@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_leaves_the_same_records_on_every_channel(flow: str, records: Any) -> None:
    assert records["whatsapp"][flow]
    assert records["telegram"][flow] == records["whatsapp"][flow]


def test_the_records_hold_what_was_written_chosen_and_sent(records: Any) -> None:
    """Otherwise the comparison would be of nothing."""
    text = json.dumps(records["telegram"]["damage-report"])
    leaflet = hashlib.sha256((ROOT / "flows" / "assets" / "what-happens-next.pdf").read_bytes()).hexdigest()
    for part in ("damage", "parked", "Hit while parked", "B AB 77", '"rejected"', leaflet):
        assert (part in text) == (part != '"rejected"'), part


def _records() -> dict[str, dict[str, Any]]:
    rows = aws.client("dynamodb").scan(TableName="sessions")["Items"]
    turns = [row for row in rows if row["item"]["S"].startswith("turn#")]
    return {f"{row['conversation']['S']} {row['item']['S']}": json.loads(row["document"]["S"]) for row in turns}


def _comparable(value: Any, *, announced: bool = False) -> Any:
    if isinstance(value, list):
        return [_comparable(each) for each in value]
    if not isinstance(value, dict):
        return value
    hidden = TIMES | IDS | OWN | (ANNOUNCED if announced else set())
    kept = {key: each for key, each in value.items() if key not in hidden}
    if "messages" in kept:  # ids of what was sent: how many there are must be equal
        kept["messages"] = len(kept["messages"])
    return {key: _comparable(each, announced=key == "media" and "kind" in value) for key, each in kept.items()}
