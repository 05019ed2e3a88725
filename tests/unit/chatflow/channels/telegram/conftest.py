"""A running stand-in of Telegram, a bot's client of it, and the bot's webhook."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.channels.manifest import load
from chatflow.channels.telegram.client import Client
from chatflow.channels.telegram.webhook import parse, verify
from chatflow.messages import IncomingMessage
from local.loopback import listen, url_of
from local.simulator.server import SimulatorServer
from local.telegram_simulator.server import create_app
from local.telegram_simulator.settings import Settings
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.unit.chatflow.channels.telegram.examples import ACCOUNT, SECRET

CUSTOMER = "700100101"
SECONDS = 20


def soon() -> int:
    return int((time.time() + SECONDS) * 1000)


class Telegram:
    """A running stand-in, a bot's client of it, and its webhook."""

    def __init__(self, url: str, webhook: WebhookReceiver) -> None:
        self.url = url
        self.webhook = webhook
        self.http = httpx.Client(base_url=url, timeout=SECONDS)
        self.client = self._client(ACCOUNT)

    def _client(self, account: str) -> Client:
        manifest = load("telegram").at(self.url)
        return Client(account, SECRET, GuardedFetch(manifest.hosts), manifest.hosts, manifest.api)

    def act(self, what: str, **body: object) -> None:
        """Act as the customer."""
        answer = self.http.post(f"/handset/contacts/{CUSTOMER}/{what}", json=body)
        assert answer.status_code < 300, answer.text

    def send(self, *files: tuple[str, bytes, str], **fields: str) -> None:
        """Send files as the customer."""
        parts = [("file", file) for file in files]
        answer = self.http.post(f"/handset/contacts/{CUSTOMER}/media", files=parts, data=fields)
        assert answer.status_code == 201, answer.text

    def shown(self) -> list[dict[str, object]]:
        """The bot's messages, as the customer sees them."""
        query = {"direction": "out"}
        return list(self.http.get(f"/handset/contacts/{CUSTOMER}/messages", params=query).json()["messages"])

    def incoming(self, count: int = 1) -> list[IncomingMessage]:
        """The first messages that came to the webhook, each verified."""
        self.webhook.wait_for(lambda received: len(received) >= count)
        found = []
        for post in self.webhook.received[:count]:
            verify(post.headers, post.body, SECRET)
            webhook = parse(post.body, ACCOUNT)
            assert webhook.skipped == []
            found += webhook.messages
        return found


@pytest.fixture
def telegram(tmp_path: Path) -> Iterator[Telegram]:
    listener = listen()
    url = url_of(listener)
    settings = Settings(token=SECRET["bot_token"], public_url=url, data=tmp_path, retry_seconds=(0.05, 0.1))
    server = SimulatorServer(create_app(settings))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    webhook = WebhookReceiver()
    running = Telegram(url, webhook)
    running.client.register_webhook(webhook.url, SECRET["secret_token"], soon())
    yield running
    running.http.close()
    webhook.close()
    server.should_exit = True
    thread.join(timeout=10)
