"""The conversation that costs and scale are computed from makes the calls that infrastructure/review/scale counts."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from chatflow.adapters import aws, secrets
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.adapters.dynamodb.live_copies import LiveCopies
from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.adapters.dynamodb.versions import VersionStore
from chatflow.conversation.events import Event, conversation_key, message_event
from chatflow.messages import IncomingMedia, IncomingMessage
from chatflow.publishing.model import VersionChange
from conversation.run_turn import run_turn
from infrastructure.review.scale.usage import Call, TableUnits, conversation
from local.whatsapp_simulator.phone import Phone
from tests import samples
from tests.fakes.aws_account import watched_calls
from tests.fakes.consumed_units import CountedCall, Index, UnitCounter
from tests.fakes.redelivery import ACCOUNT, ROOT, TABLES, LocalDeployment, invoke_node, run_machine, turn_dependencies

pytestmark = pytest.mark.slow

_FLOW = Path(__file__).with_name("counted_flow.yaml")
_WEBHOOK = Call("webhook", "sqs:SendMessageBatch")  # its own tests count it


def test_each_turn_makes_the_counted_calls_and_consumes_the_counted_units(
    deployment: LocalDeployment, indexes: dict[str, list[Index]], tmp_path: Path
) -> None:
    publish(tmp_path / "flows", str(deployment.business._http.base_url))
    connect()
    phone = Phone(deployment.handset_url, "4915677700001")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(samples.photo_jpg())
    counted = conversation()

    said = phone.say("counted")
    word = played(message(phone, said, kind="text", text="counted"), indexes)
    (sent,) = phone.send(photo, kind="image")
    media = IncomingMedia(id=sent["media"], kind="image", mime="image/jpeg", sha256=sent["sha256"])
    photo_turn = played(message(phone, sent, kind="media", media=media), indexes)

    assert word == [*counted.turns["word"]]
    assert photo_turn == [*counted.turns["photo"]]


def message(phone: Phone, sent: dict[str, Any], **content: Any) -> Event:
    known = {"id": sent["wamid"], "channel": "whatsapp", "account": ACCOUNT, "contact": phone.number, "at": 1}
    return message_event(IncomingMessage(**known, **content), conversation_key("k", "whatsapp", ACCOUNT, phone.number))


def connect() -> None:
    """Store the account's own secret, as `chatflow channels connect` does."""
    with suppress(aws.client("secretsmanager").exceptions.ResourceExistsException):
        aws.client("secretsmanager").create_secret(
            Name=f"cf/channels/whatsapp/{ACCOUNT}",
            SecretString=aws.client("secretsmanager").get_secret_value(SecretId="cf/channels/whatsapp")["SecretString"],
        )


def publish(folder: Path, business_url: str) -> None:
    """Publish the flow, and a route that leads to it, beside what is published already."""
    from infrastructure.data.publish_on_deploy import entries

    shutil.copytree(ROOT / "flows", folder)
    shutil.copy(_FLOW, folder / "counted.yaml")
    routes = folder / "routes.yaml"
    counted = "routes:\n  - {keywords: [counted], flow: counted}"
    routes.write_text(routes.read_text(encoding="utf-8").replace("routes:", counted, 1), encoding="utf-8")
    versions = VersionStore("flows", "assets")
    for entry in entries(folder, {"business_url": business_url.rstrip("/")}):
        if entry.id in ("flow/counted", "routes/routes"):
            version = versions.add(entry, "deploy", int(time.time()))
            versions.switch([VersionChange(entry.id, version, version - 1)])


def played(event: Event, indexes: dict[str, list[Index]]) -> list[Call]:
    """The calls of the event's turn, made in a process of its own, as a worker is one."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_play, args=(event, indexes, sender))
    child.start()
    sender.close()
    calls: list[CountedCall] = receiver.recv()
    child.join(60)
    assert child.exitcode == 0
    return [_WEBHOOK, *_repeated(map(_call, calls))]


def _repeated(calls: Iterable[Call]) -> Iterator[Call]:
    """The calls without those that a process makes once; it may have made them in an earlier turn."""
    once = {function: [*expected] for function, expected in conversation().once.items()}
    for call in calls:
        if call in once.get(call.function, ()):
            once[call.function].remove(call)
        else:
            yield call


def _play(event: Event, indexes: dict[str, list[Index]], sender: Any) -> None:
    copies = LiveCopies(clock=lambda: 0)  # of a warm process: they are read already, and stay fresh
    SessionStore("sessions", "flows", copies).load("c_nobody", "e_none")
    PublishedFlows("flows", copies).live("counted")
    reader = botocore.session.get_session().create_client("dynamodb")
    counter = UnitCounter(reader, TABLES, indexes)

    def invoke(node_type: str, visit: dict[str, Any]) -> dict[str, Any]:
        if counter.function == "conversation":
            counter.add("states:StartSyncExecution")
        counter.function = node_type
        secrets._cache.clear()  # each function has a process of its own
        return invoke_node(node_type, visit)

    def run(_name: str, machine_input: dict[str, Any]) -> dict[str, Any]:
        ending = run_machine(machine_input, invoke)
        counter.function = "conversation"
        return ending

    def queue_timer(_deadline: int, _wake: Event) -> None:
        counter.add("sqs:SendMessage")  # it is at most 15 minutes ahead

    counter.function = "conversation"
    stores = {"sessions": SessionStore("sessions", "flows", copies), "flows": PublishedFlows("flows", copies)}
    dependencies = replace(turn_dependencies(counter.add), **stores, run_machine=run, schedule=queue_timer)
    with watched_calls(counter.count):
        run_turn(event, dependencies)
    sender.send(counter.calls)
    os._exit(0)


def _call(counted: CountedCall) -> Call:
    tables = {name: TableUnits(units.read, units.write, units.index) for name, units in counted.tables.items()}
    return Call(counted.function, counted.call, tables)


@pytest.fixture(scope="module")
def indexes() -> dict[str, list[Index]]:
    """The indexes of the stack's tables, by the names of the tables here."""
    from aws_cdk import App, Stack
    from aws_cdk.assertions import Template

    from infrastructure.configuration import Configuration
    from infrastructure.data.storage import Storage
    from infrastructure.review.template import flags

    stack = Stack(App(context=flags()), "Tables")
    Storage(stack, "Storage", configuration=Configuration())
    found = {}
    for name, resource in Template.from_stack(stack).find_resources("AWS::DynamoDB::Table").items():
        table = name.removeprefix("Storage")[:-8].lower()
        found[table] = [_index(each, resource) for each in resource["Properties"].get("GlobalSecondaryIndexes", ())]
    return found


def _index(each: dict[str, Any], resource: dict[str, Any]) -> Index:
    keys = tuple(key["AttributeName"] for key in each["KeySchema"])
    table_keys = [key["AttributeName"] for key in resource["Properties"]["KeySchema"]]
    if each["Projection"]["ProjectionType"] == "ALL":
        return Index(keys, None)
    return Index(keys, frozenset([*keys, *table_keys, *each["Projection"].get("NonKeyAttributes", ())]))
