"""A running simulator, a business with a webhook, and the business's own client of the Graph API."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.loopback import listen, url_of
from local.simulator.server import SimulatorServer
from local.whatsapp_simulator.server import create_app
from local.whatsapp_simulator.settings import Settings
from local.whatsapp_simulator.simulator import WhatsAppSimulator
from tests.fakes.webhook_receiver import WebhookReceiver

TOKEN = "EAAG-test-token"
NUMBER = "106540352242922"
OTHER_NUMBER = "106540352249999"
CUSTOMER = "447700900101"

# Reading the certificates takes longer than most tests here, and everything is plain HTTP.
TLS = httpx.create_ssl_context()


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
    state: WhatsAppSimulator
    clock: Clock
    graph: httpx.Client  # the client of the business, with its token, at /v23.0
    control: httpx.Client  # the client of the customer or a script

    def say(self, text: str, wa_id: str = CUSTOMER) -> dict[str, Any]:
        return self.act("text", {"text": text}, wa_id)

    def act(self, what: str, body: dict[str, Any], wa_id: str = CUSTOMER) -> dict[str, Any]:
        answer = self.control.post(f"/handset/contacts/{wa_id}/{what}", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def send(self, kind: str, content: dict[str, Any], **more: Any) -> httpx.Response:
        envelope = {"messaging_product": "whatsapp", "to": CUSTOMER, "type": kind, kind: content, **more}
        return self.graph.post(f"/{NUMBER}/messages", json=envelope)

    def upload(self, body: bytes, mime: str, filename: str = "file.bin", number: str = NUMBER) -> httpx.Response:
        files = {"file": (filename, body, mime)}
        return self.graph.post(f"/{number}/media", files=files, data={"messaging_product": "whatsapp", "type": mime})

    def set(self, **values: Any) -> None:
        answer = self.control.post("/handset/settings", json=values)
        assert answer.status_code == 200, answer.text

    def messages(self, wa_id: str = CUSTOMER, **query: Any) -> list[dict[str, Any]]:
        answer = self.control.get(f"/handset/contacts/{wa_id}/messages", params=query)
        return list(answer.json()["messages"])

    def wait_for_status(self, wamid: str, status: str) -> dict[str, Any]:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for message in self.messages():
                if message["wamid"] == wamid and message["status"] == status:
                    return message
            time.sleep(0.01)
        raise AssertionError(f"{wamid} never became {status}: {self.messages()}")


@pytest.fixture
def business() -> Iterator[WebhookReceiver]:
    receiver = WebhookReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def simulator(tmp_path: Path, business: WebhookReceiver) -> Iterator[RunningSimulator]:
    listener = listen()
    url = url_of(listener)
    settings = Settings(
        access_token=TOKEN,
        app_secret="app-secret",
        verify_token="verify",
        phone_number_id=NUMBER,
        other_phone_number_ids=(OTHER_NUMBER,),
        webhook_url=business.url,
        public_url=url,
        data=tmp_path,
        status_delay=0.02,
        retry_seconds=(0.05, 0.1, 0.2, 0.4),
    )
    clock = Clock()
    app = create_app(settings, clock)
    server = SimulatorServer(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    with (
        httpx.Client(base_url=f"{url}/v23.0", headers={"Authorization": f"Bearer {TOKEN}"}, verify=TLS) as graph,
        httpx.Client(base_url=url, timeout=30, verify=TLS) as control,
    ):
        yield RunningSimulator(url, app.state.simulator, clock, graph, control)
    server.should_exit = True
    thread.join(timeout=10)
