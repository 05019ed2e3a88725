"""What every channel does on the deployed stack, beside the conversations of test_files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import httpx
import pytest

from local.simulator.phone import Phone
from tests.journeys.channels import Channel, on_every_channel

pytestmark = pytest.mark.slow


@on_every_channel
def test_a_forged_webhook_is_refused_and_nothing_is_queued(
    channel: Channel, phone: Phone, until_idle: Callable[[], None]
) -> None:
    phone.say("file")
    phone.receive()
    genuine = _newest_update(channel)
    forged = httpx.post(channel.webhook_url, content=genuine, headers=channel.forged, trust_env=False)
    unsigned = httpx.post(channel.webhook_url, content=genuine, trust_env=False)
    assert (forged.status_code, unsigned.status_code) == (401, 401)
    until_idle()
    assert phone.poll() == []


@pytest.mark.parametrize("channel", ["telegram"], indirect=True)  # WhatsApp's limit: test_channel_outage
def test_a_message_beyond_the_channels_limit_comes_later_and_once(
    channel: Channel, phone: Phone, until_idle: Callable[[], None]
) -> None:
    channel.plan({"send": {**channel.limit, "times": 1}})
    phone.say("file")
    assert "Send me one file" in phone.receive(within=90)[0]["text"]
    until_idle()
    assert phone.poll() == []


def _newest_update(channel: Channel) -> bytes:
    """The body of the newest POST with a message, with another id in it: a repeated one would be dropped anyhow."""
    exchanges = httpx.get(f"{channel.url}/handset/wire", trust_env=False).json()["exchanges"]
    bodies = [each["request"]["body"] for each in exchanges if each["direction"] == "to_business"]
    body = next(body for body in reversed(bodies) if body and '"text"' in body)
    unused = hashlib.sha256(body.encode()).hexdigest()
    update = json.loads(body)
    if "entry" in update:
        update["entry"][0]["changes"][0]["value"]["messages"][0]["id"] = f"wamid.{unused}"
    else:
        update["message"]["message_id"] += 100_000
    return json.dumps(update).encode()
