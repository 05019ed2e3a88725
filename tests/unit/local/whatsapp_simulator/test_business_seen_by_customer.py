"""Messages of the business as the customer sees them, their statuses, and fault injection."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.fakes.webhook_receiver import WebhookReceiver
from tests.unit.local.whatsapp_simulator.conftest import NUMBER, RunningSimulator


def sent_text(simulator: RunningSimulator, **more: Any) -> str:
    simulator.say("hello")
    return str(simulator.send("text", {"body": "hi"}, **more).json()["messages"][0]["id"])


def statuses_of(wamid: str, business: WebhookReceiver) -> list[str]:
    return [status["status"] for status in business.statuses() if status["id"] == wamid]


def test_a_message_is_reported_as_sent_delivered_and_read(
    simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    wamid = sent_text(simulator, biz_opaque_callback_data="visit-7")
    simulator.wait_for_status(wamid, "read")
    business.wait_for(lambda _: len(statuses_of(wamid, business)) == 3)
    assert sorted(statuses_of(wamid, business)) == ["delivered", "read", "sent"]
    assert {status["biz_opaque_callback_data"] for status in business.statuses()} == {"visit-7"}


def test_statuses_may_come_out_of_order_and_never_move_the_message_back(
    simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    simulator.set(statuses_unordered=True, status_delay=0.0, batch_seconds=0.3)  # two POSTs could race
    wamid = sent_text(simulator)
    business.wait_for(lambda _: len(statuses_of(wamid, business)) == 3)
    assert statuses_of(wamid, business) == ["read", "delivered", "sent"]
    assert simulator.wait_for_status(wamid, "read")


def test_a_failure_can_be_reported_on_demand(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    simulator.set(statuses=[])
    wamid = sent_text(simulator)
    simulator.control.post("/handset/status", json={"wamid": wamid, "status": "failed", "code": 131026})
    business.wait_for(lambda _: statuses_of(wamid, business) == ["failed"])
    assert business.statuses()[0]["errors"][0]["code"] == 131026


def test_a_read_receipt_turns_the_customers_ticks_blue_and_may_show_typing(simulator: RunningSimulator) -> None:
    wamid = simulator.say("hello")["wamid"]
    receipt = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    answer = simulator.graph.post(f"/{NUMBER}/messages", json={**receipt, "typing_indicator": {"type": "text"}})
    assert answer.json() == {"success": True}
    assert simulator.wait_for_status(wamid, "read")
    contact = simulator.control.get("/handset/contacts").json()["contacts"][0]
    assert contact["typing_until"] > simulator.clock() * 1000
    simulator.send("text", {"body": "hi"})
    assert simulator.control.get("/handset/contacts").json()["contacts"][0]["typing_until"] == 0


def test_a_reaction_is_part_of_the_message_and_no_message_itself(simulator: RunningSimulator) -> None:
    wamid = simulator.say("hello")["wamid"]
    assert simulator.send("reaction", {"message_id": wamid, "emoji": "👍"}).status_code == 200
    (message,) = simulator.messages()
    assert message["reaction"] == "👍"


def test_a_document_keeps_its_name_and_a_document_without_one_has_none(simulator: RunningSimulator) -> None:
    simulator.say("hello")
    media_id = simulator.upload(b"%PDF", "application/pdf", "internal-name.pdf").json()["id"]
    simulator.send("document", {"id": media_id, "filename": "Ihr Angebot.pdf", "caption": "x"})
    simulator.send("document", {"id": media_id})
    named, nameless = simulator.messages(direction="out")
    assert (named["filename"], named["caption"], named["size"]) == ("Ihr Angebot.pdf", "x", 4)
    assert nameless["filename"] == ""


def test_a_planned_fault_occurs_as_often_as_planned(simulator: RunningSimulator) -> None:
    simulator.say("hello")
    simulator.control.post("/handset/faults", json={"send": {"status": 503, "code": 131016, "times": 2}})
    answers = [simulator.send("text", {"body": str(number)}) for number in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].json()["error"]["code"] == 131016
    assert [message["text"] for message in simulator.messages(direction="out")] == ["2"]
    assert simulator.control.get("/handset/faults").json()["injected"] == {"send": 2}


def test_an_answer_can_get_lost_after_the_work_was_done(simulator: RunningSimulator) -> None:
    simulator.say("hello")
    simulator.control.post("/handset/faults", json={"send": {"status": 500, "code": 1, "after": True}})
    assert simulator.send("text", {"body": "seen all the same"}).status_code == 500
    assert [message["text"] for message in simulator.messages(direction="out")] == ["seen all the same"]


def test_a_download_can_break_off(simulator: RunningSimulator) -> None:
    media_id = simulator.upload(b"x" * 100_000, "application/pdf").json()["id"]
    url = simulator.graph.get(f"/{media_id}").json()["url"]
    simulator.control.post("/handset/faults", json={"download": {"cut": 1000}})
    with pytest.raises(httpx.RemoteProtocolError):
        simulator.graph.get(url)
    assert len(simulator.graph.get(url).content) == 100_000


def test_an_answer_can_come_late(simulator: RunningSimulator) -> None:
    simulator.control.post("/handset/faults", json={"number": {"stall": 5.0}})
    with pytest.raises(httpx.ReadTimeout):
        simulator.graph.get(f"/{NUMBER}", timeout=0.2)
    simulator.control.post("/handset/faults", json={})
    assert simulator.graph.get(f"/{NUMBER}").status_code == 200


def test_a_number_over_its_rate_is_refused_above_so_many_messages_a_second(simulator: RunningSimulator) -> None:
    simulator.say("hello")
    limit = {"status": 429, "code": 130429, "above": 2, "times": 1000}
    simulator.control.post("/handset/faults", json={"send": limit})
    statuses = [simulator.send("text", {"body": "hi"}).status_code for _ in range(6)]
    assert statuses[:3] == [200, 200, 429]
    deadline = time.monotonic() + 10
    while (again := simulator.send("text", {"body": "later"})).status_code == 429 and time.monotonic() < deadline:
        assert again.json()["error"]["code"] == 130429
    assert again.status_code == 200  # what was refused is not counted


def test_an_unknown_fault_is_refused(simulator: RunningSimulator) -> None:
    for wanted in ({"teleport": {}}, {"send": {"colour": "red"}}, {"stall": "long"}):
        assert simulator.control.post("/handset/faults", json=wanted).status_code == 400
