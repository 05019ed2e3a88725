"""Refusals that depend on the token, the recipient and the time."""

from __future__ import annotations

import httpx
import pytest

from tests.unit.local.whatsapp_simulator.conftest import CUSTOMER, NUMBER, TOKEN, RunningSimulator


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}])
@pytest.mark.parametrize("path", [f"/{NUMBER}", f"/{NUMBER}/messages", f"/{NUMBER}/media", "/12345"])
def test_no_endpoint_answers_without_the_token(simulator: RunningSimulator, path: str, header: dict[str, str]) -> None:
    method = "POST" if path.endswith(("messages", "media")) else "GET"
    answer = httpx.request(method, f"{simulator.url}/v23.0{path}", headers=header)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)


def test_the_phone_number_describes_itself(simulator: RunningSimulator) -> None:
    about = simulator.graph.get(f"/{NUMBER}").json()
    assert about["id"] == NUMBER
    assert {"display_phone_number", "verified_name"} <= about.keys()


@pytest.mark.parametrize("path", ["/999/messages", "/999/media"])
def test_an_unknown_phone_number_id_is_no_object(simulator: RunningSimulator, path: str) -> None:
    error = simulator.graph.post(path, json={}).json()["error"]
    assert (error["code"], error["error_subcode"], error["type"]) == (100, 33, "GraphMethodException")


def test_any_version_of_the_api_is_served(simulator: RunningSimulator) -> None:
    for version in ("v19.0", "v23.0", "v24.0"):
        url = f"{simulator.url}/{version}/{NUMBER}"
        assert httpx.get(url, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_nothing_may_be_sent_before_the_customer_wrote(simulator: RunningSimulator) -> None:
    error = simulator.send("text", {"body": "hello"}).json()["error"]
    assert error["code"] == 131047
    assert "24 hours" in error["error_data"]["details"]


def test_a_message_of_the_customer_opens_the_window_for_24_hours(simulator: RunningSimulator) -> None:
    simulator.say("hello")
    simulator.clock.ahead += 24 * 3600 - 60
    assert simulator.send("text", {"body": "hello"}).status_code == 200
    simulator.clock.ahead += 120
    assert simulator.send("text", {"body": "hello"}).json()["error"]["code"] == 131047
    template = {"name": "come_back", "language": {"code": "en"}}
    assert simulator.send("template", template).status_code == 200


def test_the_window_opens_and_closes_on_demand(simulator: RunningSimulator) -> None:
    simulator.control.post("/handset/window", json={"contact": CUSTOMER, "open": True})
    assert simulator.send("text", {"body": "hello"}).status_code == 200
    simulator.control.post("/handset/window", json={"contact": CUSTOMER, "open": False})
    assert simulator.send("text", {"body": "hello"}).json()["error"]["code"] == 131047


def test_a_late_refusal_is_accepted_first_and_fails_as_a_status(simulator: RunningSimulator) -> None:
    simulator.set(late_refusals=True)
    wamid = simulator.send("text", {"body": "hello"}).json()["messages"][0]["id"]
    assert "131047" in simulator.wait_for_status(wamid, "failed")["error"]


def test_the_number_cannot_write_to_itself(simulator: RunningSimulator) -> None:
    own = simulator.state.settings.display_phone_number
    assert simulator.send("text", {"body": "hello"}, to=own).json()["error"]["code"] == 131021


def test_the_pair_rate_allows_a_burst_of_45_and_then_one_in_six_seconds(simulator: RunningSimulator) -> None:
    simulator.set(pair_rate_limit=True, statuses=[])
    simulator.say("hello")
    codes = [simulator.send("text", {"body": "x"}).status_code for _ in range(46)]
    assert codes == [200] * 45 + [400]
    simulator.clock.ahead += 7
    assert simulator.send("text", {"body": "x"}).status_code == 200
    assert simulator.send("text", {"body": "x"}).json()["error"]["code"] == 131056


def test_the_number_in_a_lookup_of_a_customers_media_may_be_refused(simulator: RunningSimulator) -> None:
    sent = simulator.control.post(f"/handset/contacts/{CUSTOMER}/media", files={"file": ("a.jpg", b"x")}).json()
    media_id = sent["messages"][0]["media"]
    query = {"phone_number_id": NUMBER}
    assert simulator.graph.get(f"/{media_id}", params=query).status_code == 200
    simulator.set(lookup_refuses_number=True)
    assert simulator.graph.get(f"/{media_id}", params=query).json()["error"]["code"] == 100
    assert simulator.graph.get(f"/{media_id}").status_code == 200
