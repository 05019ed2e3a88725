"""Each channel's simulator, with a customer's phone on one side and Chatflow's own code of the channel on the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.channels import manifest
from local.loopback import listen, url_of
from local.simulator.phone import Phone
from local.simulator.server import SimulatorServer
from local.telegram_simulator import server as telegram
from local.telegram_simulator.settings import Settings as TelegramSettings
from local.whatsapp_simulator import server as whatsapp
from local.whatsapp_simulator.settings import Settings as WhatsAppSettings
from tests.fakes.webhook_receiver import Received, WebhookReceiver


@dataclass(frozen=True)
class RunningChannel:
    """A channel with one account of ours. `secret` is what `chatflow channels connect` would store of it."""

    name: str
    url: str  # of the simulator
    api: str  # what the deployment would call, as its context says it
    account: str
    secret: Mapping[str, Any]
    webhook: WebhookReceiver

    def phone(self, number: str) -> Phone:
        return Phone(self.url, number)

    def next_post(self) -> Received:
        """The next POST of the channel."""
        return self.webhook.wait_for(bool).pop(0)

    def client(self) -> Any:
        """Chatflow's client of the account."""
        channel = manifest.load(self.name).at(self.api)
        fetch = GuardedFetch(channel.hosts)
        return manifest.part(self.name, "client").Client(self.account, self.secret, fetch, channel.hosts, channel.api)


@contextmanager
def running(name: str, folder: Path) -> Iterator[RunningChannel]:
    """The simulator of a channel, which keeps its files in this folder."""
    webhook = WebhookReceiver()
    listener = listen()
    url = url_of(listener)
    make, account, secret = _CHANNELS[name]
    server = SimulatorServer(make(url, webhook.url, folder, account, secret))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield RunningChannel(name, url, _API.get(name, "{}").format(url), account, secret, webhook)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        webhook.close()


def _whatsapp(url: str, webhook: str, folder: Path, account: str, secret: Mapping[str, Any]) -> Starlette:
    connected = {**secret, "webhook_url": webhook, "public_url": url, "data": folder}
    return whatsapp.create_app(WhatsAppSettings(**connected, statuses=()))


def _telegram(url: str, webhook: str, folder: Path, account: str, secret: Mapping[str, Any]) -> Starlette:
    connected = {"secret_token": secret["secret_token"], "webhook_url": webhook, "public_url": url, "data": folder}
    return telegram.create_app(TelegramSettings(token=secret["bot_token"], **connected))


Make = Callable[[str, str, Path, str, Mapping[str, Any]], Starlette]

_API = {"whatsapp": "{}/{{version}}"}

_CHANNELS: dict[str, tuple[Make, str, Mapping[str, Any]]] = {
    "whatsapp": (
        _whatsapp,
        "106540352242922",
        {"access_token": "EAAG", "app_secret": "app", "verify_token": "verify", "phone_number_id": "106540352242922"},
    ),
    "telegram": (
        _telegram,
        "7012345678",
        {"bot_token": f"7012345678:{'A' * 35}", "secret_token": "secret-of-the-webhook", "bot_id": "7012345678"},
    ),
}
