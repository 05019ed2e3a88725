"""The console's server on this machine: files, pages, headers, configuration, and the API behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from local.console_server.app import create_app
from local.description import Description
from local.loopback import listen, url_of
from tests.fakes.http_server import says, serving


@pytest.fixture
def build(tmp_path: Path) -> Path:
    folder = tmp_path / "build"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Chatflow</title>")
    (folder / "assets" / "index-1.js").write_text("export {};" * 200)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a stack that is not up yet."""
    return tmp_path / "stack"


@pytest.fixture
def console(folder: Path, build: Path) -> Iterator[httpx.Client]:
    folder.mkdir()
    listener = listen()
    server = uvicorn.Server(uvicorn.Config(create_app(folder, build), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    with httpx.Client(base_url=url_of(listener), timeout=20, trust_env=False) as client:
        yield client
    server.should_exit = True
    thread.join()


def describe(folder: Path, api_url: str = "") -> None:
    stack = Description("Chatflow-local", "f", "http://127.0.0.1:4566", "", "", api_url=api_url)
    stack.outputs = {
        "ManagementUrl": "https://abc.execute-api.us-east-1.amazonaws.com/api/v1",
        "UserPoolId": "us-east-1_Pool",
        "ConsoleClientId": "the-client",
    }
    stack.save(folder)


@pytest.mark.parametrize("path", ["/", "/flows", "/flows/one-photo", "/sessions/whatsapp:1/2"])
def test_every_page_is_the_same_document_and_is_never_taken_from_a_cache_unasked(
    console: httpx.Client, path: str
) -> None:
    answer = console.get(path)
    assert answer.text == "<title>Chatflow</title>"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_a_built_file_is_kept_for_good_and_compressed(console: httpx.Client) -> None:
    answer = console.get("/assets/index-1.js")
    assert answer.headers["cache-control"].endswith("immutable")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("path", ["/assets/index-0.js", "/..%2f..%2fstack.json", "/%2e%2e/stack/stack.json"])
def test_a_file_that_is_not_in_the_build_is_not_found(console: httpx.Client, folder: Path, path: str) -> None:
    describe(folder)
    assert console.get(path).status_code == 404


def test_a_file_that_did_not_change_is_not_sent_again(console: httpx.Client) -> None:
    etag = console.get("/").headers["etag"]
    assert console.get("/", headers={"If-None-Match": etag}).status_code == 304


def test_without_a_build_the_console_says_what_to_do(console: httpx.Client, build: Path) -> None:
    (build / "index.html").unlink()
    assert "make ready" in console.get("/flows").text


@pytest.mark.parametrize("path", ["/", "/assets/none.js", "/config.json", "/api/v1/me"])
def test_every_answer_has_the_policy_that_allows_the_emulator_alone(
    console: httpx.Client, folder: Path, path: str
) -> None:
    describe(folder)
    answer = console.get(path)
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "connect-src 'self' http://127.0.0.1:4566;" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_configuration_leads_to_the_emulators_sign_in(console: httpx.Client, folder: Path) -> None:
    describe(folder)
    answer = console.get("/config.json")
    assert answer.headers["cache-control"] == "no-cache"
    found = answer.json()
    assert (found["stage"], found["api"]) == ("local", "/api/v1")
    assert found["sign_in"]["client_id"] == "the-client"
    assert found["sign_in"]["token_endpoint"] == "http://127.0.0.1:4566/oauth2/token"
    assert found["sign_in"]["issuer"].endswith("/us-east-1_Pool")


def test_before_the_stack_is_up_the_server_says_so(console: httpx.Client) -> None:
    assert console.get("/config.json").status_code == 503
    assert console.get("/api/v1/me").status_code == 503


def test_a_request_reaches_the_api_as_it_was_sent_and_so_does_its_answer(console: httpx.Client, folder: Path) -> None:
    says_no = says(b'{"title": "No"}', "412 Precondition Failed", ETag='"7"', Content_Security_Policy="none")
    with serving(says_no) as api:
        describe(folder, api.url("/stage"))
        given = {"Authorization": "Bearer t", "If-Match": '"6"'}
        response = console.put("/api/v1/flows/a%2Fb?force=a%20b&x=1", content=b"chatflow: 1", headers=given)

    [request] = api.requests
    assert (request.method, request.path) == ("PUT", "/stage/api/v1/flows/a%2Fb?force=a%20b&x=1")
    assert request.body == b"chatflow: 1"
    received = {name.lower(): value for name, value in request.headers.items()}
    assert (received["authorization"], received["if-match"]) == ("Bearer t", '"6"')
    assert received["host"] == f"127.0.0.1:{api.port}"
    assert (response.status_code, response.json(), response.headers["etag"]) == (412, {"title": "No"}, '"7"')
    assert response.headers["content-security-policy"].startswith("default-src 'none'")


def test_an_api_that_is_away_is_named(console: httpx.Client, folder: Path) -> None:
    with listen() as closed:
        url = url_of(closed)
    describe(folder, url)
    answer = console.get("/api/v1/me")
    assert answer.status_code == 502
    assert "cannot be reached" in answer.text


@pytest.mark.parametrize("given", [{"Host": "console.example.com"}, {"Origin": "https://example.com"}])
def test_other_sites_are_refused(console: httpx.Client, given: dict[str, str]) -> None:
    assert console.get("/flows", headers=given).status_code == 403
