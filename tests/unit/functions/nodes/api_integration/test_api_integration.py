"""The API Integration node."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chatflow.errors import AddressRefused, InDoubt, MediaRejected, Refused, TooLarge, TooSlow, Unavailable
from chatflow.integrations.holding import held_again
from chatflow.integrations.secret_hosts import serialize_secret
from chatflow.media.reference import MediaReference
from chatflow.nodes.contract import VARIABLES_LIMIT, Outcome, within_limit
from chatflow.nodes.ports import Answer
from nodes.api_integration.rule import visit
from tests.fakes.visit import NOW, FakePorts, a_visit

PHOTO = MediaReference("media/c_ann/s_1/3-ab", "ab" * 32, 7, "image/jpeg", "image", "dent.jpg")
REPORT = MediaReference("media/c_ann/s_1/4-cd", "cd" * 32, 9, "application/pdf", "document", "report.pdf")
UPLOAD = {
    "name": "claims-upload",
    "method": "POST",
    "url": "https://claims.example.com/claims/[[plate]]/files",
    "headers": {"Authorization": "Bearer [[secret:claims-token]]"},
    "query": {},
    "request": {
        "content_type": "multipart/form-data",
        "parts": [{"name": "plate", "value": "[[plate]]"}, {"name": "file", "file": "[[file]]"}],
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
}
DOWNLOAD = {
    **UPLOAD,
    "method": "GET",
    "request": {"content_type": "", "parts": [], "body": None, "fields": {}},
    "response": {**UPLOAD["response"], "content_type": "file"},
}


def _visited(
    ports: FakePorts, integration: dict[str, Any] = UPLOAD, wait_state: dict[str, Any] | None = None, **config: Any
) -> Outcome:
    given = {
        "integration": integration,
        "parameters": {"file": "[[photo]]", "plate": "[[plate]]"},
        "save_as": "claim",
        "values": [],
        **config,
    }
    variables = {"photo": PHOTO.to_json(), "plate": "CA 1"}
    ports.secrets.setdefault("claims-token", "t0p-s3cret")
    return visit(a_visit(given, node="upload", variables=variables, wait_state=wait_state or {}), ports)


def _answer(status: int, body: Any) -> FakePorts:
    return FakePorts(called=Answer(status, {}, json.dumps(body).encode(), attempts=2, milliseconds=40))


def test_a_file_is_uploaded_and_the_answer_becomes_a_variable() -> None:
    ports = _answer(201, {"claim": {"id": "C-7"}})
    outcome = _visited(ports)
    assert outcome.exit == "success"
    assert outcome.set == {"claim": {"id": "C-7"}, "claim_response": {"status": 201, "reason": ""}}
    (call,) = ports.calls
    assert call.url == "https://claims.example.com/claims/CA%201/files"
    assert [(part.name, part.file) for part in call.parts] == [("plate", None), ("file", PHOTO)]


def test_without_a_name_each_element_becomes_a_variable() -> None:
    ports = _answer(200, {"claim": {"id": "C-7", "claimStatus": "open", "not a name": 1, "1st": 2, "": 3}})
    assert _visited(ports, save_as="").set == {
        "id": "C-7",
        "claimStatus": "open",
        "upload_response": {"status": 200, "reason": ""},
    }


@pytest.mark.parametrize("value", ["text", 3, ["a"], None])
def test_without_a_name_what_has_no_elements_is_not_kept(value: Any) -> None:
    assert set(_visited(_answer(200, {"claim": value}), save_as="").set) == {"upload_response"}


def test_an_answer_without_the_element_empties_its_variable() -> None:
    outcome = _visited(_answer(200, {"other": 1}))
    assert (outcome.exit, outcome.set["claim"]) == ("success", None)


def test_an_api_that_fails_is_an_outcome() -> None:
    outcome = _visited(_answer(500, {"claim": {"error": "closed"}}))
    assert outcome.exit == "failure"
    assert outcome.set == {"claim": {"error": "closed"}, "claim_response": {"status": 500, "reason": "status"}}
    assert outcome.effects[0]["reason"] == "status"


SAYS_FAILURE = {**UPLOAD, "response": {**UPLOAD["response"], "element_validation": "$.claim.status"}}
FAILED = {
    "status": (UPLOAD, _answer(500, {})),
    "not_json": (UPLOAD, FakePorts(called=Answer(200, {}, b"<html>"))),
    "answer": (SAYS_FAILURE, _answer(200, {"claim": {"status": "failure"}})),
    "too_large": (UPLOAD, _answer(200, {"claim": "x" * VARIABLES_LIMIT})),
    "unavailable": (UPLOAD, FakePorts(called=Unavailable("no answer"))),
    "in_doubt": (UPLOAD, FakePorts(called=InDoubt("no answer"))),
    "too_slow": (UPLOAD, FakePorts(called=TooSlow("slow"))),
    "address": (UPLOAD, FakePorts(called=AddressRefused("internal"))),
    "refused": (UPLOAD, FakePorts(called=Refused("no"))),
}


@pytest.mark.parametrize("reason", FAILED)
def test_every_failure_has_a_reason_in_its_first_effect(reason: str) -> None:
    """The metric filter of the alarm on files reads it there."""
    integration, ports = FAILED[reason]
    outcome = within_limit(_visited(ports, integration), {}, "failure")
    assert outcome.exit == "failure"
    assert outcome.effects[0]["reason"] == reason


def test_an_exact_value_chooses_its_own_exit() -> None:
    response = {**UPLOAD["response"], "element_validation": "$.claim.status"}
    ports = _answer(200, {"claim": {"status": "duplicate"}})
    assert _visited(ports, {**UPLOAD, "response": response}, values=["duplicate"]).exit == "duplicate"


def test_an_answer_that_is_no_json_is_a_failure() -> None:
    outcome = _visited(FakePorts(called=Answer(200, {}, b"<html>")))
    assert outcome.exit == "failure"
    assert outcome.set["claim_response"] == {"status": 200, "reason": "not_json"}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (AddressRefused("inside the network"), "address"),
        (Refused("no"), "refused"),
        (Unavailable("no connection"), "unavailable"),
        (InDoubt("no answer"), "in_doubt"),
        (TooSlow("no answer in time"), "too_slow"),
        (TooLarge("300000 bytes"), "too_large"),
        (MediaRejected("unknown_format", ""), "unknown_format"),
        (MediaRejected("too_large", ""), "too_large"),
    ],
)
def test_a_call_that_could_not_be_made_is_a_failure_with_a_reason(error: Exception, reason: str) -> None:
    outcome = _visited(FakePorts(called=error))
    assert outcome.exit == "failure"
    doubt = {"in_doubt": True} if isinstance(error, InDoubt) else {}
    assert outcome.set == {"claim_response": {"status": 0, "reason": reason, **doubt}}
    assert outcome.effects[0]["reason"] == reason


def test_an_error_that_is_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        _visited(FakePorts(called=ZeroDivisionError()))


def test_a_value_that_cannot_stand_in_a_url_stops_the_call() -> None:
    ports = FakePorts()
    outcome = _visited(ports, parameters={"file": "[[photo]]", "plate": ".."})
    assert (outcome.exit, outcome.set["claim_response"]["reason"], ports.calls) == ("failure", "refused", [])


def test_a_missing_secret_stops_the_call_and_says_which() -> None:
    integration = {**UPLOAD, "headers": {"Authorization": "[[secret:gone]]"}}
    ports = FakePorts()
    outcome = _visited(ports, integration)
    assert (outcome.exit, outcome.effects[0]["error"], ports.calls) == ("failure", "gone", [])


@pytest.mark.parametrize("key", ["media/c_bob/s_9/3-ab", "media/c_annabel/s_1/3-ab", "flows/live.json", ""])
def test_only_this_conversations_files_are_sent(key: str) -> None:
    ports = FakePorts()
    strange = {**PHOTO.to_json(), "key": key}
    outcome = _visited(ports, parameters={"file": strange, "plate": "CA1"})
    assert (outcome.exit, outcome.set["claim_response"]["reason"], ports.calls) == ("failure", "refused", [])


def test_an_asset_may_be_uploaded() -> None:
    asset = {**REPORT.to_json(), "key": "asset/" + "cd" * 32}
    assert _visited(_answer(200, {}), parameters={"file": asset, "plate": "CA1"}).exit == "success"


def test_a_downloaded_file_becomes_a_variable() -> None:
    outcome = _visited(FakePorts(called=Answer(200, {}, file=REPORT)), DOWNLOAD, save_as="report")
    assert outcome.exit == "success"
    assert outcome.set == {"report": REPORT.to_json(), "report_response": {"status": 200, "reason": ""}}
    assert outcome.effects[0]["kept"] == {"bytes": 9, "sha256": "cd" * 32, "mime": "application/pdf"}


def test_the_transcript_holds_no_secret_no_body_and_no_contact() -> None:
    integration = {
        **UPLOAD,
        "url": UPLOAD["url"] + "?to=[[contact:address]]&name=[[contact:name]]&key=[[secret:claims-token]]",
    }
    told = json.dumps(_visited(_answer(200, {"claim": {"private": "words"}}), integration).effects)
    for hidden in ("t0p-s3cret", "words", "16505551234", "Ann"):
        assert hidden not in told


def test_a_secret_goes_only_to_a_host_that_may_receive_it() -> None:
    ports = _answer(200, {})
    ports.secrets = {"claims-token": serialize_secret("t0p-s3cret", ["claims.example.com"])}
    assert _visited(ports).exit == "success"
    elsewhere = {**UPLOAD, "url": "https://evil.example/claims"}
    outcome = _visited(ports, elsewhere)
    assert (outcome.exit, outcome.set["claim_response"]) == ("failure", {"status": 0, "reason": "refused"})
    assert len(ports.calls) == 1
    assert 'the secret "claims-token" may not be sent to evil.example' in outcome.effects[0]["error"]
    assert "t0p" not in repr(outcome)


def test_a_path_that_is_not_done_by_the_deadline_is_a_failure_with_its_reason() -> None:
    ports = _answer(200, [[[[1] * 9] * 9] * 9] * 9)
    ports.clock = lambda: NOW + 60_000
    slow = {**UPLOAD, "response": {**UPLOAD["response"], "base_element": "$..*..*..*"}}
    outcome = _visited(ports, slow)
    assert (outcome.exit, outcome.set["claim_response"]) == ("failure", {"status": 200, "reason": "path"})
    assert outcome.effects[0]["error"] == "the time for the JSONPath was over"


@pytest.mark.parametrize(
    ("status", "success", "health"), [(503, [], "failure"), (404, [], "answered"), (404, [404], "success")]
)
def test_an_exit_for_a_status_makes_no_success_of_it_for_the_host(status: int, success: list[int], health: str) -> None:
    ports = _answer(status, {})
    integration = {**UPLOAD, "response": {**UPLOAD["response"], "success": success}}
    assert _visited(ports, integration, values=[str(status)]).exit == str(status)
    (call,) = ports.calls
    assert call.health(Answer(status, {}, b"{}")) == health


@pytest.mark.parametrize(
    ("reason", "now", "doubt"),
    [
        ("too_slow", Unavailable("refused"), True),
        ("in_doubt", Answer(404, {}, b"{}"), True),
        ("too_slow", Answer(503, {}, b"{}"), True),
        ("status", TooSlow("no answer in time"), True),
        ("too_slow", Answer(200, {}, b"{}"), False),
        ("status", Unavailable("refused"), False),
    ],
)
def test_a_doubt_of_a_held_call_is_told_however_the_hold_ends(
    reason: str, now: Answer | Exception, doubt: bool
) -> None:
    """The first try fails for this reason; the last one, when the time is over, ends so."""
    first = held_again(None, key="k", reason=reason, seconds=600, now=NOW // 1000)
    assert first
    state = replace(first, until=NOW // 1000).to_json()
    outcome = _visited(FakePorts(called=now), wait_state=state, hold={"seconds": 600, "say": ""})
    assert outcome.wait is None
    assert outcome.set["claim_response"].get("in_doubt", False) is doubt


def test_a_held_call_that_an_operator_gives_up_tells_its_doubt() -> None:
    first = held_again(None, key="k", reason="too_slow", seconds=600, now=NOW // 1000)
    assert first
    outcome = _visited(FakePorts(), wait_state=replace(first, given_up=True).to_json())
    assert outcome.set["claim_response"] == {"status": 0, "reason": "outage", "in_doubt": True}
