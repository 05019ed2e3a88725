"""A running simulator of Telegram, a bot with a webhook, and the bot's own client of the Bot API."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from local.loopback import listen, url_of
from local.simulator.server import SimulatorServer
from local.telegram_simulator.server import create_app
from local.telegram_simulator.settings import Settings
from local.telegram_simulator.simulator import TelegramSimulator
from tests.fakes.webhook_receiver import WebhookReceiver

TOKEN = "7012345678:AAH-test-token"
SECRET = "the_secret-of-the-webhook"
CUSTOMER = "700100101"
GROUP = "-1001234567"

# Reading the certificates takes longer than most tests here, and everything is plain HTTP.
TLS = httpx.create_ssl_context()


def picture(width: int = 640, height: int = 480, form: str = "JPEG") -> bytes:
    """A real picture."""
    file = BytesIO()
    Image.new("RGB", (width, height), "orange").save(file, form)
    return file.getvalue()


class Clock:
    """Real time plus the seconds that a test adds."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class RunningSimulator:
    """A running simulator with clients for both sides."""

    url: str
    state: TelegramSimulator
    clock: Clock
    http: httpx.Client

    def call(self, method: str, token: str = TOKEN, files: Any = None, **values: Any) -> httpx.Response:
        """Call the Bot API as the bot does: JSON, or a multipart form when there are files."""
        body: dict[str, Any] = {"data": values, "files": files} if files else {"json": values}
        return self.http.post(f"/bot{token}/{method}", **body)

    def result(self, method: str, **values: Any) -> Any:
        answer = self.call(method, **values)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def act(self, what: str, body: dict[str, Any], contact: str = CUSTOMER) -> dict[str, Any]:
        """Act as the customer."""
        answer = self.http.post(f"/handset/contacts/{contact}/{what}", json=body)
        assert answer.status_code < 300, answer.text
        return dict(answer.json())

    def say(self, text: str, contact: str = CUSTOMER) -> dict[str, Any]:
        return self.act("text", {"text": text}, contact)

    def send(self, *files: tuple[str, bytes, str], **fields: str) -> list[dict[str, Any]]:
        """Send files as the customer."""
        parts = [("file", file) for file in files]
        answer = self.http.post(f"/handset/contacts/{CUSTOMER}/media", files=parts, data=fields)
        assert answer.status_code == 201, answer.text
        return list(answer.json()["messages"])

    def messages(self, contact: str = CUSTOMER, **query: Any) -> list[dict[str, Any]]:
        return list(self.http.get(f"/handset/contacts/{contact}/messages", params=query).json()["messages"])

    def fault(self, **faults: Any) -> None:
        answer = self.http.post("/handset/faults", json=faults)
        assert answer.status_code == 200, answer.text


class Bot(WebhookReceiver):
    """The webhook of a bot."""

    @property
    def updates(self) -> list[dict[str, Any]]:
        return [json.loads(post.body) for post in self.received]

    def next(self, kind: str = "message", number: int = 1) -> dict[str, Any]:
        """The content of the update of this number, which must be of this kind."""
        self.wait_for(lambda received: len(received) >= number)
        return dict(self.updates[number - 1][kind])


@pytest.fixture
def bot() -> Iterator[Bot]:
    receiver = Bot()
    yield receiver
    receiver.close()


@pytest.fixture
def simulator(tmp_path: Path, bot: Bot) -> Iterator[RunningSimulator]:
    listener = listen()
    url = url_of(listener)
    settings = Settings(token=TOKEN, public_url=url, data=tmp_path, retry_seconds=(0.05, 0.1, 0.2, 0.4))
    clock = Clock()
    app = create_app(settings, clock)
    server = SimulatorServer(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    with httpx.Client(base_url=url, timeout=30, verify=TLS) as http:
        running = RunningSimulator(url, app.state.simulator, clock, http)
        running.result("setWebhook", url=bot.url, secret_token=SECRET)
        yield running
    server.should_exit = True
    thread.join(timeout=10)
