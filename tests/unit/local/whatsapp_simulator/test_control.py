"""The control API: waiting for news, the wire, settings, and who is kept out."""

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
from tests.unit.local.whatsapp_simulator.conftest import CUSTOMER, NUMBER, TOKEN, Running

ROOT = Path(__file__).parents[4]


def test_a_long_poll_returns_as_soon_as_there_is_something(running: Running) -> None:
    last = running.say("hello")["seq"]
    found: list[str] = []
    query = {"after": last, "wait": 20, "direction": "out"}
    waiter = threading.Thread(target=lambda: found.extend(m["text"] for m in running.messages(**query)))
    waiter.start()
    running.say("not what it waits for")
    running.send("text", {"body": "hi"})
    waiter.join(timeout=10)
    assert found == ["hi"]


def test_a_long_poll_gives_up_when_its_time_is_over(running: Running) -> None:
    assert running.messages(wait=0.05) == []


def test_a_change_of_status_is_news_for_who_asks_by_version(running: Running, business: WebhookReceiver) -> None:
    wamid = running.say("hello")["wamid"]
    running.wait_for_status(wamid, "delivered")
    path = f"/handset/contacts/{CUSTOMER}/messages"
    version = running.control.get(path).json()["version"]
    assert running.control.get(path, params={"changed_after": version}).json()["messages"] == []
    running.graph.post(
        f"/{NUMBER}/messages", json={"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    )
    (changed,) = running.control.get(path, params={"changed_after": version}).json()["messages"]
    assert (changed["wamid"], changed["status"]) == (wamid, "read")


def test_events_begin_with_all_that_is_known(running: Running) -> None:
    running.say("hello")
    with running.control.stream("GET", "/handset/events") as events:
        line = next(line for line in events.iter_lines() if line.startswith("data: "))
    news = json.loads(line.removeprefix("data: "))
    assert [message["text"] for message in news["messages"]] == ["hello"]
    assert len(news["contacts"]) == 3
    assert news["webhook"]["url"] == running.simulator.settings.webhook_url


def test_the_wire_shows_both_directions_and_no_token(running: Running, business: WebhookReceiver) -> None:
    running.say("hello")
    business.wait_for(lambda received: len(received) == 1)
    running.upload(b"%PDF", "application/pdf", "a.pdf")
    answer = running.control.get("/handset/wire")
    webhook, upload = answer.json()["exchanges"]
    assert (webhook["direction"], webhook["method"], webhook["status"]) == ("to_business", "POST", 200)
    assert webhook["request"]["body"].encode() == business.received[0].body
    assert webhook["request"]["headers"]["X-Hub-Signature-256"].startswith("sha256=")
    assert (upload["direction"], upload["url"]) == ("from_business", f"/v23.0/{NUMBER}/media")
    assert upload["request"]["headers"]["authorization"] == "Bearer •••oken"
    file = next(part for part in upload["parts"] if part["name"] == "file")
    assert file == {"name": "file", "size": 4, "type": "application/pdf", "filename": "a.pdf"}
    assert TOKEN not in answer.text
    assert running.control.get("/handset/wire", params={"after": 2}).json() == {"exchanges": [], "last": 2}


def test_settings_are_shown_without_secrets_and_wrong_ones_are_declined(running: Running) -> None:
    shown = running.control.get("/handset/settings")
    assert shown.json()["phone_number_id"] == NUMBER
    assert TOKEN not in shown.text
    for wrong in ({"colour": "red"}, {"late_refusals": "yes"}, {"status_delay": "long"}, {"data": "/"}):
        assert running.control.post("/handset/settings", json=wrong).status_code == 400


@pytest.mark.parametrize("path", ["text", "choice", "media", "location", "sample"])
def test_an_act_without_its_content_is_declined(running: Running, path: str) -> None:
    assert 400 <= running.control.post(f"/handset/contacts/{CUSTOMER}/{path}", json={}).status_code < 500


def test_a_contact_is_made_by_its_number_in_any_spelling(running: Running) -> None:
    made = running.control.post("/handset/contacts", json={"wa_id": "+49 (30) 23125-001", "name": "Jo"}).json()
    assert (made["wa_id"], made["name"], made["window_open"]) == ("493023125001", "Jo", False)
    assert running.control.post("/handset/contacts", json={"wa_id": "jo"}).status_code == 400


def test_other_sites_are_kept_out(running: Running) -> None:
    for header in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        assert httpx.get(running.url + "/handset/settings", headers=header).status_code == 403


def test_a_document_is_never_shown_in_place(running: Running) -> None:
    files = {"file": ("page.html", b"<script>alert(1)</script>", "text/html")}
    sent = running.control.post(f"/handset/contacts/{CUSTOMER}/media", files=files).json()
    answer = running.control.get(f"/handset/media/{sent['messages'][0]['media']}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"


def test_the_handset_knows_nothing_of_our_own_code() -> None:
    for path in (ROOT / "local/whatsapp_simulator").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.split(".")[0] in ("chatflow", "functions") for name in names), path


def test_the_process_says_where_it_listens_and_ends_when_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local.whatsapp_simulator", "--app-secret", "s", "--verify-token", "v"]
    command += ["--access-token", "t", "--phone-number-id", "1", "--data", str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    told = json.loads(process.stdout.readline())
    assert httpx.get(told["url"]).status_code == 200
    assert httpx.get(f"{told['graph_url']}/1", headers={"Authorization": "Bearer t"}).json()["id"] == "1"
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) in (0, -signal.SIGTERM)
