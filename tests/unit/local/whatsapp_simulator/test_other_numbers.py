"""A second number of another app at the same host: its own token, app secret, webhook and customers."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fakes.webhook_receiver import WebhookReceiver
from tests.unit.local.whatsapp_simulator.conftest import CUSTOMER, NUMBER, TLS, TOKEN, RunningSimulator

SECOND = "106540352240000"
SECOND_TOKEN = "EAAG-second-token"


@pytest.fixture
def second_business() -> Iterator[WebhookReceiver]:
    receiver = WebhookReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def second(simulator: RunningSimulator, second_business: WebhookReceiver) -> Iterator[httpx.Client]:
    """The control API of the second number."""
    secrets = {"access_token": SECOND_TOKEN, "app_secret": "second-secret", "verify_token": "v2"}
    body = {"phone_number_id": SECOND, **secrets, "webhook_url": second_business.url, "status_delay": 0.02}
    answer = simulator.control.post("/handset/numbers", json=body)
    assert answer.status_code == 201, answer.text
    with httpx.Client(base_url=answer.json()["url"], timeout=30, verify=TLS) as control:
        yield control


def graph(simulator: RunningSimulator, path: str, token: str, **request: Any) -> httpx.Response:
    method = "POST" if request else "GET"
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.request(method, f"{simulator.url}/v26.0/{path}", headers=headers, verify=TLS, **request)


def test_each_number_refuses_the_others_token(simulator: RunningSimulator, second: httpx.Client) -> None:
    statuses = {
        (number, token): graph(simulator, number, token).status_code
        for number in (NUMBER, SECOND)
        for token in (TOKEN, SECOND_TOKEN)
    }
    assert {key for key, status in statuses.items() if status == 200} == {(NUMBER, TOKEN), (SECOND, SECOND_TOKEN)}


def test_a_message_reaches_the_webhook_of_its_number_signed_by_its_app(
    simulator: RunningSimulator, second: httpx.Client, business: WebhookReceiver, second_business: WebhookReceiver
) -> None:
    assert second.post(f"/handset/contacts/{CUSTOMER}/text", json={"text": "hello"}).status_code == 201
    (post,) = second_business.wait_for(lambda received: len(received) == 1)
    signed = hmac.new(b"second-secret", post.body, hashlib.sha256).hexdigest()
    assert post.headers["x-hub-signature-256"] == f"sha256={signed}"
    assert SECOND.encode() in post.body
    assert simulator.messages() == []


def test_an_answer_and_a_file_reach_the_customer_of_their_number(
    simulator: RunningSimulator, second: httpx.Client
) -> None:
    second.post(f"/handset/contacts/{CUSTOMER}/text", json={"text": "hello"})
    files = {"file": ("a.pdf", b"%PDF-1.7", "application/pdf")}
    form = {"messaging_product": "whatsapp", "type": "application/pdf"}
    uploaded = graph(simulator, f"{SECOND}/media", SECOND_TOKEN, files=files, data=form)
    media = uploaded.json()["id"]
    assert graph(simulator, media, TOKEN).status_code == 400
    looked_up = graph(simulator, media, SECOND_TOKEN).json()
    headers = {"Authorization": f"Bearer {SECOND_TOKEN}"}
    assert httpx.get(looked_up["url"], headers=headers, verify=TLS).content == b"%PDF-1.7"
    message = {"messaging_product": "whatsapp", "to": CUSTOMER, "type": "document", "document": {"id": media}}
    assert graph(simulator, f"{SECOND}/messages", SECOND_TOKEN, json=message).status_code == 200
    received = second.get(f"/handset/contacts/{CUSTOMER}/messages?direction=out").json()["messages"]
    assert [each["type"] for each in received] == ["document"]
    assert simulator.messages(direction="out") == []


@pytest.mark.parametrize("body", [{}, {"phone_number_id": NUMBER}, {"phone_number_id": "x"}, {"phone_number_id": 7}])
def test_what_is_no_further_number_is_refused(simulator: RunningSimulator, body: dict[str, Any]) -> None:
    secrets = {"access_token": "t", "app_secret": "s", "verify_token": "v"} if body else {}
    assert simulator.control.post("/handset/numbers", json={**secrets, **body}).status_code == 400
