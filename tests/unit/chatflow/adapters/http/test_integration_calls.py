"""Calls to a business's API over real sockets: a server that fails in every way, and files that arrive whole."""

from __future__ import annotations

import gzip
import hashlib
import json
import time
from typing import Any

import pytest

from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.adapters.http.integration_calls import RetryClock, perform
from chatflow.errors import (
    AddressRefused,
    InDoubt,
    MediaRejected,
    NotPublished,
    Refused,
    TooLarge,
    TooSlow,
    Unavailable,
)
from chatflow.media.profiles import MB
from chatflow.media.reference import MediaReference
from chatflow.nodes.ports import Answer, Call, Part
from tests import samples
from tests.fakes.faulty_server import breaks_off, cuts, drips_body, drips_headers, in_turn, never_ends, stalls
from tests.fakes.http_server import Answering, Server, says, serving
from tests.fakes.media_store import MemoryStore

KEEP = "media/c_ann/s_1/4-call"
OK = says(b'{"claim": {"id": 7}}', content_type="application/json")
DOWN = says(b"sorry", "503 Service Unavailable")
BUSY = says(b"", "429 Too Many Requests", Retry_After="7")
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4000 + b"\xff\xd9"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n"


def a_file(store: MemoryStore, data: bytes = JPEG, filename: str = "dent.jpg") -> MediaReference:
    key = f"media/c_ann/s_1/3-{len(store.objects)}"
    store.objects[key] = data
    return MediaReference(key, hashlib.sha256(data).hexdigest(), len(data), "image/jpeg", "image", filename)


class Calling:
    """Makes calls to a server without waiting between attempts; `pauses` are the waits that there would have been."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.store = MemoryStore()
        self.pauses: list[float] = []

    def __call__(self, method: str = "POST", path: str = "/claims", budget: float = 30.0, **how: Any) -> Answer:
        call = Call(method, self.server.url(path), **{"seconds": 10.0, **how})
        return perform(
            call,
            fetch=GuardedFetch(self.server.private),
            store=self.store,
            key="c_ann/s_1/2/4/upload/call",
            download_key=KEEP,
            deadline=round((time.time() + budget) * 1000),
            clock=RetryClock(pause=self.pauses.append, jitter=lambda: 1.0),
        )


@pytest.fixture
def calling(request: pytest.FixtureRequest) -> Any:
    with serving(request.param) as server:
        yield Calling(server)


def against(*steps: Answering) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("calling", [in_turn(*steps)], indirect=True, ids=["server"])


@against(OK)
def test_a_call_arrives_as_it_was_built(calling: Calling) -> None:
    headers = {"Authorization": "Bearer t0p", "X-Name": "ZoÃ«", "Content-Type": "application/json"}
    answer = calling("PUT", "/claims/CA%2F1?q=a%26b", headers=headers, body=b'{"a": 1}')
    assert (answer.status, json.loads(answer.body)) == (200, {"claim": {"id": 7}})
    (seen,) = calling.server.requests
    assert (seen.method, seen.path, seen.body) == ("PUT", "/claims/CA%2F1?q=a%26b", b'{"a": 1}')
    assert seen.headers["authorization"] == "Bearer t0p"
    assert seen.headers["x-name"].encode("latin-1").decode() == "Zoë"
    assert seen.headers["accept"] == "application/json"


@against(OK)
def test_what_was_encoded_is_not_decoded_on_its_way(calling: Calling) -> None:
    paths = ["/a/..%2F..%2Fadmin/x", "/a/%252e%252e/x", "/a/%0D%0AX%3A%20y/x", "/a/%5C..%5C/x?q=%26r%3D%23", "/a/x%3B"]
    for path in paths:
        calling("GET", path)
    assert [seen.path for seen in calling.server.requests] == paths


@against(DOWN, says(b"", "500 Oops"), OK)
def test_an_api_that_comes_back_is_called_until_it_does(calling: Calling) -> None:
    answer = calling(body=b"{}")
    assert (answer.status, answer.attempts, calling.pauses) == (200, 3, [0.5, 1.0])
    assert len({seen.headers["idempotency-key"] for seen in calling.server.requests}) == 1


@against(BUSY, OK)
def test_an_api_that_is_busy_is_called_when_it_asks_to_be(calling: Calling) -> None:
    assert (calling(body=b"{}").status, calling.pauses) == (200, [7.0])


@against(cuts, OK)
def test_a_lost_answer_is_asked_for_again_with_the_same_key(calling: Calling) -> None:
    assert calling(body=b'{"a": 1}').status == 200
    first, second = calling.server.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body == b'{"a": 1}'


@against(cuts)
def test_an_answer_that_is_lost_each_time_is_in_doubt(calling: Calling) -> None:
    with pytest.raises(InDoubt) as raised:
        calling()
    assert not isinstance(raised.value, TooSlow)
    assert len(calling.server.requests) == 3


@pytest.mark.parametrize("calling", [stalls, drips_headers, drips_body], indirect=True)
def test_an_api_that_is_too_slow_is_left_in_time(calling: Calling) -> None:
    with pytest.raises(TooSlow):
        calling(seconds=0.3, attempts=1)


@against(breaks_off(b'{"claim": ', 400), OK)
def test_half_an_answer_is_asked_for_again(calling: Calling) -> None:
    assert json.loads(calling(body=b"{}").body) == {"claim": {"id": 7}}


@against(never_ends)
def test_an_answer_without_end_is_refused(calling: Calling) -> None:
    with pytest.raises(TooLarge):
        calling()
    with pytest.raises(TooLarge):
        calling("GET", expects_file=True)
    assert calling.store.objects == {}


@against(says(b"", "302 Found", Location="/elsewhere"), OK)
def test_reading_follows_a_redirect(calling: Calling) -> None:
    assert calling("GET").status == 200
    assert [seen.path for seen in calling.server.requests] == ["/claims", "/elsewhere"]


@against(says(b"", "302 Found", Location="/claims"))
def test_redirects_in_a_circle_end(calling: Calling) -> None:
    assert calling("GET").status == 302
    assert len(calling.server.requests) == 4


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_an_upload_follows_no_redirect(status: str) -> None:
    with serving(says(b"", status, Location="/elsewhere")) as server:
        calling = Calling(server)
        answer = calling(parts=(Part("file", file=a_file(calling.store)),))
    assert str(answer.status) == status[:3]
    assert len(server.requests) == 1


@against(says(b"", "302 Found", Location="http://169.254.169.254/latest/meta-data"))
def test_a_redirect_into_the_network_is_refused(calling: Calling) -> None:
    with pytest.raises(AddressRefused):
        calling("GET")


def test_nobody_at_home_is_unavailable() -> None:
    with serving(OK) as server:
        pass
    calling = Calling(server)
    with pytest.raises(Unavailable):
        calling()
    assert len(calling.pauses) == 2


@against(OK)
def test_a_file_arrives_whole_beside_its_text(calling: Calling) -> None:
    file = a_file(calling.store)
    assert calling(parts=(Part("plate", "CA 1"), Part("file", file=file))).status == 200
    (seen,) = calling.server.requests
    assert int(seen.headers["content-length"]) == len(seen.body)
    assert seen.body.count(JPEG) == 1
    assert calling.store.opened == 0


@against(DOWN, OK)
def test_several_files_are_parts_of_one_body_and_opened_one_after_the_other(calling: Calling) -> None:
    contents = [JPEG, b"", PDF, JPEG[:-2] + b"zz"]
    calling(
        parts=tuple(Part("files[]", file=a_file(calling.store, data, f"{n}.jpg")) for n, data in enumerate(contents))
    )
    for seen in calling.server.requests:
        assert int(seen.headers["content-length"]) == len(seen.body)
        bodies = [part.split(b"\r\n\r\n", 1)[1] for part in seen.body.split(b"\r\n--")[:-1]]
        assert bodies == contents
        assert seen.body.count(b'name="files[]"') == 4
    assert len(calling.server.requests) == 2
    assert (calling.store.opened, calling.store.most_opened) == (0, 1)


@against(OK)
def test_a_body_whose_second_file_is_gone_is_not_finished(calling: Calling) -> None:
    first, second = a_file(calling.store), a_file(calling.store, PDF)
    del calling.store.objects[second.key]
    with pytest.raises(NotPublished):
        calling(parts=(Part("a", file=first), Part("b", file=second)))
    assert calling.store.opened == 0


@against(cuts, DOWN, OK)
def test_each_attempt_sends_the_whole_file_again(calling: Calling) -> None:
    calling(parts=(Part("file", file=a_file(calling.store)),))
    assert [seen.body.count(JPEG) for seen in calling.server.requests] == [1, 1, 1]
    assert len({seen.headers["idempotency-key"] for seen in calling.server.requests}) == 1


@against(OK)
def test_a_large_file_is_read_in_large_blocks(calling: Calling) -> None:
    calling(parts=(Part("file", file=a_file(calling.store, bytes(3 * MB))),))
    assert sum(calling.store.reads) == 3 * MB
    assert max(calling.store.reads) <= 256 * 1024
    assert len(calling.store.reads) <= 14


@against(OK)
def test_an_empty_file_and_an_empty_text_can_be_sent(calling: Calling) -> None:
    assert calling(parts=(Part("plate", ""), Part("file", file=a_file(calling.store, b"")))).status == 200


@against(OK)
def test_a_file_that_is_gone_or_another_is_not_sent(calling: Calling) -> None:
    file = a_file(calling.store)
    calling.store.objects[file.key] = JPEG[:-1]
    with pytest.raises(Refused):
        calling(parts=(Part("file", file=file),))
    del calling.store.objects[file.key]
    with pytest.raises(NotPublished):
        calling(parts=(Part("file", file=file),))
    assert calling.server.requests == []


def test_an_api_that_answers_before_the_file_is_through_is_heard() -> None:
    def refuses(_request: Any, wire: Any) -> None:
        wire.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        while wire.sock.recv(65_536):
            pass

    with serving(refuses, reads_body=False) as server:
        calling = Calling(server)
        answer = calling(parts=(Part("file", file=a_file(calling.store, bytes(8 * MB))),))
    assert (answer.status, answer.attempts) == (413, 1)


@against(says(PDF, content_type="text/html", content_disposition='attachment; filename="re\\"port.exe"'))
def test_a_file_is_kept_under_what_it_is_and_a_clean_name(calling: Calling) -> None:
    answer = calling("GET", "/reports/7", expects_file=True)
    assert answer.body == b""
    assert answer.file == MediaReference(
        KEEP, hashlib.sha256(PDF).hexdigest(), len(PDF), "application/pdf", "document", "re_port.pdf"
    )
    assert calling.store.objects == {KEEP: PDF}
    assert calling.store.clean == {KEEP}
    assert calling.server.requests[0].headers["accept"] == "*/*"


@against(says(PDF))
def test_a_file_is_named_by_its_author_before_its_url(calling: Calling) -> None:
    named = calling("GET", "/reports/7%20a.pdf", expects_file=True, filename="../Report CA1")
    assert named.file
    assert named.file.filename == "Report CA1.pdf"
    unnamed = calling("GET", "/reports/7%20a.pdf", expects_file=True)
    assert unnamed.file
    assert unnamed.file.filename == "7 a.pdf"


@against(breaks_off(PDF[:20], len(PDF)), says(PDF))
def test_a_download_that_breaks_off_begins_again(calling: Calling) -> None:
    answer = calling("GET", expects_file=True)
    assert answer.attempts == 2
    assert calling.store.objects == {KEEP: PDF}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>Log in first</html>", "unknown_format"),
        (b"", "empty"),
        (samples.photo_jpg()[:-2] + bytes(6 * MB) + b"\xff\xd9", "too_large"),
    ],
    ids=["html", "empty", "too_large"],
)
def test_what_no_channel_could_send_is_not_kept(body: bytes, reason: str) -> None:
    with serving(says(body, content_type="image/jpeg")) as server:
        calling = Calling(server)
        with pytest.raises(MediaRejected) as raised:
            calling("GET", expects_file=True)
    assert (raised.value.reason, calling.store.objects) == (reason, {})


@against(breaks_off(b"x", 20 * MB + 1))
def test_a_file_that_says_it_is_too_large_is_not_begun(calling: Calling) -> None:
    with pytest.raises(TooLarge):
        calling("GET", expects_file=True)
    assert calling.store.objects == {}


@against(says(b'{"error": "unknown claim"}', "404 Not Found", content_type="application/json"))
def test_an_error_in_place_of_a_file_is_read(calling: Calling) -> None:
    answer = calling("GET", expects_file=True)
    assert (answer.status, answer.file, answer.body) == (404, None, b'{"error": "unknown claim"}')
    assert calling.store.objects == {}


@against(says(gzip.compress(b'{"claim": 7}'), content_encoding="gzip"))
def test_a_compressed_answer_is_not_asked_for_and_unpacked_if_it_comes(calling: Calling) -> None:
    assert calling("GET").body == b'{"claim": 7}'
    assert calling.server.requests[0].headers["accept-encoding"] == "identity"


@against(says(gzip.compress(bytes(50 * MB)), content_encoding="gzip"))
def test_a_compressed_answer_is_as_large_as_what_is_in_it(calling: Calling) -> None:
    with pytest.raises(TooLarge):
        calling("GET")
    with pytest.raises(TooLarge):
        calling("GET", expects_file=True)
    assert calling.store.objects == {}


@against(DOWN)
def test_nothing_of_a_call_is_logged(calling: Calling, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    calling("POST", "/claims/t0p-in-path?key=t0p", headers={"Authorization": "t0p"}, body=b"t0p")
    assert "t0p" not in caplog.text
    assert "sorry" not in caplog.text
