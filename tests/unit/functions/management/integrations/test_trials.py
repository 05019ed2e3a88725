"""Trials of integrations: the request to the function that makes the call, and what is refused before."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from management.dependencies import Dependencies
from tests.fakes.api_client import ApiClient, ApiResponse
from tests.fakes.publishing_tables import Published
from tests.unit.functions.management.flows.flow_requests import publish
from tests.unit.functions.management.integrations.test_integrations import TELL

RESULT: dict[str, Any] = {
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
    live.trial.update(RESULT)


def try_integration(caller: ApiClient, name: str, **sample: Any) -> ApiResponse:
    return caller("POST", f"/integrations/{name}/try", sample)


def test_the_published_definition_is_tried_with_the_sample(editor: ApiClient, live: Published) -> None:
    sample = {"plate": "B 1", "file": "no"}
    response = try_integration(
        editor, "upload", parameters={"plate": "B 1"}, file={"file": "leaflet.pdf"}, save_as="claim"
    )
    assert response.status == 200, sample
    assert (response.body["exit"], response.body["request"]["parts"][0]["value"]) == ("success", "b")
    (request,) = live.trials
    assert request["integration"]["url"] == "https://claims.example.com/claims/[[plate]]/files"
    assert request["parameters"]["plate"] == "B 1"
    assert request["parameters"]["file"]["filename"] == "leaflet.pdf"
    assert request["parameters"]["file"]["key"].startswith("asset/")
    assert request["save_as"] == "claim"


def test_an_unpublished_definition_is_tried_and_not_published(editor: ApiClient, live: Published) -> None:
    assert try_integration(editor, "tell", document=yaml.safe_load(TELL), parameters={"note": "hi"}).status == 200
    assert live.trials[0]["integration"]["url"] == "https://claims.example.com/v2/notes"
    assert editor("GET", "/integrations/tell").headers["ETag"] == '"r1"'


def test_the_exits_are_those_that_live_flows_wait_for(editor: ApiClient, live: Published) -> None:
    deciding = (
        "chatflow: 1\nflow: deciding\nstart: ask\nnodes:\n"
        "  ask: {type: api_integration, integration: decide, exits: {approved: end, success: end, failure: end}}\n"
    )
    assert publish(editor, deciding, "deciding").status == 201
    try_integration(editor, "decide")
    try_integration(editor, "decide", exits=["refused"])
    assert [request["exits"] for request in live.trials] == [["approved"], ["refused"]]


def test_every_missing_or_superfluous_value_is_named(editor: ApiClient, live: Published) -> None:
    response = try_integration(
        editor, "upload", parameters={"file": "x", "colour": "red"}, file={"plate": "leaflet.pdf"}
    )
    assert (response.status, response.slug) == (422, "invalid-request")
    assert [error["field"] for error in response.body["errors"]] == [
        "body.file.file",
        "body.parameters.plate",
        "body.parameters.colour",
        "body.parameters.file",
        "body.file.plate",
    ]
    gone = try_integration(editor, "upload", parameters={"plate": "B"}, file={"file": "gone.pdf"})
    assert gone.body["errors"] == [{"field": "body.file.file", "message": 'there is no asset "gone.pdf"'}]
    assert live.trials == []


def test_an_unknown_or_invalid_integration_is_not_tried(editor: ApiClient, live: Published) -> None:
    assert try_integration(editor, "none").status == 404
    response = try_integration(
        editor, "tell", document={"integration": "tell", "method": "POST"}, parameters={"note": "x"}
    )
    assert (response.status, response.slug) == (422, "invalid-flow")
    assert try_integration(editor, "tell", parameters=[]).slug == "invalid-request"
    assert live.trials == []


def test_a_viewer_tries_nothing(viewer: ApiClient, live: Published) -> None:
    assert try_integration(viewer, "tell", parameters={"note": "x"}).slug == "forbidden"
