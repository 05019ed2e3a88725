"""What the customer sees of the business, the statuses it gets back, and trouble on demand."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fakes.webhook_receiver import WebhookReceiver
from tests.unit.local.whatsapp_simulator.conftest import NUMBER, Running


def sent_text(running: Running, **more: Any) -> str:
    running.say("hello")
    return str(running.send("text", {"body": "hi"}, **more).json()["messages"][0]["id"])


def of(wamid: str, business: WebhookReceiver) -> list[str]:
    return [status["status"] for status in business.statuses() if status["id"] == wamid]


def test_a_message_is_reported_as_sent_delivered_and_read(running: Running, business: WebhookReceiver) -> None:
    wamid = sent_text(running, biz_opaque_callback_data="visit-7")
    running.wait_for_status(wamid, "read")
    business.wait_for(lambda _: len(of(wamid, business)) == 3)
    assert sorted(of(wamid, business)) == ["delivered", "read", "sent"]
    assert {status["biz_opaque_callback_data"] for status in business.statuses()} == {"visit-7"}


def test_statuses_may_come_out_of_order_and_never_move_the_message_back(
    running: Running, business: WebhookReceiver
) -> None:
    running.set(statuses_unordered=True, status_delay=0.0, batch_seconds=0.3)  # two POSTs could race
    wamid = sent_text(running)
    business.wait_for(lambda _: len(of(wamid, business)) == 3)
    assert of(wamid, business) == ["read", "delivered", "sent"]
    assert running.wait_for_status(wamid, "read")


def test_a_failure_can_be_reported_on_demand(running: Running, business: WebhookReceiver) -> None:
    running.set(statuses=[])
    wamid = sent_text(running)
    running.control.post("/handset/status", json={"wamid": wamid, "status": "failed", "code": 131026})
    business.wait_for(lambda _: of(wamid, business) == ["failed"])
    assert business.statuses()[0]["errors"][0]["code"] == 131026


def test_a_read_receipt_turns_the_customers_ticks_blue_and_may_show_typing(running: Running) -> None:
    wamid = running.say("hello")["wamid"]
    receipt = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    answer = running.graph.post(f"/{NUMBER}/messages", json={**receipt, "typing_indicator": {"type": "text"}})
    assert answer.json() == {"success": True}
    assert running.wait_for_status(wamid, "read")
    contact = running.control.get("/handset/contacts").json()["contacts"][0]
    assert contact["typing_until"] > running.clock() * 1000
    running.send("text", {"body": "hi"})
    assert running.control.get("/handset/contacts").json()["contacts"][0]["typing_until"] == 0


def test_a_reaction_stands_on_the_message_and_is_none_itself(running: Running) -> None:
    wamid = running.say("hello")["wamid"]
    assert running.send("reaction", {"message_id": wamid, "emoji": "👍"}).status_code == 200
    (message,) = running.messages()
    assert message["reaction"] == "👍"


def test_a_document_keeps_its_name_and_a_document_without_one_has_none(running: Running) -> None:
    running.say("hello")
    media_id = running.upload(b"%PDF", "application/pdf", "internal-name.pdf").json()["id"]
    running.send("document", {"id": media_id, "filename": "Ihr Angebot.pdf", "caption": "x"})
    running.send("document", {"id": media_id})
    named, nameless = running.messages(direction="out")
    assert (named["filename"], named["caption"], named["size"]) == ("Ihr Angebot.pdf", "x", 4)
    assert nameless["filename"] == ""


def test_a_planned_fault_strikes_as_often_as_asked(running: Running) -> None:
    running.say("hello")
    running.control.post("/handset/faults", json={"send": {"status": 503, "code": 131016, "times": 2}})
    answers = [running.send("text", {"body": str(number)}) for number in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].json()["error"]["code"] == 131016
    assert [message["text"] for message in running.messages(direction="out")] == ["2"]


def test_an_answer_can_get_lost_after_the_work_was_done(running: Running) -> None:
    running.say("hello")
    running.control.post("/handset/faults", json={"send": {"status": 500, "code": 1, "after": True}})
    assert running.send("text", {"body": "seen all the same"}).status_code == 500
    assert [message["text"] for message in running.messages(direction="out")] == ["seen all the same"]


def test_a_download_can_break_off(running: Running) -> None:
    media_id = running.upload(b"x" * 100_000, "application/pdf").json()["id"]
    url = running.graph.get(f"/{media_id}").json()["url"]
    running.control.post("/handset/faults", json={"download": {"cut": 1000}})
    with pytest.raises(httpx.RemoteProtocolError):
        running.graph.get(url)
    assert len(running.graph.get(url).content) == 100_000


def test_an_answer_can_come_late(running: Running) -> None:
    running.control.post("/handset/faults", json={"number": {"stall": 5.0}})
    with pytest.raises(httpx.ReadTimeout):
        running.graph.get(f"/{NUMBER}", timeout=0.2)
    running.control.post("/handset/faults", json={})
    assert running.graph.get(f"/{NUMBER}").status_code == 200


def test_an_unknown_fault_is_declined(running: Running) -> None:
    for wanted in ({"teleport": {}}, {"send": {"colour": "red"}}, {"stall": "long"}):
        assert running.control.post("/handset/faults", json=wanted).status_code == 400
