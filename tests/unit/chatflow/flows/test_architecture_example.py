"""The flow and the integration of ARCHITECTURE.md, letter by letter."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.flows.validation import check
from tests.fakes.flow_folders import FlowFolder, compiled

FLOW = """\
chatflow: 1
flow: damage-report
title: Report damage to a car
start: ask_plate
session: {timeout: 10m, on_timeout: still_there}
nodes:
  ask_plate: {type: input, prompt: "Your number plate?", pattern: "[A-Z0-9 -]{2,10}", save_as: plate,
              exits: {received: ask_photo, gave_up: sorry}}
  ask_photo:
    type: media
    direction: inbound
    prompt: Please send one photo of the damage.
    accept: [image]                  # image | document | audio | video
    save_as: photo
    attempts: 3
    exits: {received: upload_photo, gave_up: sorry}
  upload_photo:
    type: api_integration
    integration: claims-upload
    parameters: {file: "[[photo]]", plate: "[[plate]]"}
    save_as: claim
    exits: {success: leaflet, failure: sorry}
  leaflet:
    type: media
    direction: outbound
    source: {asset: what-happens-next.pdf}      # or {media: "[[report]]"} from a preceding API Integration
    exits: {sent: end, failed: sorry}           # end | a node | {flow: ...}: continues at once, without waiting
  sorry: {type: text, say: "That did not work. We will call you.", then: end}
  still_there: {type: text, say: "We closed this chat. Write again any time.", then: end}
"""
INTEGRATION = """\
integration: claims-upload
method: POST
url: "https://claims.example.com/claims/[[plate]]/files"
headers: {Authorization: "Bearer [[secret:claims-token]]"}
request:
  content_type: multipart/form-data             # or application/json, application/x-www-form-urlencoded
  parts: [{name: plate, value: "[[plate]]"}, {name: file, file: "[[file]]"}]
response:
  content_type: application/json                # or file: the body becomes a media reference
  base_element: "$.claim"                       # JSONPath (RFC 9535); what is inside becomes variables
  element_validation: HTTP_RESPONSE_CODE        # or a JSONPath; its value chooses the exit
timeout: 20s
retry: {attempts: 3}
"""
FILES = {
    "damage-report.yaml": FLOW,
    "integrations/claims-upload.yaml": INTEGRATION,
    "assets/what-happens-next.pdf": b"%PDF-1.4",
}


@pytest.fixture
def version(folder: FlowFolder) -> dict[str, Any]:
    return compiled(folder.project(FILES))["flows"]["damage-report"]


def test_it_has_no_problems(folder: FlowFolder) -> None:
    assert check(folder.project(FILES)) == []


def test_its_version_holds_what_a_turn_needs(version: dict[str, Any]) -> None:
    assert {key: version[key] for key in ("flow", "version", "title", "start", "session", "retention_days")} == {
        "flow": "damage-report",
        "version": 0,
        "title": "Report damage to a car",
        "start": "ask_plate",
        "session": {"timeout": 600, "on_timeout": "still_there"},
        "retention_days": 30,
    }
    assert set(version) == {
        "flow", "version", "title", "start", "session", "retention_days", "slices", "hash",
    }  # fmt: skip


def test_its_slices_end_where_it_waits(version: dict[str, Any]) -> None:
    assert {name: sorted(part["nodes"]) for name, part in version["slices"].items()} == {
        "ask_plate": ["ask_photo", "ask_plate", "sorry"],
        "ask_photo": ["ask_photo", "leaflet", "sorry", "upload_photo"],
        "still_there": ["still_there"],
    }


def test_its_inbound_media_node_is_published_with_everything_filled_in(version: dict[str, Any]) -> None:
    assert version["slices"]["ask_photo"]["nodes"]["ask_photo"] == {
        "type": "media",
        "seconds": 60,
        "waits": True,
        "config": {
            "direction": "inbound",
            "prompt": "Please send one photo of the damage.",
            "accept": ["image"],
            "save_as": "photo",
            "attempts": 3,
            "reprompt": "",
            "already_sent": "If you have sent it already, there is nothing more to do: I am looking at it.",
            "timeout": 0,
            "unsafe_exit": False,
        },
        "exits": {
            "received": "upload_photo",
            "gave_up": "sorry",
            "timeout": "end",
            "failed": "end",
            "unsafe": "sorry",  # where nothing is written of it, it leads where `gave_up` leads
        },
    }


def test_its_integration_is_baked_into_the_node_that_calls_it(version: dict[str, Any]) -> None:
    assert version["slices"]["ask_photo"]["nodes"]["upload_photo"]["config"] == {
        "integration": {
            "name": "claims-upload",
            "method": "POST",
            "url": "https://claims.example.com/claims/[[plate]]/files",
            "headers": {"Authorization": "Bearer [[secret:claims-token]]"},
            "query": {},
            "request": {
                "content_type": "multipart/form-data",
                "parts": [
                    {"name": "plate", "value": "[[plate]]"},
                    {"name": "file", "file": "[[file]]", "filename": ""},
                ],
                "body": None,
                "fields": {},
            },
            "response": {
                "content_type": "application/json",
                "base_element": "$.claim",
                "element_validation": "HTTP_RESPONSE_CODE",
                "success": [],
                "filename": "",
            },
            "timeout": 20.0,
            "retry": {"attempts": 3},
        },
        "parameters": {"file": "[[photo]]", "plate": "[[plate]]"},
        "save_as": "claim",
        "values": [],
        "hold": {"seconds": 0, "say": ""},
    }
