"""Webhook delivery: signed over the raw bytes, retried until 200, in parallel, in batches, duplicated on demand."""

from __future__ import annotations

import hashlib
import hmac
import json
from itertools import pairwise

from local.whatsapp_simulator.settings import Settings
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.unit.local.whatsapp_simulator.conftest import CUSTOMER, RunningSimulator


def test_the_signature_is_over_the_raw_bytes(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    simulator.say("Grüße 👋 a/b")
    (post,) = business.wait_for(lambda received: len(received) == 1)
    expected = hmac.new(b"app-secret", post.body, hashlib.sha256).hexdigest()
    assert post.headers["x-hub-signature-256"] == f"sha256={expected}"
    assert post.headers["content-type"] == "application/json"


def test_a_body_that_is_serialised_again_does_not_match_its_signature(
    simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    simulator.say("Grüße a/b")
    (post,) = business.wait_for(lambda received: len(received) == 1)
    again = json.dumps(json.loads(post.body), separators=(",", ":")).encode()
    assert again != post.body
    assert b"\\u00fc" in post.body
    assert b"a\\/b" in post.body


def test_a_post_that_is_not_answered_200_is_delivered_again(
    simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    business.answers = [500, 404, 202]
    message = simulator.say("hello")
    posts = business.wait_for(lambda received: len(received) == 4)
    assert len({post.body for post in posts}) == 1
    assert simulator.wait_for_status(message["wamid"], "delivered")["attempts"] == 4


def test_the_pauses_between_deliveries_grow_and_are_bounded() -> None:
    pauses = Settings("token", "secret", "verify", "1").retry_seconds
    assert all(later > earlier for earlier, later in pairwise(pauses))
    assert sum(pauses) < 15 * 60


def test_deliveries_are_given_up_in_the_end(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    simulator.set(retry_seconds=[0.01, 0.01])
    business.answers = [500] * 9
    message = simulator.wait_for_status(simulator.say("hello")["wamid"], "failed")
    assert (message["attempts"], message["error"]) == (3, "The webhook answered 500")
    assert len(business.received) == 3


def test_messages_wait_for_a_webhook_that_is_set_later(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    simulator.set(webhook_url="", retry_seconds=[60])
    message = simulator.say("hello")
    simulator.wait_for_status(message["wamid"], "sent")
    simulator.set(webhook_url=business.url)
    business.wait_for(lambda received: len(received) == 1)
    simulator.wait_for_status(message["wamid"], "delivered")


def test_the_photos_of_an_album_arrive_in_parallel_as_separate_messages(
    simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    business.seconds = 0.3
    files = [("file", (f"{n}.jpg", b"\xff\xd8" + bytes([n]), "image/jpeg")) for n in range(3)]
    simulator.control.post(f"/handset/contacts/{CUSTOMER}/media", files=files, data={"caption": "look"})
    business.wait_for(lambda received: len(received) == 3)
    assert business.most_at_once == 3
    messages = business.messages()
    assert len({message["id"] for message in messages}) == 3
    assert sorted(message["image"].get("caption", "") for message in messages) == ["", "", "look"]


def test_notifications_can_be_batched_into_one_post(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    simulator.say("open the window")
    business.wait_for(lambda received: len(received) == 1)
    simulator.set(batch_seconds=0.3, statuses=["sent"])
    simulator.say("one")
    simulator.say("two", wa_id="12025550143")
    simulator.send("text", {"body": "three"})
    business.wait_for(lambda received: len(received) == 2)
    with_messages, with_statuses = business.received[1].changes
    assert [message["text"]["body"] for message in with_messages["messages"]] == ["one", "two"]
    assert [person["wa_id"] for person in with_messages["contacts"]] == [CUSTOMER, "12025550143"]
    assert [status["status"] for status in with_statuses["statuses"]] == ["sent"]


def test_deliveries_are_duplicated_on_demand(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    simulator.set(duplicate_deliveries=2)
    simulator.say("hello")
    posts = business.wait_for(lambda received: len(received) == 3)
    assert len({post.body for post in posts}) == 1


def test_one_delivery_is_repeated_on_demand(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    message = simulator.say("hello")
    simulator.wait_for_status(message["wamid"], "delivered")
    answer = simulator.control.post("/handset/redeliver", json={"wamid": message["wamid"], "times": 3})
    assert answer.json() == {"deliveries": 3}
    posts = business.wait_for(lambda received: len(received) == 4)
    assert len({post.body for post in posts}) == 1
    assert simulator.control.post("/handset/redeliver", json={"wamid": "wamid.none"}).status_code == 404


def test_the_handshake_succeeds_only_when_the_challenge_comes_back(simulator: RunningSimulator) -> None:
    assert simulator.control.post("/handset/handshake").json()["ok"] is True
    simulator.set(verify_token="wrong")
    assert simulator.control.post("/handset/handshake").json() == {"ok": False, "status": 403, "answer": ""}


def test_a_webhook_that_nobody_serves_is_logged_and_not_fatal(
    simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    simulator.set(webhook_url="http://127.0.0.1:9/webhooks/whatsapp", retry_seconds=[60])
    simulator.wait_for_status(simulator.say("hello")["wamid"], "sent")
    (exchange,) = simulator.control.get("/handset/wire").json()["exchanges"]
    assert (exchange["status"], exchange["direction"]) == (0, "to_business")
    assert "cannot be reached" in exchange["error"]


def test_a_slow_webhook_times_out_and_is_retried(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    simulator.set(webhook_timeout=0.1)
    business.seconds = 0.3
    simulator.say("hello")
    business.wait_for(lambda received: len(received) >= 2)
    exchange = simulator.control.get("/handset/wire").json()["exchanges"][0]
    assert (exchange["status"], exchange["attempt"]) == (0, 1)
    assert "ReadTimeout" in exchange["error"]
