"""The worker is killed after each step of the one-photo turn, at every point, and the event comes again."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.hosts import HostSlot
from chatflow.adapters.dynamodb.places import read_session
from chatflow.channels.manifest import load
from chatflow.conversation.events import Event, conversation_key, message_event
from chatflow.conversation.session import Session
from chatflow.errors import HostBusy
from chatflow.integrations.host_health import MAX_LEASE_SECONDS
from chatflow.messages import IncomingMedia, IncomingMessage
from local.business_api.client import sha256
from local.unanswered_files import unanswered_files
from local.whatsapp_simulator.phone import Phone
from tests import samples
from tests.fakes.redelivery import ACCOUNT, KILLED, SETTINGS, LocalDeployment

pytestmark = pytest.mark.slow

_numbers = itertools.count(4915600000001)
_SEND = f"http:POST {load('whatsapp').version}/{ACCOUNT}/messages"


@dataclass
class Customer:
    """Someone who is asked for one file, and has a photo ready on the phone."""

    deployment: LocalDeployment
    phone: Phone
    photo: Path

    def wrote(self, text: str) -> Event:
        sent = self.phone.say(text)
        return self._event(sent, kind="text", text=text)

    def sent_photo(self) -> Event:
        (sent,) = self.phone.send(self.photo, kind="image")
        media = IncomingMedia(id=sent["media"], kind="image", mime="image/jpeg", sha256=sent["sha256"])
        return self._event(sent, kind="media", media=media)

    def _event(self, sent: dict[str, Any], **message: Any) -> Event:
        known = {"id": sent["wamid"], "channel": "whatsapp", "account": ACCOUNT, "contact": self.phone.number, "at": 1}
        return message_event(IncomingMessage(**known, **message), self.key)

    @property
    def key(self) -> str:
        return conversation_key("k", "whatsapp", ACCOUNT, self.phone.number)

    @property
    def session(self) -> Session:
        key = {"conversation": {"S": self.key}, "item": {"S": "session"}}
        return read_session(client("dynamodb").get_item(TableName="sessions", Key=key, ConsistentRead=True)["Item"])

    @property
    def heard(self) -> list[str]:
        return [message["text"] for message in self.phone.poll()]

    @property
    def at_the_business(self) -> list[dict[str, Any]]:
        hash_ = sha256(self.photo.read_bytes())
        return [upload for upload in self.deployment.business.uploads() if upload["sha256"] == hash_]


NewCustomer = Callable[[], Customer]


@pytest.fixture
def new_customer(deployment: LocalDeployment, tmp_path: Path) -> Iterator[NewCustomer]:
    """Each has a photo of their own, so that what the business holds can be told apart.

    In the end, every file that one of them sent must have its word.
    """
    phones: list[Phone] = []

    def make() -> Customer:
        number = str(next(_numbers))
        photo = tmp_path / f"{number}.jpg"
        photo.write_bytes(samples.photo_jpg() + number.encode())
        customer = Customer(deployment, Phone(deployment.handset_url, number), photo)
        phones.append(customer.phone)
        code, steps = deployment.turn(customer.wrote("file"))
        assert (code, steps[-1]) == (0, "= waiting")
        return customer

    yield make
    stored = {upload["sha256"] for upload in deployment.business.uploads()}
    assert [file for phone in phones for file in unanswered_files(phone.chat(), stored)] == []


@pytest.fixture
def customer(new_customer: NewCustomer) -> Customer:
    return new_customer()


@pytest.fixture(autouse=True)
def free_slots(deployment: LocalDeployment) -> None:
    """Leases of workers that other tests killed are still there for a minute, and cost the next call a cell."""
    for row in client("dynamodb").scan(TableName="hosts", ConsistentRead=True)["Items"]:
        client("dynamodb").delete_item(TableName="hosts", Key={"cell": row["cell"]})


def test_an_undisturbed_turn_hands_the_photo_over_once_and_says_so(
    deployment: LocalDeployment, customer: Customer
) -> None:
    code, steps = deployment.turn(customer.sent_photo())

    assert (code, steps[-1]) == (0, "= ended")
    assert len(customer.at_the_business) == 1
    assert customer.heard[1:] == [f"Thank you, photo.jpg has arrived ({customer.photo.stat().st_size} bytes)."]
    assert customer.session.state == "ended"


def test_a_worker_killed_after_any_step_loses_nothing_and_doubles_nothing(
    deployment: LocalDeployment, new_customer: NewCustomer
) -> None:
    for kill_at in itertools.count(1):
        customer = new_customer()
        event = customer.sent_photo()
        code, steps = deployment.turn(event, kill_at=kill_at)
        if code != KILLED:
            break
        died = f"died after {steps[-1]}"

        code, again = deployment.turn(event)

        assert code == 0, died
        assert again[-1] in ("= ended", "= repeated"), died
        assert customer.session.state == "ended", died
        # The business got the file once, whatever happened: a second POST of it carries the same Idempotency-Key.
        assert len(customer.at_the_business) == 1, died
        # WhatsApp has no such key: a text is doubled if, and only if, the worker died between its sending and our
        # note of it.
        thanks = [text for text in customer.heard if "has arrived" in text]
        assert len(thanks) == (2 if steps[-1] == _SEND else 1), died
    assert kill_at > 12


def test_a_worker_killed_again_and_again_still_comes_to_the_end(
    deployment: LocalDeployment, customer: Customer
) -> None:
    event = customer.sent_photo()
    for kill_at in (3, 6, 9, 12):
        deployment.turn(event, kill_at=kill_at)
    assert deployment.turn(event)[1][-1] in ("= ended", "= repeated")
    assert len(customer.at_the_business) == 1


def test_slots_of_killed_workers_come_back(deployment: LocalDeployment, new_customer: NewCustomer) -> None:
    """Workers die inside their call. Their events take slots of their own, and the dead ones' leases expire."""
    _, steps = deployment.turn(new_customer().sent_photo())
    inside = 1 + next(number for number, step in enumerate(steps) if step == "http:POST files")
    before = _leases()
    customers = [new_customer() for _ in range(3)]
    events = [customer.sent_photo() for customer in customers]
    assert [deployment.turn(event, kill_at=inside)[0] for event in events] == [KILLED] * 3
    assert len(_leases() - before) == 3

    assert [deployment.turn(event)[1][-1] for event in events] == ["= ended"] * 3

    assert [len(customer.at_the_business) for customer in customers] == [1, 1, 1]
    assert len(_leases() - before) == 3  # the dead ones' only
    later = time.time() + MAX_LEASE_SECONDS + 1
    host = urlsplit(str(deployment.business._http.base_url)).netloc
    calls = int(SETTINGS.calls_per_host)
    taken = 0
    for _ in range(20 * calls):  # a call asks a few cells, drawn by chance
        with suppress(HostBusy):
            HostSlot("hosts", host, calls, int(later * 1000) + 60_000, lambda: later).take()
            taken += 1
    assert taken == calls


def _leases() -> set[str]:
    rows = client("dynamodb").scan(TableName="hosts", ConsistentRead=True)["Items"]
    return {lease for row in rows for lease in row.get("leases", {}).get("SS", ())}


def test_a_redelivered_event_does_one_read_and_nothing_else(deployment: LocalDeployment, customer: Customer) -> None:
    event = customer.sent_photo()
    deployment.turn(event)
    assert deployment.turn(event) == (0, ["dynamodb:BatchGetItem", "= repeated"])
    assert len(customer.at_the_business) == 1


def test_the_documented_aws_calls_of_an_inbound_media_turn_are_the_counted_ones(
    deployment: LocalDeployment, customer: Customer
) -> None:
    """docs/aws-calls.md is read by people who pay for them; at most 14 is the design's promise."""
    code, steps = deployment.turn(customer.sent_photo())
    assert code == 0
    counted = [_WEBHOOK, *(_shown(step) for step in steps[:-1] if not step.startswith("http:"))]
    counted.insert(counted.index("dynamodb:GetItem") + 1, _MACHINE)
    page = (Path(__file__).parents[2] / "docs" / "aws-calls.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| \d+ \| [^|]+ \| `([^`]+)` \|", page, re.MULTILINE)

    assert documented == [call for call in counted if call != _SECRET]
    assert len(documented) <= _MOST_CALLS


# Calls that this deployment does not make: the webhook's, and the start of the state machine, which it walks itself.
_WEBHOOK, _MACHINE = "sqs:SendMessageBatch", "states:StartSyncExecution"
_SECRET = "secretsmanager:GetSecretValue"  # kept for five minutes, so not one of every turn
_MOST_CALLS = 14


def _shown(step: str) -> str:
    return step.removesuffix(" (signed URL)")
