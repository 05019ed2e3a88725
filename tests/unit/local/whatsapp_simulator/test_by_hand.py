"""A person of the business writes in the WhatsApp Business app: the customer sees it, and the webhook gets an echo."""

from __future__ import annotations

import json

import pytest

from local.whatsapp_simulator.webhook_payloads import user_id
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.unit.local.whatsapp_simulator.conftest import CUSTOMER, NUMBER, RunningSimulator


def test_an_echo_has_the_shape_that_meta_documents(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    sent = simulator.act("by-hand", {"text": "Hello, this is Olga."})

    (post,) = business.wait_for(lambda received: len(received) == 1)
    (change,) = json.loads(post.body)["entry"][0]["changes"]
    assert change["field"] == "smb_message_echoes"
    assert change["value"].keys() == {"messaging_product", "metadata", "message_echoes"}
    assert change["value"]["metadata"]["phone_number_id"] == NUMBER
    (echo,) = change["value"]["message_echoes"]
    assert echo.pop("timestamp").isdigit()
    assert echo == {
        "from": change["value"]["metadata"]["display_phone_number"],
        "to": CUSTOMER,
        "to_user_id": user_id(CUSTOMER),
        "id": sent["wamid"],
        "type": "text",
        "text": {"body": "Hello, this is Olga."},
    }


def test_the_customer_sees_it_and_it_opens_no_window(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    simulator.act("by-hand", {"text": "Hello, this is Olga."})
    shown = simulator.control.get(f"/handset/contacts/{CUSTOMER}/messages").json()["messages"]
    assert [(each["direction"], each["text"], each["by_hand"]) for each in shown] == [
        ("out", "Hello, this is Olga.", True)
    ]
    refused = simulator.send("text", {"body": "from the API"})
    assert refused.json()["error"]["code"] == 131047


def test_what_is_sent_through_the_api_comes_back_as_no_echo(
    simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    simulator.say("hello")
    simulator.send("text", {"body": "from the API"})
    posts = business.wait_for(lambda received: len(received) >= 4)  # the message and three statuses
    fields = {change["field"] for post in posts for change in json.loads(post.body)["entry"][0]["changes"]}
    assert fields == {"messages"}


def test_any_other_message_of_the_app_is_echoed_as_it_is(
    simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    simulator.act("by-hand", {"type": "revoke", "revoke": {"original_message_id": "wamid.0"}})
    (post,) = business.wait_for(lambda received: len(received) == 1)
    (echo,) = json.loads(post.body)["entry"][0]["changes"][0]["value"]["message_echoes"]
    assert (echo["type"], echo["revoke"]) == ("revoke", {"original_message_id": "wamid.0"})


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"type": 1}])
def test_an_answer_without_content_is_refused(simulator: RunningSimulator, body: dict[str, object]) -> None:
    assert simulator.control.post(f"/handset/contacts/{CUSTOMER}/by-hand", json=body).status_code == 400
