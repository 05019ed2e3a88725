"""What servers make of our multipart bodies: three parsers that others wrote, and every hostile name."""

from __future__ import annotations

import asyncio
import email.parser
import email.policy
import io
import time
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.adapters.http.integration_calls import perform
from chatflow.integrations.request_building import build_call
from chatflow.media.reference import MediaReference
from chatflow.templating import Scope
from tests.fakes.http_server import Request, says, serving
from tests.fakes.media_store import MemoryStore

DATA = b'\xff\xd8\xff\xe0\r\n--boundary--\r\n\r\nContent-Disposition: form-data; name="admin"\r\n\r\nyes' + bytes(
    range(256)
)
KEY = "media/c_ann/s_1/3-ab"
INTEGRATION = {
    "name": "claims-upload",
    "method": "POST",
    "url": "https://claims.example.com/files",
    "request": {
        "content_type": "multipart/form-data",
        "parts": [
            {"name": "note", "value": "[[text]]"},
            {"name": "file", "file": "[[file]]"},
            {"name": "note", "value": "second"},
            {"name": "file", "file": "[[file]]", "filename": "[[text]]"},
        ],
    },
    "timeout": 10.0,
    "retry": {"attempts": 1},
}


@dataclass(frozen=True)
class Parsed:
    name: str
    filename: str | None
    mime: str
    content: bytes


class Recorder:
    """A fetch that keeps the request as it would go out."""

    def open(self, method: str, url: str, *, headers: dict[str, str], body: Any, length: int, **_how: Any) -> Any:
        data = b""
        while block := body.read(1000):
            data += block
        assert len(data) == length
        self.headers, self.body = headers, data
        return _Nothing()


class _Nothing:
    status, headers, length = 204, {}, 0

    def read(self, _amount: int = -1, /) -> bytes:
        return b""

    def __enter__(self) -> _Nothing:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def sent(text: str, filename: str = "dent.jpg", fetch: Any = None, url: str = INTEGRATION["url"]) -> Recorder:
    store = MemoryStore({KEY: DATA})
    file = MediaReference(KEY, "ab" * 32, len(DATA), "image/jpeg", "image", filename).to_json()
    recorder = fetch or Recorder()
    call = build_call(
        {**INTEGRATION, "url": url}, {"text": "[[text]]", "file": "[[file]]"}, Scope({"text": text, "file": file})
    )
    perform(
        call, fetch=recorder, store=store, key="k", download_key="media/x", deadline=round((time.time() + 30) * 1000)
    )  # type: ignore[arg-type]
    return recorder


def by_starlette(content_type: str, body: bytes) -> list[Parsed]:
    from starlette.datastructures import UploadFile
    from starlette.requests import Request as StarletteRequest

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def parse() -> list[Parsed]:
        scope = {"type": "http", "method": "POST", "headers": [(b"content-type", content_type.encode())]}
        found = []
        for name, value in (await StarletteRequest(scope, receive).form()).multi_items():
            if isinstance(value, UploadFile):
                found.append(Parsed(name, value.filename, value.content_type or "", await value.read()))
            else:
                found.append(Parsed(name, None, "", value.encode()))
        return found

    return asyncio.run(parse())


def by_werkzeug(content_type: str, body: bytes) -> list[Parsed]:
    from werkzeug.formparser import FormDataParser

    _, form, files = FormDataParser().parse(
        io.BytesIO(body), content_type.split(";", maxsplit=1)[0], len(body), _options(content_type)
    )
    texts = [Parsed(name, None, "", value.encode()) for name, value in form.items(multi=True)]
    return texts + [Parsed(name, each.filename, each.mimetype, each.read()) for name, each in files.items(multi=True)]


def by_email(content_type: str, body: bytes) -> list[Parsed]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    found = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        mime = part.get_content_type() if "content-type" in part else ""
        found.append(Parsed(str(name), part.get_filename(), mime, part.get_payload(decode=True)))
    return found


def _options(content_type: str) -> dict[str, str]:
    return {"boundary": content_type.partition("boundary=")[2]}


PARSERS = [by_starlette, by_werkzeug, by_email]


def as_expected(parsed: list[Parsed]) -> list[Parsed]:
    """In one order, whatever order a parser gives files and texts in."""
    return sorted(parsed, key=lambda each: each.filename is not None)


@pytest.mark.parametrize("parser", PARSERS)
def test_a_server_finds_each_part_whole_and_in_order(parser: Any) -> None:
    recorder = sent("CA 1 ü")
    assert as_expected(parser(recorder.headers["Content-Type"], recorder.body)) == [
        Parsed("note", None, "", "CA 1 ü".encode()),
        Parsed("note", None, "", b"second"),
        Parsed("file", "dent.jpg", "image/jpeg", DATA),
        Parsed("file", "CA 1 ü.jpg", "image/jpeg", DATA),
    ]


HOSTILE = [
    'a"; filename="evil.exe',
    "a\r\nContent-Type: text/html\r\n\r\n<script>",
    "a\nb\rc\x00d",
    "../../etc/passwd",
    "..\\..\\windows",
    "gpj.exe\u202egpj",
    "x" * 400,
    "naïve 🚗.jpg",
    "a%22b%0d%0a",
    "a\\",
    'a\\"b',
    "-rf",
    ".htaccess",
    "CON",
    "\ud83d",
    "--",
    "a;b=c",
    "'quoted'",
    "\x85\u2028\u2029",
]


@pytest.mark.parametrize("parser", PARSERS)
def test_hostile_text_is_text_and_hostile_names_are_tamed(parser: Any) -> None:
    for text in HOSTILE:
        recorder = sent(text)
        first, second, file, named = as_expected(parser(recorder.headers["Content-Type"], recorder.body))
        assert first.content == text.encode("utf-8", "replace")
        assert second.content == b"second", text
        assert file == Parsed("file", "dent.jpg", "image/jpeg", DATA), text
        assert (named.name, named.mime, named.content) == ("file", "image/jpeg", DATA), text
        assert named.filename, text
        assert named.filename.endswith(".jpg"), text
        assert not set(named.filename) & set("\r\n\x00/\\"), text


@pytest.mark.parametrize("parser", [by_starlette, by_werkzeug])
def test_a_name_that_was_never_cleaned_is_so_before_it_is_sent(parser: Any) -> None:
    """An API may answer with what looks like a file of this conversation."""
    recorder = sent("x", filename='../a"\r\nX-Evil: 1\r\n\r\n; filename="b.exe')
    parsed = as_expected(parser(recorder.headers["Content-Type"], recorder.body))
    assert [(each.name, each.mime, each.content) for each in parsed[2:]] == [("file", "image/jpeg", DATA)] * 2
    assert parsed[2].filename == "a_X-Evil_ 1; filename=_b.jpg"


@pytest.mark.parametrize("mime", ["text/html", "image/jpeg\r\nX-Evil: 1", ""])
def test_only_our_own_content_types_are_sent(mime: str) -> None:
    store = MemoryStore({KEY: DATA})
    file = MediaReference(KEY, "ab" * 32, len(DATA), mime, "image", "a.jpg").to_json()
    recorder = Recorder()
    call = build_call(INTEGRATION, {"text": "x", "file": file}, Scope({}))
    perform(
        call, fetch=recorder, store=store, key="k", download_key="media/x", deadline=round((time.time() + 30) * 1000)
    )  # type: ignore[arg-type]
    parsed = as_expected(by_starlette(recorder.headers["Content-Type"], recorder.body))
    assert [each.mime for each in parsed] == ["", "", "application/octet-stream", "application/octet-stream"]


@pytest.mark.parametrize("parser", [by_starlette, by_werkzeug])
@pytest.mark.parametrize(
    "name", ['a"; filename="evil.exe', "a\r\nContent-Type: text/html\r\n\r\n<script>", "a\n--", "Ü b"]
)
def test_a_hostile_name_of_a_part_stays_in_its_line(parser: Any, name: str) -> None:
    parts = [{"name": name, "value": "[[text]]"}, {"name": name, "file": "[[file]]"}]
    store = MemoryStore({KEY: DATA})
    file = MediaReference(KEY, "ab" * 32, len(DATA), "image/jpeg", "image", "a.jpg").to_json()
    integration = {**INTEGRATION, "request": {**INTEGRATION["request"], "parts": parts}}  # type: ignore[dict-item]
    call = build_call(integration, {"text": "x", "file": file}, Scope({}))
    recorder = Recorder()
    perform(
        call, fetch=recorder, store=store, key="k", download_key="media/x", deadline=round((time.time() + 30) * 1000)
    )  # type: ignore[arg-type]
    text, sent_file = as_expected(parser(recorder.headers["Content-Type"], recorder.body))
    assert (text.filename, text.content) == (None, b"x")
    assert (sent_file.filename, sent_file.mime, sent_file.content) == ("a.jpg", "image/jpeg", DATA)
    assert text.name == sent_file.name
    assert not set(text.name) & {"\r", "\n"}


hostile = st.text() | st.text(alphabet='\r\n-:;="\\/%. boundary\x00\x85ü🚗\ud83d')


@given(text=hostile)
def test_no_text_adds_or_hides_a_part(text: str) -> None:
    recorder = sent(text)
    for parser in (by_starlette, by_werkzeug):
        parsed = as_expected(parser(recorder.headers["Content-Type"], recorder.body))
        assert [(each.name, each.filename is not None) for each in parsed] == [
            ("note", False),
            ("note", False),
            ("file", True),
            ("file", True),
        ]
        assert parsed[0].content == text.encode("utf-8", "replace")
        assert parsed[3].content == DATA


def test_the_body_is_the_same_on_a_real_wire() -> None:
    from chatflow.adapters.http.fetch import GuardedFetch

    with serving(says(b"{}")) as server:
        sent("CA 1", fetch=GuardedFetch(server.private), url=server.url("/files"))
    (seen,) = server.requests
    assert isinstance(seen, Request)
    assert [each.content for each in as_expected(by_starlette(seen.headers["content-type"], seen.body))] == [
        b"CA 1",
        b"second",
        DATA,
        DATA,
    ]
