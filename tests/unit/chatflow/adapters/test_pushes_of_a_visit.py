"""A visit's message reaches the open connections of its conversation, on a channel that requests `push`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.apigatewaymanagementapi.models import apigatewaymanagementapi_backends

from chatflow.adapters import aws
from chatflow.adapters.dynamodb.connections import ConnectionTable
from chatflow.adapters.visit_ports import VisitPorts
from chatflow.messages import Text
from chatflow.nodes.contract import Conversation
from chatflow.settings import NodeSettings
from tests.contract.channels.pigeon.examples import ACCOUNT, CONTACT, SECRET, answer
from tests.fakes.aws_account import an_account, create_table
from tests.fakes.fetch import FakeFetch
from tests.fakes.pigeon import installed_pigeon
from tests.fakes.visit import a_visit

ENDPOINT = "https://abc123.execute-api.eu-west-1.amazonaws.com/live"
FAR = 4_000_000_000_000  # milliseconds since the epoch


@pytest.fixture(params=['"push"', ""])
def requests(request: pytest.FixtureRequest) -> str:
    """What the channel requests."""
    return str(request.param)


@pytest.fixture
def ports(requests: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VisitPorts]:
    """The ports of a visit to Ann, who has the connection 1; Bob has 2."""
    with installed_pigeon(tmp_path, requests=requests), an_account(monkeypatch):
        manager = aws.client("secretsmanager")
        manager.create_secret(Name=f"cf/channels/pigeon/{ACCOUNT}", SecretString=json.dumps(SECRET))
        table = create_table("connections", "conversation", "connection")
        settings = NodeSettings(
            *(create_table("effects", "effect"), "", "", "", "", "cf/channels/", ""),
            connections_table=table,
            push_endpoint=ENDPOINT,
        )
        for name, value in settings.to_environment().items():
            monkeypatch.setenv(name, value)
        for conversation, id in (("c_ann", "1"), ("c_bob", "2")):
            ConnectionTable(table).add(conversation, id, int(time.time()) - 60)
        visit = a_visit({}, deadline=FAR, conversation=Conversation("c_ann", "pigeon", ACCOUNT, CONTACT))
        ports = VisitPorts(visit)
        vars(ports)["_fetch"] = FakeFetch(answer)
        yield ports


def test_a_text_is_pushed_to_its_conversation_where_the_channel_requests_it(requests: str, ports: VisitPorts) -> None:
    assert ports.send_message("say", Text("Hello")) == {"effect": "say", "messages": ["ring-1"]}
    connections = apigatewaymanagementapi_backends["123456789012"]["eu-west-1"].connections
    assert {id for id, each in connections.items() if b"Hello" in each.data} == ({"1"} if requests else set())
