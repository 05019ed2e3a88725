"""Pushes to open connections: to moto, and where moto has no such answer, to answers that the service model allows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import Session
from moto.apigatewaymanagementapi.models import apigatewaymanagementapi_backends

from chatflow.adapters import aws, throttling
from chatflow.adapters.aws import calls
from chatflow.adapters.aws.connections import Answer, SignedRequest
from chatflow.adapters.aws.errors import AwsUnreachable, refusal
from chatflow.adapters.connections import push
from chatflow.adapters.dynamodb.connections import ConnectionTable
from chatflow.channels.connections import MAX_BYTES
from chatflow.errors import ChannelInDoubt, ChannelUnavailable, TooLarge
from tests.fakes.aws_account import an_account, create_table

ENDPOINT = "https://abc123.execute-api.eu-west-1.amazonaws.com/live"
KEY, OTHER = "c_ann", "c_bob"
EARLIER = 3600  # seconds
GONE, LIMIT, FORBIDDEN = "GoneException", "LimitExceededException", "ForbiddenException"


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConnectionTable]:
    """Ann has the connections 1 and 2, Bob has 3."""
    with an_account(monkeypatch):
        monkeypatch.setattr(throttling, "_PATIENCE", 0.0)
        table = ConnectionTable(create_table("connections", "conversation", "connection"))
        for conversation, id in ((KEY, "1"), (KEY, "2"), (OTHER, "3")):
            table.add(conversation, id, int(time.time()) - EARLIER)
        yield table


class Trouble:
    """API Gateway, which answers about these connections with these errors; counts its calls."""

    def __init__(self, errors: dict[str, str | Exception]) -> None:
        self.errors = errors
        self.calls: list[str] = []
        self.account = calls.exchange

    def exchange(self, request: SignedRequest, **given: Any) -> Answer:
        if request.operation != "PostToConnection":
            return self.account(request, **given)
        id = request.target.rpartition("/")[2]
        self.calls.append(id)
        error = self.errors.get(id)
        if isinstance(error, Exception):
            raise error
        if error is None:
            return self.account(request, **given)
        return Answer(_status(error), {"x-amzn-errortype": error}, b"{}")


def _status(error: str) -> int:
    """The status of an error in the service's own model."""
    model = Session().get_service_model("apigatewaymanagementapi")
    return int(model.shape_for(error).metadata["error"]["httpStatusCode"]) if error in model.shape_names else 503


def pushed(errors: dict[str, str | Exception], body: bytes = b"hello") -> tuple[int | type[Exception], list[str]]:
    """What a push to Ann returns or raises, and the connections that were tried."""
    trouble = Trouble(errors)
    with pytest.MonkeyPatch.context() as within:
        within.setattr(calls, "exchange", trouble.exchange)
        try:
            return push("connections", ENDPOINT, KEY, body), trouble.calls
        except Exception as error:
            return type(error), trouble.calls


def received(id: str) -> bytes:
    backend = apigatewaymanagementapi_backends["123456789012"]["eu-west-1"]
    return bytes(backend.connections[id].data)


def ids(table: ConnectionTable) -> set[str]:
    return {each.id for each in table.of(KEY)}


@pytest.mark.usefixtures("table")
def test_a_push_reaches_every_connection_of_its_contact_and_nobody_else() -> None:
    assert push("connections", ENDPOINT, KEY, "héllo".encode()) == 2
    assert (received("1"), received("2"), received("3")) == ("héllo".encode(), "héllo".encode(), b"")
    assert push("connections", ENDPOINT, "c_nobody", b"hello") == 0


@pytest.mark.usefixtures("table")
def test_a_push_holds_one_frame() -> None:
    assert pushed({}, b"x" * MAX_BYTES)[0] == 2
    assert pushed({}, b"x" * (MAX_BYTES + 1)) == (TooLarge, [])


def test_what_is_gone_is_forgotten(table: ConnectionTable) -> None:
    assert pushed({"1": GONE}) == (1, ["1", "2"])
    assert ids(table) == {"2"}
    table.remove_by_id("1")
    assert len(aws.client("dynamodb").scan(TableName="connections")["Items"]) == 4


def test_a_connection_whose_handshake_is_under_way_is_not_forgotten(table: ConnectionTable) -> None:
    """API Gateway calls it gone, too, until $connect has been answered."""
    table.add(KEY, "new", int(time.time()))
    assert pushed({"new": GONE})[0] == 2
    assert ids(table) == {"1", "2", "new"}


def _silent() -> Exception:
    return AwsUnreachable("PostToConnection", "TimeoutError", sent=True, timeout=True)


def _not_connected() -> Exception:
    return AwsUnreachable("PostToConnection", "ConnectionRefusedError", sent=False)


@pytest.mark.parametrize(
    ("expected", "errors"),
    [
        (2, {}),
        (1, {"1": LIMIT}),
        (1, {"2": "ServiceUnavailable"}),
        (1, {"1": _silent()}),
        (0, {"1": GONE, "2": GONE}),
        (ChannelUnavailable, {"1": LIMIT, "2": LIMIT}),
        (ChannelUnavailable, {"1": GONE, "2": LIMIT}),
        (ChannelUnavailable, {"1": LIMIT, "2": _not_connected()}),
        (ChannelInDoubt, {"1": GONE, "2": _silent()}),
        (ChannelInDoubt, {"1": LIMIT, "2": "ServiceUnavailable"}),
    ],
    ids=str,
)
@pytest.mark.usefixtures("table")
def test_trouble_with_one_connection_is_no_error_where_another_is_reached(
    expected: int | type[Exception], errors: dict[str, str | Exception]
) -> None:
    result, calls = pushed(errors)
    assert result == expected
    assert calls == ["1", "2"], "a push that may have arrived must not be made again"


@pytest.mark.usefixtures("table")
def test_a_missing_permission_is_a_defect() -> None:
    assert pushed({"1": FORBIDDEN})[0] == refusal(FORBIDDEN)
