"""A call is really made, told exactly, and told as a node would see it; its secrets are told to nobody."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.fakes.http_server import Request, Wire, says, serving
from tests.unit.functions.integration_trial.conftest import LEAFLET, PDF, SECRET, Trials

ROOT = Path(__file__).parents[4]
Making = Callable[[frozenset[str]], Trials]
MULTIPART = {
    "content_type": "multipart/form-data",
    "parts": [{"name": "plate", "value": "[[plate]]"}, {"name": "doc", "file": "[[file]]", "filename": "a.pdf"}],
    "body": None,
    "fields": {},
}


def test_what_was_sent_is_told_exactly_without_the_files_bytes(trials: Making) -> None:
    with serving(says(b'{"claim": 7}')) as server:
        told = trials(server.private)(
            server.url("/claims/[[plate]]?x=1"), {"plate": "B 1+2", "file": LEAFLET}, request=MULTIPART
        )
    assert told["error"] == ""
    (sent,) = server.requests
    assert PDF in sent.body
    assert SECRET.encode().decode("latin-1") in sent.headers["authorization"]
    request = told["request"]
    assert (request["method"], request["url"]) == ("POST", server.url("/claims/B%201%2B2?x=1"))
    assert request["parts"] == [
        {"name": "plate", "value": "B 1+2"},
        {"name": "doc", "filename": "a.pdf", "mime": "application/pdf", "size": len(PDF), "sha256": "0" * 64},
    ]
    assert request["headers"] == {**sent.headers, "authorization": "Bearer •••"}
    assert told["variables"] == {"claim": 7, "claims_upload_response": {"status": 200, "reason": ""}}
    assert (told["exit"], told["response"]["status"], told["response"]["body"]) == ("success", 200, '{"claim": 7}')
    assert [each["status"] for each in told["attempts"]] == [200]


def _echoing(write: Callable[[str], str]) -> Callable[[Request, Wire], None]:
    def answer(request: Request, wire: Wire) -> None:
        given = request.headers["authorization"].encode("latin-1").decode()
        body = json.dumps({"heard": write(given)}, ensure_ascii=False).encode()
        says(body, X_Heard=quote(write(given)))(request, wire)

    return answer


@pytest.mark.parametrize(
    "write",
    [
        str,
        quote,
        quote_plus,
        lambda text: quote(quote(text, safe=""), safe=""),
        lambda text: quote(text, safe="").lower(),
        json.dumps,
        lambda text: json.dumps(json.dumps(text)),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.urlsafe_b64encode(f"x{text}".encode()).decode(),
        lambda text: base64.b64encode(f"ab:{text}:c".encode()).decode().rstrip("="),
        lambda text: text.encode().hex(),
        lambda text: text.replace('"', "&quot;").replace("&3", "&amp;3").replace("ü", "&#252;"),
        lambda text: text.upper(),
        lambda text: f"{text}{text}",
        lambda text: quote(json.dumps(json.dumps(text))),
        lambda text: base64.b64encode(quote(text, safe="").encode()).decode(),
    ],
)
def test_a_secret_that_comes_back_is_masked_however_it_is_written(trials: Making, write: Callable[[str], str]) -> None:
    with serving(_echoing(write)) as server:
        told = trials(server.private)(server.url("/"), query={"k": "[[secret:token]]"}, save_as="answer")
    everything = json.dumps(told, ensure_ascii=False)
    assert (told["exit"], told["error"]) == ("success", "")
    assert "•••" in told["variables"]["answer"]["heard"]
    for form in (SECRET, SECRET.upper(), "ken+ü", "to/ken", quote(SECRET), quote_plus(SECRET), SECRET.encode().hex()):
        assert form not in everything
    for before in ("", "x", "xx"):
        written = base64.b64encode(f"{before}{SECRET}".encode()).decode()
        assert written[4:-4] not in everything


def test_an_address_inside_the_network_is_refused_like_any_call(trials: Making) -> None:
    for url in (
        "https://169.254.169.254/latest",
        "http://127.0.0.1:9001/2018-06-01",
        "https://[::1]/",
        "https://10.0.0.1/",
    ):
        told = trials(frozenset())(url)
        assert (told["exit"], told["reason"], told["response"]) == ("failure", "address", None)
        assert told["request"]["url"] == url
        assert told["error"]
        assert told["variables"] == {"claims_upload_response": {"status": 0, "reason": "address"}}


def test_what_cannot_become_a_request_is_told(trials: Making) -> None:
    told = trials(frozenset())("https://example.com/[[step]]", {"step": ".."})
    assert (told["exit"], told["reason"], told["request"]) == ("failure", "refused", None)
    told = trials(frozenset())("https://example.com/", headers={"X": "[[secret:none]]"})
    assert "no secret named none" in told["error"]


def test_files_of_conversations_are_not_reached(trials: Making) -> None:
    foreign = {**LEAFLET, "key": "media/c_ann/s_1/1-abc"}
    told = trials(frozenset())("https://example.com/", {"plate": "B", "file": foreign}, request=MULTIPART)
    assert (told["exit"], told["reason"], told["attempts"]) == ("failure", "refused", [])


def test_an_error_of_the_api_shows_its_body_and_each_attempt(trials: Making) -> None:
    with serving(says(b"<h1>Broken</h1>", "500 Broken", Content_Type="text/html")) as server:
        told = trials(server.private)(server.url(), retry={"attempts": 3})
    assert (told["exit"], told["reason"], told["response"]["body"]) == ("failure", "status", "<h1>Broken</h1>")
    assert [each["status"] for each in told["attempts"]] == [500, 500, 500]


def test_an_answer_that_is_no_json_is_told(trials: Making) -> None:
    with serving(says(b"<p>hello")) as server:
        told = trials(server.private)(server.url())
    assert (told["exit"], told["reason"], told["response"]["body"]) == ("failure", "not_json", "<p>hello")


def test_an_answer_that_is_too_large_is_told_with_its_beginning(trials: Making) -> None:
    with serving(says(b'"' + b"x" * 300_000 + b'"')) as server:
        told = trials(server.private)(server.url())
    assert (told["exit"], told["reason"]) == ("failure", "too_large")
    assert len(told["response"]["body"]) < 40_000


def test_a_value_of_the_validation_is_the_exit(trials: Making) -> None:
    response = {"element_validation": "$.state", "base_element": "$", "content_type": "application/json"}
    with serving(says(b'{"state": "approved"}')) as server:
        told = trials(server.private)(server.url(), response=response, exits=["approved"], save_as="claim")
    assert (told["exit"], told["variables"]["claim"]) == ("approved", {"state": "approved"})


def test_a_downloaded_file_is_told_by_its_facts_and_left_nowhere(trials: Making) -> None:
    made = trials(frozenset())
    response = {"content_type": "file", "element_validation": "HTTP_RESPONSE_CODE", "filename": "report.pdf"}
    real = (ROOT / "flows" / "assets" / "what-happens-next.pdf").read_bytes()
    with serving(says(real, Content_Type="application/pdf")) as server:
        made.private = server.private
        told = made(server.url(), method="GET", response=response, save_as="report")
    file = told["response"]["file"]
    assert (told["exit"], told["error"]) == ("success", "")
    assert (file["filename"], file["size"], file["mime"]) == ("report.pdf", len(real), "application/pdf")
    assert file["sha256"] == hashlib.sha256(real).hexdigest()
    assert told["variables"]["report"]["filename"] == "report.pdf"
    assert "key" not in told["variables"]["report"]
    assert told["response"]["body"] is None


def test_each_trial_is_a_call_of_its_own(trials: Making) -> None:
    with serving(says(b"{}")) as server:
        for _ in range(2):
            trials(server.private)(server.url())
    first, second = (request.headers["idempotency-key"] for request in server.requests)
    assert first != second


def test_nobody_listens(trials: Making) -> None:
    with serving(says()) as server:
        private, url = server.private, server.url()
    told = trials(private)(url)
    assert (told["exit"], told["reason"], told["response"]) == ("failure", "unavailable", None)
    assert told["attempts"][0]["error"]


def test_a_secret_is_sent_only_to_a_host_that_may_receive_it(trials: Making, tmp_path: Path) -> None:
    with serving(says(b"{}")) as server:
        host = server.url("").removeprefix("http://").rstrip("/")
        allowed = Trials(tmp_path, server.private, frozenset({host}))(server.url("/claims"))
        refused = Trials(tmp_path, server.private, frozenset({"api.example.com"}))(server.url("/claims"))
    assert (allowed["exit"], refused["exit"], refused["reason"]) == ("success", "failure", "refused")
    assert "may not be sent to" in refused["error"]
    assert (refused["request"], refused["attempts"]) == (None, [])
    assert len(server.requests) == 1


def test_a_path_that_cannot_be_evaluated_is_reported_with_the_response(trials: Making) -> None:
    with serving(says(b'[{"a": "x", "p": "x"}]')) as server:
        response = {"content_type": "application/json", "base_element": "$[?search(@.a, @.p)]", "filename": ""}
        told = trials(server.private)(server.url("/claims"), response=response)
    assert (told["exit"], told["reason"], told["response"]["status"]) == ("failure", "path", 200)
    assert told["error"] == "the pattern of search() must be written in the path"
