"""Two WhatsApp numbers of two apps on one deployment: two tokens, two app secrets, two webhooks."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.business_api.client import Business, sha256
from local.description import Description
from local.whatsapp_simulator.phone import Phone
from tests.unit.chatflow.channels.whatsapp.examples import sign

pytestmark = pytest.mark.slow

SECOND = f"1065403{secrets.randbelow(10**8):08}"  # another one in each run: a stack may run already


@dataclass(frozen=True)
class Number:
    """A number of the business: the simulator of its app, and its webhook at the deployment."""

    id: str
    app_secret: str
    simulator_url: str
    webhook_url: str

    def post(self, *messages: tuple[str, str, str]) -> int:
        """The status for a POST that this number's app signs; each message is a number, a customer and a text."""
        changes = [
            {
                "field": "messages",
                "value": {
                    "metadata": {"phone_number_id": number},
                    "messages": [
                        {
                            "from": customer,
                            "id": f"wamid.{secrets.token_hex(8)}",
                            "timestamp": "1744344496",
                            "type": "text",
                            "text": {"body": text},
                        }
                    ],
                },
            }
            for number, customer, text in messages
        ]
        entry = {"id": "1", "changes": changes}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
        headers = sign(body, {"app_secret": self.app_secret})
        return httpx.post(self.webhook_url, content=body, headers=headers, timeout=30).status_code


def chatflow(*words: str, typed: str = "") -> Any:
    """`chatflow`, with AWS credentials for the stack (the fixtures of the journeys set them)."""
    command = [sys.executable, "-m", "chatflow_cli", "channels", *words, "--stage", "local", "--json"]
    done = subprocess.run(
        command, input=typed, env=dict(os.environ), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def tokens() -> dict[str, str]:
    """What Meta shows a person of the second app."""
    names = ("access_token", "app_secret", "verify_token")
    return {"phone_number_id": SECOND, **{name: secrets.token_hex(20) for name in names}}


@pytest.fixture
def numbers(stack: Description, tokens: dict[str, str]) -> list[Number]:
    """The number of the local stack, and a second one that a person connects with the command line."""
    first = Number(stack.phone_number_id, stack.app_secret, stack.handset_url, stack.webhook_url)
    simulator_url = f"{stack.handset_url}/handset/numbers/{SECOND}"
    second = Number(SECOND, tokens["app_secret"], simulator_url, f"{stack.api_url}/webhooks/whatsapp/{SECOND}")
    if httpx.get(f"{simulator_url}/handset/settings").is_success:  # an earlier test connected it
        return [first, second]
    httpx.post(f"{stack.handset_url}/handset/numbers", json=tokens).raise_for_status()
    typed = f"{SECOND}\n{tokens['access_token']}\n{tokens['app_secret']}\n"
    connected = chatflow("connect", "whatsapp", typed=typed)
    (verify_token,) = (each.removeprefix("Verify token: ") for each in connected["steps"] if "Verify token" in each)
    assert connected["webhook_url"] == second.webhook_url
    settings = {"webhook_url": second.webhook_url, "verify_token": verify_token}
    httpx.post(f"{simulator_url}/handset/settings", json=settings).raise_for_status()
    assert httpx.post(f"{simulator_url}/handset/handshake").json()["ok"]
    return [first, second]


def test_each_customer_is_answered_from_the_number_that_they_wrote_to_with_files_both_ways(
    stack: Description, numbers: list[Number], business: Business, samples: Path, new_phone: Callable[[], Phone]
) -> None:
    customer = new_phone().number  # one person who writes to both numbers
    phones = [Phone(number.simulator_url, customer) for number in numbers]
    for phone in phones:
        phone.say("file")
    for phone in phones:
        phone.receive()
    photos = [samples / "photo-1.jpg", samples / "photo-2.jpg"]
    for phone, photo in zip(phones, photos, strict=True):
        phone.send(photo, kind="image")
        assert phone.receive()
    stored = {upload["sha256"] for upload in business.uploads()}
    assert stored == {sha256(photo.read_bytes()) for photo in photos}

    leaflet = (Path(__file__).parents[2] / "flows" / "assets" / "what-happens-next.pdf").read_bytes()
    for phone in phones:
        phone.say("leaflet")
        received = phone.receive(1)
        while received[-1]["type"] != "document":
            received += phone.receive(1)
        assert phone.download(received[-1]) == leaflet


def test_a_post_of_one_app_that_names_the_others_number_is_not_queued(
    numbers: list[Number], new_phone: Callable[[], Phone]
) -> None:
    first, second = numbers
    customer = new_phone().number
    phones = {number.id: Phone(number.simulator_url, customer) for number in numbers}
    for number in numbers:
        open_window = {"contact": customer, "open": True}  # so that the business may write first
        httpx.post(f"{number.simulator_url}/handset/window", json=open_window).raise_for_status()
    assert first.post((second.id, customer, "file"), (first.id, customer, "file")) == 200
    assert second.post((first.id, customer, "file")) == 200
    assert "one file" in phones[first.id].receive()[0]["text"]
    phones[second.id].say("hello")
    assert phones[second.id].receive()[0]["text"].startswith("Hello")
    assert [phone.poll() for phone in phones.values()] == [[], []]


def test_the_command_line_lists_checks_and_disconnects_both(numbers: list[Number]) -> None:
    listed = chatflow("list", "whatsapp")["items"]
    assert {number.id for number in numbers} <= {each["account"] for each in listed}
    checked = {each["account"]: each for each in chatflow("check", "whatsapp")["items"]}
    for number in numbers:
        assert (checked[number.id]["credentials"], checked[number.id]["webhook"]) == ("", "")
    chatflow("disconnect", "whatsapp", "--account", SECOND, "--yes")
    assert SECOND not in {each["account"] for each in chatflow("list")["items"]}
