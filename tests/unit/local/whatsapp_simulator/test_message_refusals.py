"""Message bodies that Meta refuses, as a table: the limits of OpenAPI v23.0 and the error page's codes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.local.whatsapp_simulator.conftest import CUSTOMER, NUMBER, RunningSimulator


def buttons(*replies: dict[str, str], **more: Any) -> dict[str, Any]:
    action = {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}
    return {"type": "button", "body": {"text": "Yes?"}, "action": action, **more}


def rows(*entries: dict[str, str], button: str = "Choose", sections: int = 1) -> dict[str, Any]:
    parts = [{"rows": list(entries), **({"title": f"S{number}"} if sections > 1 else {})} for number in range(sections)]
    return {"type": "list", "body": {"text": "Which?"}, "action": {"button": button, "sections": parts}}


YES, NO = {"id": "y", "title": "Yes"}, {"id": "n", "title": "No"}
REFUSED: dict[str, tuple[str, Any, int]] = {
    "a text longer than 4096 characters": ("text", {"body": "x" * 4097}, 100),
    "a text without words": ("text", {"body": ""}, 100),
    "a misspelled key": ("text", {"body": "x", "preview": True}, 100),
    "a text that is no object": ("text", "hello", 100),
    "media by id and by link": ("image", {"id": "1", "link": "https://example.com/a.jpg"}, 100),
    "media by neither": ("image", {"caption": "x"}, 100),
    "a link that is no address": ("image", {"link": "ftp://example.com/a.jpg"}, 100),
    "a caption on audio": ("audio", {"id": "1", "caption": "x"}, 100),
    "a caption on a sticker": ("sticker", {"id": "1", "caption": "x"}, 100),
    "a filename on an image": ("image", {"id": "1", "filename": "a.jpg"}, 100),
    "a filename on a video": ("video", {"id": "1", "filename": "a.mp4"}, 100),
    "a filename on audio": ("audio", {"id": "1", "filename": "a.ogg"}, 100),
    "a caption longer than 1024 characters": ("document", {"link": "https://e.com/a", "caption": "x" * 1025}, 100),
    "media that nobody uploaded": ("image", {"id": "123456789"}, 100),
    "four buttons": ("interactive", buttons(YES, NO, {"id": "3", "title": "3"}, {"id": "4", "title": "4"}), 131009),
    "no button": ("interactive", buttons(), 131009),
    "a button title of 21 characters": ("interactive", buttons({"id": "y", "title": "x" * 21}), 131009),
    "a button without a title": ("interactive", buttons({"id": "y", "title": ""}), 131009),
    "a button id of 257 characters": ("interactive", buttons({"id": "y" * 257, "title": "Yes"}), 131009),
    "two buttons with one id": ("interactive", buttons(YES, {"id": "y", "title": "No"}), 131009),
    "two buttons with one title": ("interactive", buttons(YES, {"id": "n", "title": "Yes"}), 131009),
    "a body longer than 1024 characters": ("interactive", buttons(YES, body={"text": "x" * 1025}), 100),
    "an interactive message without a body": ("interactive", buttons(YES, body={}), 100),
    "a header longer than 60": ("interactive", buttons(YES, header={"type": "text", "text": "x" * 61}), 100),
    "a footer longer than 60": ("interactive", buttons(YES, footer={"text": "x" * 61}), 100),
    "an unknown interactive type": ("interactive", {"type": "carousel", "body": {"text": "x"}, "action": {}}, 131009),
    "eleven rows": ("interactive", rows(*({"id": str(n), "title": "x"} for n in range(11))), 131009),
    "no row": ("interactive", rows(), 131009),
    "a row title of 25 characters": ("interactive", rows({"id": "1", "title": "x" * 25}), 131009),
    "a row id of 201 characters": ("interactive", rows({"id": "1" * 201, "title": "x"}), 131009),
    "a description of 73": ("interactive", rows({"id": "1", "title": "x", "description": "x" * 73}), 131009),
    "two rows with one id": ("interactive", rows(YES, YES), 131009),
    "one id in two sections": ("interactive", rows(YES, sections=2), 131009),
    "a list button of 21 characters": ("interactive", rows(YES, button="x" * 21), 131009),
    "a reaction to nothing": ("reaction", {"emoji": "x"}, 100),
    "a reaction to a stranger's message": ("reaction", {"message_id": "wamid.x", "emoji": "x"}, 131009),
    "a location without a longitude": ("location", {"latitude": 1.0}, 100),
    "a type that does not exist": ("hologram", {"body": "x"}, 131051),
}

ACCEPTED: dict[str, tuple[str, Any]] = {
    "a text of 4096 characters": ("text", {"body": "x" * 4096, "preview_url": False}),
    "three buttons at every limit": (
        "interactive",
        buttons(*({"id": f"{n}" * 256, "title": f"{n}" * 20} for n in range(3)), body={"text": "x" * 1024}),
    ),
    "ten rows at every limit": (
        "interactive",
        rows(*({"id": f"{n}" * 200, "title": "x" * 24, "description": "x" * 72} for n in range(10)), button="x" * 20),
    ),
    "an image by link with a caption of 1024": ("image", {"link": "https://example.com/a.jpg", "caption": "x" * 1024}),
    "a document with a filename": ("document", {"link": "https://example.com/a.pdf", "filename": "a.pdf"}),
    "a location": ("location", {"latitude": 1.5, "longitude": 2.5, "name": "x", "address": None}),
}


@pytest.fixture
def open_window(simulator: RunningSimulator) -> RunningSimulator:
    simulator.control.post("/handset/window", json={"contact": CUSTOMER, "open": True})
    return simulator


@pytest.mark.parametrize("name", REFUSED)
def test_meta_refuses(open_window: RunningSimulator, name: str) -> None:
    kind, content, code = REFUSED[name]
    answer = open_window.send(kind, content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code), answer.text
    assert {"message", "type", "code", "fbtrace_id"} <= answer.json()["error"].keys()
    assert open_window.messages() == []


@pytest.mark.parametrize("name", ACCEPTED)
def test_meta_accepts(open_window: RunningSimulator, name: str) -> None:
    kind, content = ACCEPTED[name]
    answer = open_window.send(kind, content)
    assert answer.status_code == 200, answer.text
    assert answer.json()["messages"][0]["id"].startswith("wamid.")


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        ({"to": CUSTOMER, "type": "text", "text": {"body": "x"}}, 100),
        ({"messaging_product": "whatsapp", "type": "text", "text": {"body": "x"}}, 100),
        ({"messaging_product": "whatsapp", "to": "not a number", "type": "text", "text": {"body": "x"}}, 131009),
        ({"messaging_product": "whatsapp", "to": CUSTOMER, "type": "text"}, 100),
        ({"messaging_product": "whatsapp", "to": CUSTOMER, "type": "text", "text": {"body": "x"}, "tex": 1}, 100),
        ({"messaging_product": "whatsapp", "status": "read"}, 100),
        ({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.unknown"}, 131009),
        ([], 100),
    ],
)
def test_an_incomplete_envelope_is_refused(open_window: RunningSimulator, envelope: Any, code: int) -> None:
    answer = open_window.graph.post(f"/{NUMBER}/messages", json=envelope)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code), answer.text


def test_a_body_that_is_not_json_is_refused(open_window: RunningSimulator) -> None:
    answer = open_window.graph.post(f"/{NUMBER}/messages", content=b"{")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)
