"""The control API: long polls, the wire log, settings, and refused requests."""

from __future__ import annotations

import ast
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from tests.fakes.webhook_receiver import WebhookReceiver
from tests.unit.local.whatsapp_simulator.conftest import CUSTOMER, NUMBER, TOKEN, RunningSimulator

ROOT = Path(__file__).parents[4]


def test_a_long_poll_returns_at_the_first_new_message(simulator: RunningSimulator) -> None:
    last = simulator.say("hello")["seq"]
    received: list[str] = []
    query = {"after": last, "wait": 20, "direction": "out"}
    waiter = threading.Thread(target=lambda: received.extend(m["text"] for m in simulator.messages(**query)))
    waiter.start()
    simulator.say("not what it waits for")
    simulator.send("text", {"body": "hi"})
    waiter.join(timeout=10)
    assert received == ["hi"]


def test_a_long_poll_ends_after_its_time(simulator: RunningSimulator) -> None:
    assert simulator.messages(wait=0.05) == []


def test_a_change_of_status_is_selected_by_version(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    wamid = simulator.say("hello")["wamid"]
    simulator.wait_for_status(wamid, "delivered")
    path = f"/handset/contacts/{CUSTOMER}/messages"
    version = simulator.control.get(path).json()["version"]
    assert simulator.control.get(path, params={"changed_after": version}).json()["messages"] == []
    simulator.graph.post(
        f"/{NUMBER}/messages", json={"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    )
    (changed,) = simulator.control.get(path, params={"changed_after": version}).json()["messages"]
    assert (changed["wamid"], changed["status"]) == (wamid, "read")


def test_events_begin_with_the_complete_state(simulator: RunningSimulator) -> None:
    simulator.say("hello")
    with simulator.control.stream("GET", "/handset/events") as events:
        line = next(line for line in events.iter_lines() if line.startswith("data: "))
    state = json.loads(line.removeprefix("data: "))
    assert [message["text"] for message in state["messages"]] == ["hello"]
    assert len(state["contacts"]) == 3
    assert state["webhook"]["url"] == simulator.state.settings.webhook_url


def test_the_wire_shows_both_directions_and_no_token(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    simulator.say("hello")
    business.wait_for(lambda received: len(received) == 1)
    simulator.upload(b"%PDF", "application/pdf", "a.pdf")
    answer = simulator.control.get("/handset/wire")
    webhook, upload = answer.json()["exchanges"]
    assert (webhook["direction"], webhook["method"], webhook["status"]) == ("to_business", "POST", 200)
    assert webhook["request"]["body"].encode() == business.received[0].body
    assert webhook["request"]["headers"]["X-Hub-Signature-256"].startswith("sha256=")
    assert (upload["direction"], upload["url"]) == ("from_business", f"/v23.0/{NUMBER}/media")
    assert upload["request"]["headers"]["authorization"] == "Bearer •••oken"
    file = next(part for part in upload["parts"] if part["name"] == "file")
    assert file == {"name": "file", "size": 4, "type": "application/pdf", "filename": "a.pdf"}
    assert TOKEN not in answer.text
    assert simulator.control.get("/handset/wire", params={"after": 2}).json() == {"exchanges": [], "last": 2}


def test_settings_are_shown_without_secrets_and_invalid_ones_are_refused(simulator: RunningSimulator) -> None:
    shown = simulator.control.get("/handset/settings")
    assert shown.json()["phone_number_id"] == NUMBER
    assert TOKEN not in shown.text
    for wrong in ({"colour": "red"}, {"late_refusals": "yes"}, {"status_delay": "long"}, {"data": "/"}):
        assert simulator.control.post("/handset/settings", json=wrong).status_code == 400


@pytest.mark.parametrize("path", ["text", "choice", "media", "location", "sample"])
def test_an_action_without_its_content_is_refused(simulator: RunningSimulator, path: str) -> None:
    assert 400 <= simulator.control.post(f"/handset/contacts/{CUSTOMER}/{path}", json={}).status_code < 500


def test_a_contact_is_created_from_a_number_in_any_spelling(simulator: RunningSimulator) -> None:
    made = simulator.control.post("/handset/contacts", json={"wa_id": "+49 (30) 23125-001", "name": "Jo"}).json()
    assert (made["wa_id"], made["name"], made["window_open"]) == ("493023125001", "Jo", False)
    assert simulator.control.post("/handset/contacts", json={"wa_id": "jo"}).status_code == 400


def test_requests_of_other_sites_are_refused(simulator: RunningSimulator) -> None:
    for header in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        assert httpx.get(simulator.url + "/handset/settings", headers=header).status_code == 403


def test_a_document_is_never_displayed_inline(simulator: RunningSimulator) -> None:
    files = {"file": ("page.html", b"<script>alert(1)</script>", "text/html")}
    sent = simulator.control.post(f"/handset/contacts/{CUSTOMER}/media", files=files).json()
    answer = simulator.control.get(f"/handset/media/{sent['messages'][0]['media']}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"


def test_the_simulator_imports_nothing_of_chatflow() -> None:
    for path in (ROOT / "local/whatsapp_simulator").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.split(".")[0] in ("chatflow", "functions") for name in names), path


def test_the_process_prints_its_address_and_ends_at_a_signal(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local.whatsapp_simulator", "--app-secret", "s", "--verify-token", "v"]
    command += ["--access-token", "t", "--phone-number-id", "1", "--data", str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    line = json.loads(process.stdout.readline())
    assert httpx.get(line["url"]).status_code == 200
    assert httpx.get(f"{line['graph_url']}/1", headers={"Authorization": "Bearer t"}).json()["id"] == "1"
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) in (0, -signal.SIGTERM)
