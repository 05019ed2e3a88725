"""A customer hides the number in the middle of a session, on the deployed stack, and is erased by either address."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from chatflow.adapters.aws import client
from local.description import Description
from local.whatsapp_simulator.phone import Phone
from tests.journeys.test_erasure import done, found
from tests.journeys.test_operating import Api

pytestmark = pytest.mark.slow


@pytest.fixture
def api(stack: Description) -> Api:
    return Api(stack)


@pytest.fixture
def phone(stack: Description) -> Phone:
    """A number that is no part of another one's digits, name or message id."""
    return Phone(stack.handset_url, f"4930{secrets.randbelow(10**9):09d}", "Hanna Hidden")


def send_without_user_ids(stack: Description, old: bool) -> None:
    """Send webhooks as before April 2026, or as today."""
    settings = {"user_ids_in_webhooks": not old}
    httpx.post(f"{stack.handset_url}/handset/settings", json=settings).raise_for_status()


def keys_of(stack: Description, conversation: str) -> list[str]:
    """The keys under which something of the conversation is stored."""
    rows = client("dynamodb").scan(TableName=stack.outputs["SessionsTable"], ConsistentRead=True)["Items"]
    return [
        conversation,
        *(row["conversation"]["S"] for row in rows if row.get("moved_to", {}).get("S") == conversation),
    ]


@pytest.mark.parametrize("old", [False, True], ids=["number and user id before", "number alone before"])
@pytest.mark.parametrize("by", ["number", "user id"])
def test_a_number_that_is_hidden_in_a_session_loses_nothing_and_an_erasure_leaves_nothing(  # noqa: PLR0917
    stack: Description,
    api: Api,
    phone: Phone,
    samples: Path,
    eventually: Callable[..., Any],
    old: bool,
    by: str,
) -> None:
    user_id = phone.user_id
    send_without_user_ids(stack, old)
    try:
        phone.say("files")
        phone.receive()
    finally:
        send_without_user_ids(stack, False)
    phone.send(samples / "photo-1.jpg", kind="image")
    assert "second" in phone.receive()[0]["text"]
    phone.hide_number()
    phone.send(samples / "photo-2.jpg", kind="image")
    assert "third" in phone.receive()[0]["text"]
    phone.hide_number(False)
    phone.send(samples / "photo-3.jpg", kind="image")
    assert "all three have arrived" in phone.receive()[0]["text"]

    whose = {"channel": "whatsapp", "account": stack.phone_number_id}
    address = {"number": f"+{phone.number}", "user id": user_id}
    keys = {
        str(api("POST", "/conversations/find", {**whose, "contact": each}, status=200)["conversation"])
        for each in address.values()
    }
    (conversation,) = keys
    shown = api("GET", f"/conversations/{conversation}", status=200)
    assert len(shown["sessions"]) == 1
    traces = [phone.number, user_id, *keys_of(stack, conversation)]
    assert len(traces) == 4, "one alias: the number's"

    accepted = api("POST", "/contacts/erase", {**whose, "contact": address[by]})
    erasure = eventually(lambda: done(api, accepted["conversation"]))

    assert (erasure["removed"]["sessions"], erasure["removed"]["aliases"]) == (1, 1)
    left = [place for place in found(stack, traces) if not place.startswith(("audit", "repeats"))]
    assert sorted(left) == sorted(f"sessions {key} erased" for key in traces[2:])
