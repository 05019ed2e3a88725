"""Trying an integration: what is asked of the function that makes the call, and what is refused before it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from management.dependencies import Dependencies
from tests.fakes.publishing_tables import Published
from tests.management.conftest import Answer, Caller
from tests.management.test_flows import publish
from tests.management.test_integrations import TELL

TOLD: dict[str, Any] = {
    "request": {
        "method": "POST",
        "url": "https://x",
        "headers": {},
        "body": None,
        "parts": [{"name": "a", "value": "b"}],
    },
    "response": {"status": 200, "headers": {"server": "x"}, "body": "{}", "file": None},
    "attempts": [{"status": 200, "error": "", "seconds": 0.1}],
    "seconds": 0.1,
    "exit": "success",
    "reason": "",
    "error": "",
    "variables": {"tell_response": {"status": 200, "reason": ""}},
}


@pytest.fixture
def dependencies(dependencies: Dependencies, live: Published) -> Dependencies:
    return live.dependencies(dependencies)


@pytest.fixture(autouse=True)
def answers(live: Published) -> None:
    live.trial.update(TOLD)


def tried(caller: Caller, name: str, **sample: Any) -> Answer:
    return caller("POST", f"/integrations/{name}/try", sample)


def test_the_published_definition_is_tried_with_the_sample(editor: Caller, live: Published) -> None:
    sample = {"plate": "B 1", "file": "no"}
    answer = tried(editor, "upload", parameters={"plate": "B 1"}, file={"file": "leaflet.pdf"}, save_as="claim")
    assert answer.status == 200, sample
    assert (answer.body["exit"], answer.body["request"]["parts"][0]["value"]) == ("success", "b")
    (asked,) = live.trials
    assert asked["integration"]["url"] == "https://claims.example.com/claims/[[plate]]/files"
    assert asked["parameters"]["plate"] == "B 1"
    assert asked["parameters"]["file"]["filename"] == "leaflet.pdf"
    assert asked["parameters"]["file"]["key"].startswith("asset/")
    assert asked["save_as"] == "claim"


def test_a_definition_that_is_not_saved_is_tried_and_stays_unsaved(editor: Caller, live: Published) -> None:
    assert tried(editor, "tell", document=yaml.safe_load(TELL), parameters={"note": "hi"}).status == 200
    assert live.trials[0]["integration"]["url"] == "https://claims.example.com/v2/notes"
    assert editor("GET", "/integrations/tell").headers["ETag"] == '"r1"'


def test_the_exits_are_those_that_live_flows_wait_for(editor: Caller, live: Published) -> None:
    deciding = (
        "chatflow: 1\nflow: deciding\nstart: ask\nnodes:\n"
        "  ask: {type: api_integration, integration: decide, exits: {approved: end, success: end, failure: end}}\n"
    )
    assert publish(editor, deciding, "deciding").status == 201
    tried(editor, "decide")
    tried(editor, "decide", exits=["refused"])
    assert [asked["exits"] for asked in live.trials] == [["approved"], ["refused"]]


def test_all_that_is_missing_or_too_much_is_named(editor: Caller, live: Published) -> None:
    answer = tried(editor, "upload", parameters={"file": "x", "colour": "red"}, file={"plate": "leaflet.pdf"})
    assert (answer.status, answer.slug) == (422, "invalid-request")
    assert [error["field"] for error in answer.body["errors"]] == [
        "body.file.file",
        "body.parameters.plate",
        "body.parameters.colour",
        "body.parameters.file",
        "body.file.plate",
    ]
    gone = tried(editor, "upload", parameters={"plate": "B"}, file={"file": "gone.pdf"})
    assert gone.body["errors"] == [{"field": "body.file.file", "message": 'there is no asset "gone.pdf"'}]
    assert live.trials == []


def test_what_is_no_integration_is_not_tried(editor: Caller, live: Published) -> None:
    assert tried(editor, "none").status == 404
    answer = tried(editor, "tell", document={"integration": "tell", "method": "POST"}, parameters={"note": "x"})
    assert (answer.status, answer.slug) == (422, "invalid-flow")
    assert tried(editor, "tell", parameters=[]).slug == "invalid-request"
    assert live.trials == []


def test_a_viewer_tries_nothing(viewer: Caller, live: Published) -> None:
    assert tried(viewer, "tell", parameters={"note": "x"}).slug == "forbidden"
