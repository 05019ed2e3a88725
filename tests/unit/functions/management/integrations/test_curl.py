"""A curl command becomes the definition that makes the same request, without its credentials."""

from __future__ import annotations

import base64
import json
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.flows.deployment_values import Deployment
from chatflow.flows.integrations import Integration, findings
from chatflow.integrations.request_building import build_call
from chatflow.templating import Scope
from management.integrations.curl.definition import Definition, from_curl
from management.integrations.curl.shell_words import UnreadableCommand, shell_words
from tests.fakes.api_client import ApiClient, InMemoryAudit

HOST = "https://api.example.com"
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="[]\x00"), max_size=20)
NAMES = st.text("abcdefghilmno", min_size=1, max_size=8).map(lambda name: f"f{name}")


def made(*words: str) -> Definition:
    """The definition of a command with these words, quoted for a shell."""
    return from_curl(shlex.join(["curl", *words]))


def sound(definition: Definition) -> dict[str, Any]:
    """The document, which can be published as it is."""
    integration = Integration.model_validate(definition.document)
    assert [*findings(integration, Deployment())] == []
    return definition.document


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=12)))
@settings(deadline=None)
def test_words_are_read_as_they_were_quoted(words: list[str]) -> None:
    assert shell_words(shlex.join(["curl", *words])).words == ["curl", *words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("curl \\\n  -X \\\r\n POST", ["curl", "-X", "POST"]),
        ("curl $'a\\n\\x41\\u00e9\\'\\\\' ''", ["curl", "a\nA\u00e9'\\", ""]),
        ('curl "a\\"b\\\\c\\d"\'e\'f\\ g', ["curl", 'a"b\\c\\def g']),
        ('curl -H "A: $TOKEN" \'$NOT\' ${B_C}', ["curl", "-H", "A: [[token]]", "$NOT", "[[b_c]]"]),
        ("curl ^\"https://a/^%^5B^\" ^\n  -d ^\"^{^\\^\"a^\\^\": 1^}^\"", ["curl", "https://a/%5B", "-d", '{"a": 1}']),
        ("curl a | jq .", ["curl", "a"]),
        ("curl a; rm -rf b", ["curl", "a"]),
        ("curl a\nls", ["curl", "a"]),
    ],
)  # fmt: skip
def test_quoting_of_shells_is_understood(text: str, words: list[str]) -> None:
    assert shell_words(text).words == words


@pytest.mark.parametrize(
    "text",
    ["", "wget https://a", "curl", "curl 'https://a", 'curl "a', "curl $'a", "curl a -H", "curl -s", "curl a -F x"],
)  # fmt: skip
def test_what_is_no_command_is_refused_in_words_without_its_text(text: str) -> None:
    with pytest.raises(UnreadableCommand) as refused:
        from_curl(text)
    assert str(refused.value).endswith(".")
    assert "https" not in str(refused.value)


@given(st.dictionaries(NAMES, TEXTS, min_size=1, max_size=5))
@settings(deadline=None)
def test_a_form_keeps_its_fields(fields: dict[str, str]) -> None:
    words = [word for name, value in fields.items() for word in ("--data-urlencode", f"{name}={value}")]
    document = sound(made(f"{HOST}/orders", *words))
    assert (document["method"], document["request"]["fields"]) == ("POST", fields)


@given(st.dictionaries(NAMES, TEXTS, min_size=1, max_size=5))
@settings(deadline=None)
def test_get_moves_the_fields_into_the_query(fields: dict[str, str]) -> None:
    words = [word for name, value in fields.items() for word in ("--data-urlencode", f"{name}={value}")]
    document = sound(made("-G", HOST, *words))
    assert (document["method"], document["query"], "request" in document) == ("GET", fields, False)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXTS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(NAMES, inside, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, JSONS), st.sampled_from(["--json", "-d", "--data-raw", "--data-binary"]))
@settings(deadline=None)
def test_a_json_body_stays_what_it_is(body: dict[str, Any], option: str) -> None:
    document = sound(made(f"{HOST}/orders", "-H", "content-type: application/json", option, json.dumps(body)))
    assert document["request"] == {"content_type": "application/json", "body": body}


@pytest.mark.parametrize("text", ["^", "a^", "^\n", '^"'])
def test_a_caret_in_a_body_is_a_text(text: str) -> None:
    document = sound(made(HOST, "-H", "content-type: application/json", "-d", json.dumps({"fa": text})))
    assert document["request"]["body"] == {"fa": text}


@given(st.dictionaries(NAMES, TEXTS, max_size=3))
@settings(deadline=None)
def test_parts_stay_texts_and_files(values: dict[str, str]) -> None:
    words = [word for name, value in values.items() for word in ("--form-string", f"{name}={value}")]
    document = sound(made(f"{HOST}/files", *words, "-F", "photo=@/tmp/a b.jpg;type=image/jpeg;filename=x.jpg"))
    assert document["request"]["parts"] == [
        *({"name": name, "value": value} for name, value in values.items()),
        {"name": "photo", "file": "[[photo]]", "filename": "x.jpg"},
    ]


def test_several_files_of_one_name_are_a_list() -> None:
    found = made(HOST, "-F", "files[]=@a.jpg", "-F", "files[]=@b.jpg")
    assert sound(found)["request"]["parts"] == [{"name": "files[]", "file": "[[files]]", "files": 2}]
    assert made(HOST, "-F", 'f=@"a,b;c.jpg";filename="d\\"e.jpg"').document["request"]["parts"] == [
        {"name": "f", "file": "[[f]]", "filename": 'd"e.jpg'}
    ]


def test_a_text_of_a_part_ends_as_in_curl() -> None:
    parts = made(HOST, "-F", "a=b,c;type=text/plain", "-F", 'd="e;f"').document["request"]["parts"]
    assert parts == [{"name": "a", "value": "b,c"}, {"name": "d", "value": "e;f"}]


CREDENTIAL = "S3cr3t-" + "x9Kq7" * 5


@pytest.mark.parametrize(
    "words",
    [
        [HOST, "-H", f"Authorization: Bearer {CREDENTIAL}"],
        [HOST, "-H", f"authorization: {CREDENTIAL}"],
        [HOST, "-H", f"X-Api-Key: {CREDENTIAL}"],
        [HOST, "-H", f"X-Anything: {CREDENTIAL}"],
        [HOST, "-H", f"Cookie: session={CREDENTIAL}; a=b"],
        [HOST, "-b", f"session={CREDENTIAL}"],
        [HOST, "-u", f"ann:{CREDENTIAL}"],
        [HOST, "--oauth2-bearer", CREDENTIAL],
        [f"https://ann:{CREDENTIAL}@api.example.com/x"],
        [f"{HOST}/x?access_token={CREDENTIAL}&a=b"],
        [f"{HOST}/x?key={CREDENTIAL}"],
        [f"{HOST}/x?{CREDENTIAL}"],
        [f"{HOST}/hooks/{CREDENTIAL}/x"],
        [HOST, "-d", f"client_secret={CREDENTIAL}&grant_type=client_credentials"],
        [HOST, "--json", json.dumps({"login": {"password": CREDENTIAL}})],
        [HOST, "-F", f"apiKey={CREDENTIAL}"],
        [HOST, "-H", f"X-Api-Key: {CREDENTIAL}", "-d", f"note={CREDENTIAL}"],
        [HOST, f"--password={CREDENTIAL}"],
        [HOST, "--proxy-user", f"a:{CREDENTIAL}"],
    ],
)
def test_no_credential_stays_anywhere(words: list[str]) -> None:
    found = made(*words)
    assert CREDENTIAL not in json.dumps(found.document) + " ".join(found.warnings)
    assert found.warnings
    sound(found)


def test_a_secret_is_named_where_it_has_to_be_set() -> None:
    found = made(HOST, "-H", "Authorization: Bearer abcdefgh", "-H", "X-Api-Key: abcdefgh", "-H", "X-Trace: on")
    assert found.document["headers"] == {
        "Authorization": "Bearer [[secret:example-token]]",
        "X-Api-Key": "[[secret:example-token]]",
        "X-Trace": "on",
    }
    assert found.warnings == [
        'The header Authorization was a credential and became the secret "example-token". '
        "Have an administrator set it, for the host api.example.com."
    ]


def test_a_variable_of_the_shell_is_a_parameter_or_a_secret() -> None:
    found = from_curl('curl "https://api.example.com/claims/$PLATE" -H "Authorization: Bearer $CLAIMS_TOKEN"')
    assert found.document["url"] == "https://api.example.com/claims/[[plate]]"
    assert found.document["headers"] == {"Authorization": "Bearer [[secret:claims-token]]"}
    assert found.warnings[0] == "A variable of your shell became the parameter plate: the flow gives its value."
    assert len(found.warnings) == 2


@pytest.mark.parametrize(
    ("words", "warning"),
    [
        ([HOST, "-k"], "-k was left out"),
        ([HOST, "--frobnicate"], "The option --frobnicate was left out"),
        ([HOST, "-I"], "became a GET"),
        ([HOST, "-d", "@body.json"], "The body is in a file"),
        ([HOST, "-d", "just words"], "the body of the command was left out"),
        ([HOST, "-H", "Content-Type: application/json", "-d", "{"], "is not: write it anew"),
        ([HOST, "-X", "GET", "-d", "a=b"], "the method became POST"),
        (["http://api.example.com"], "became https://"),
        (["api.example.com"], "had no https://"),
        ([HOST, "https://b.example.com"], "several addresses"),
        (["https://[[host]]/x"], "The host must be written out"),
    ],
)
def test_what_is_not_taken_is_said(words: list[str], warning: str) -> None:
    assert any(warning in each for each in made(*words).warnings)


def test_options_that_change_nothing_are_silent() -> None:
    found = made("-sSf", "--compressed", "-v", HOST, "-m", "30", "--retry", "2")
    assert (found.warnings, found.document["timeout"], found.document["retry"]) == ([], "30s", {"attempts": 3})


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        found = from_curl(f"curl {text}")
    except UnreadableCommand:
        return
    json.dumps(found.document)


def test_the_api_answers_yaml_and_leaves_no_trace(
    editor: ApiClient, viewer: ApiClient, audit: InMemoryAudit, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {"curl": f"curl {HOST}/claims -H 'Authorization: Bearer {CREDENTIAL}'"}
    answer = editor("POST", "/integrations/from-curl", body)
    assert answer.status == 200
    assert answer.body["yaml"].startswith("integration: claims\nmethod: GET\nurl: https://api.example.com/claims\n")
    assert answer.body["document"]["integration"] == "claims"
    assert viewer("POST", "/integrations/from-curl", body).slug == "forbidden"
    refused = editor("POST", "/integrations/from-curl", {"curl": f"wget {CREDENTIAL}"})
    assert (refused.slug, refused.body["errors"][0]["field"]) == ("invalid-request", "body.curl")
    logged = "".join(capsys.readouterr())
    assert CREDENTIAL not in logged + refused.text + answer.text
    assert len(audit.rows) == 0


@dataclass
class Received:
    """What a server received of one request."""

    method: str = ""
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@pytest.fixture
def server() -> Iterator[tuple[str, list[Received]]]:
    received: list[Received] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received.append(Received(self.command, self.path, headers, body))
            self.send_response(204)
            self.end_headers()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}", received
        http.shutdown()


def of_address(url: str) -> tuple[str, list[tuple[str, str]]]:
    """Host and path, and the values of the query: curl and Chatflow write a blank in it differently."""
    return url.partition("?")[0], parse_qsl(url.partition("?")[2], keep_blank_values=True)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs the program curl")
@pytest.mark.parametrize(
    "words",
    [
        ["/a/b?x=1&y=a%20b", "-H", "X-Trace: on; q=1"],
        ["/a", "-d", "x=1&y=a+b", "-d", "z=%C3%A9"],
        ["/a", "--data-urlencode", "x=a b&c=d", "--data-urlencode", "e="],
        ["/a", "-G", "-d", "q=1", "--data-urlencode", "name=J\u00fcrgen & S\u00f6hne"],
        ["/a", "-X", "PUT", "--json", '{"a":[1,2.5,null,true],"b":"\u00e9"}'],
        ["/a", "-XPATCH", "-H", "Content-Type: application/json", "--data-raw", '{"a":"@b"}'],
        ["/a", "-X", "DELETE"],
        ["/a", "-u", "ann:p:w"],
        ["/a", "-b", "a=b; c=d", "-A", "agent", "-H", "X-Empty:"],
        ["/a?z=1", "--url-query", "q=a b"],
    ],
)
def test_the_request_is_the_one_that_curl_sends(words: list[str], server: tuple[str, list[Received]]) -> None:
    address, received = server
    command = ["curl", "-s", "-q", "--noproxy", "*", address + words[0], *words[1:]]
    ended = subprocess.run(command, capture_output=True, timeout=30, check=False)
    if ended.returncode == 2:
        pytest.skip("this curl does not know one of the options")
    found = from_curl(shlex.join(command))
    integration = Integration.model_validate(found.document)
    secrets = {"a=b; c=d": "cookie", base64.b64encode(b"ann:p:w").decode(): "login"}
    values = {word: value for value, word in secrets.items()}
    scope = Scope({}, secret=lambda name: values[name.rpartition("-")[2]])
    call = build_call(integration.compiled(integration.url), {}, scope)
    (sent,) = received
    assert call.method == sent.method
    assert of_address(call.url) == of_address(address + sent.path)
    assert call.body == sent.body
    ours = {name.lower(): value for name, value in call.headers.items()}
    theirs = {name: value for name, value in sent.headers.items() if name in {*ours, "content-type", "authorization"}}
    assert ours == theirs
