"""The channels that journeys are played on, behind one small interface: the simulators share their control API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from local.description import Description
from local.simulator import phone
from local.telegram_simulator import phone as telegram_phone
from local.whatsapp_simulator import phone as whatsapp_phone

NAMES = ("whatsapp", "telegram")

# For a test with the fixture `phone`, `new_phone` or `channel`: plays it on every channel. Without it, on WhatsApp.
on_every_channel = pytest.mark.parametrize("channel", NAMES, indirect=True)


@dataclass(frozen=True)
class Channel:
    """One channel of the deployed stack. `limit` is the fault with which it says that there are too many messages."""

    name: str
    url: str  # of its simulator
    webhook_url: str
    phone: type[phone.Phone]
    forged: Mapping[str, str]  # the headers of a POST that somebody else made
    limit: Mapping[str, Any]

    def new_phone(self, number: str) -> phone.Phone:
        return self.phone(self.url, number)

    def redeliver(self, message: Mapping[str, Any], times: int) -> None:
        """Have the channel deliver a message again, byte for byte."""
        self._post("redeliver", {"message": message["id"], "times": times})

    def plan(self, faults: Mapping[str, Any]) -> None:
        """Plan faults of the channel's API; `{}` ends them."""
        self._post("faults", faults)

    def _post(self, path: str, body: Mapping[str, Any]) -> None:
        httpx.post(f"{self.url}/handset/{path}", json=body, trust_env=False).raise_for_status()


def channel_of(stack: Description, name: str) -> Channel:
    if name == "telegram":
        return Channel(
            name,
            stack.telegram_url,
            stack.telegram_webhook_url,
            telegram_phone.Phone,
            {"X-Telegram-Bot-Api-Secret-Token": "0" * 32},
            {"retry_after": 1},
        )
    return Channel(
        name,
        stack.handset_url,
        stack.webhook_url,
        whatsapp_phone.Phone,
        {"X-Hub-Signature-256": f"sha256={'0' * 64}"},
        {"status": 429, "code": 130429},
    )
