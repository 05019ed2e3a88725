"""When a call is made again, how long it waits, and what is left of it when time runs out. No time passes here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import pytest

from chatflow.adapters.http.integration_calls import RETRIED, RetryClock, perform
from chatflow.errors import AddressRefused, InDoubt, OwnTrouble, Refused, TooLarge, TooSlow, Unavailable
from chatflow.nodes.ports import Answer, Call, Response

START = 1_760_000_000_000  # milliseconds since the epoch


@dataclass
class ScriptedResponse:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    length: int | None = None

    def read(self, amount: int = -1, /) -> bytes:
        block, self.body = self.body[:amount], self.body[amount:]
        return block


@dataclass
class ScriptedFetch:
    """A fetch that plays a script (an answer, an error, or seconds to pass first), and a clock that only it moves."""

    script: list[Any]
    now: int = START
    chance: float = 1.0
    pauses: list[float] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def open(self, method: str, url: str, **how: Any) -> Iterator[Response]:
        self.sent.append({"method": method, "url": url, **how})
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, tuple):
            seconds, step = step
            self.now += round(seconds * 1000)
        if isinstance(step, Exception):
            raise step
        yield ScriptedResponse(step) if isinstance(step, int) else step

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += round(seconds * 1000)

    def perform(
        self, method: str = "POST", *, seconds: float = 20.0, attempts: int = 3, budget: float = 60.0, **more: Any
    ) -> Answer:
        call = Call(method, "https://claims.example.com/", seconds=seconds, attempts=attempts, **more)
        return perform(
            call,
            fetch=self,
            store=None,  # type: ignore[arg-type]  # no file moves here
            key="c_1/s_1/2/3/upload/call",
            download_key="media/c_1/s_1/3",
            deadline=START + round(budget * 1000),
            clock=RetryClock(lambda: self.now, self.pause, lambda: self.chance),
        )


@pytest.mark.parametrize("status", sorted(RETRIED))
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_what_passes_is_tried_again(status: int, method: str) -> None:
    fetch = ScriptedFetch([status, 200])
    answer = fetch.perform(method)
    assert (answer.status, answer.attempts, len(fetch.sent)) == (200, 2, 2)


@pytest.mark.parametrize("status", [200, 204, 301, 307, 400, 401, 403, 404, 409, 413, 415, 422, 501, 505])
def test_what_will_not_change_is_not(status: int) -> None:
    fetch = ScriptedFetch([status])
    answer = fetch.perform()
    assert (answer.status, answer.attempts, fetch.pauses) == (status, 1, [])


@pytest.mark.parametrize("error", [Unavailable("no connection"), InDoubt("cut")])
def test_a_lost_connection_is_tried_again(error: Exception) -> None:
    assert ScriptedFetch([error, 201]).perform().status == 201


@pytest.mark.parametrize("error", [AddressRefused("inside"), Refused("no")])
def test_a_refusal_is_not(error: Exception) -> None:
    fetch = ScriptedFetch([error])
    with pytest.raises(type(error)):
        fetch.perform()
    assert len(fetch.sent) == 1


def test_the_last_answer_is_what_came_of_it() -> None:
    fetch = ScriptedFetch([503, 500, 502])
    answer = fetch.perform()
    assert (answer.status, answer.attempts) == (502, 3)


def test_pauses_grow_and_are_left_to_chance() -> None:
    fetch = ScriptedFetch([500])
    fetch.perform(attempts=7, budget=300)
    assert fetch.pauses == [0.5, 1, 2, 4, 8, 8]
    fetch = ScriptedFetch([500], chance=0.25)
    fetch.perform(attempts=4)
    assert fetch.pauses == [0.125, 0.25, 0.5]


@pytest.mark.parametrize(
    ("written", "pause"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        (formatdate(START / 1000 + 9, usegmt=True), 9.0),
        ("0", 0.5),
        ("soon", 0.5),
        ("-3", 0.5),
    ],
)
def test_the_server_says_when_to_come_back(written: str, pause: float) -> None:
    fetch = ScriptedFetch([ScriptedResponse(429, {"retry-after": written}), 200])
    assert fetch.perform().status == 200
    assert fetch.pauses == [pause]


@pytest.mark.parametrize("written", ["3600", "99999999999999999999", formatdate(START / 1000 + 3600, usegmt=True)])
def test_a_wait_beyond_the_deadline_is_not_begun(written: str) -> None:
    fetch = ScriptedFetch([ScriptedResponse(503, {"retry-after": written}), 200])
    answer = fetch.perform()
    assert (answer.status, answer.attempts, fetch.pauses) == (503, 1, [])


def test_no_attempt_begins_that_could_not_end() -> None:
    fetch = ScriptedFetch([(19.0, 503)])
    answer = fetch.perform(attempts=10, budget=40.0)
    assert (answer.status, answer.attempts) == (503, 2)
    assert fetch.now <= START + 40_000


def test_an_attempt_ends_with_the_visit() -> None:
    fetch = ScriptedFetch([(15.0, 503), 200])
    fetch.perform(seconds=20.0, budget=25.0)
    assert [sent["deadline"] - START for sent in fetch.sent] == [20_000, 25_000]


def test_no_time_at_all_means_that_nothing_was_sent() -> None:
    fetch = ScriptedFetch([200])
    with pytest.raises(OwnTrouble):
        fetch.perform(budget=0.0)
    assert fetch.sent == []


def test_one_doubtful_attempt_leaves_a_doubt() -> None:
    with pytest.raises(InDoubt, match="cut"):
        ScriptedFetch([InDoubt("cut"), Unavailable("gone"), Unavailable("gone")]).perform()
    with pytest.raises(Unavailable):
        ScriptedFetch([Unavailable("gone")]).perform()


def test_an_answer_in_the_end_settles_a_doubt() -> None:
    assert ScriptedFetch([InDoubt("cut"), 503, 503]).perform().status == 503


def test_an_answer_that_came_too_late_says_so() -> None:
    late = InDoubt("no answer")
    late.__cause__ = TimeoutError()
    with pytest.raises(TooSlow):
        ScriptedFetch([late]).perform()


def test_each_attempt_carries_the_same_key_and_only_that_call_does() -> None:
    fetch = ScriptedFetch([503, InDoubt("cut"), 200])
    fetch.perform()
    keys = {sent["headers"]["Idempotency-Key"] for sent in fetch.sent}
    assert len(keys) == 1
    assert "c_1" not in keys.pop()


def test_reading_needs_no_key_and_follows_redirects() -> None:
    fetch = ScriptedFetch([200])
    fetch.perform("GET")
    (sent,) = fetch.sent
    assert "Idempotency-Key" not in sent["headers"]
    assert sent["redirects"] == 3


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_changes_something_follows_no_redirect(method: str) -> None:
    fetch = ScriptedFetch([302])
    assert fetch.perform(method).status == 302
    assert fetch.sent[0]["redirects"] == 0


@pytest.mark.parametrize("status", [200, 201])
def test_an_answer_beyond_the_limit_is_refused(status: int) -> None:
    with pytest.raises(TooLarge):
        ScriptedFetch([ScriptedResponse(status, body=b" " * (256 * 1024 + 1))]).perform()


def test_an_answer_at_the_limit_is_read() -> None:
    assert len(ScriptedFetch([ScriptedResponse(200, body=b" " * (256 * 1024))]).perform().body) == 256 * 1024


def test_a_huge_error_page_is_only_its_status() -> None:
    answer = ScriptedFetch([ScriptedResponse(404, body=b"x" * 10_000_000)]).perform()
    assert (answer.status, answer.body) == (404, b"")


def test_an_answer_keeps_no_cookies() -> None:
    headers = {"content-type": "application/json", "set-cookie": "session=1", "x-request-id": "1"}
    assert ScriptedFetch([ScriptedResponse(200, headers)]).perform().headers == {"content-type": "application/json"}


def test_the_time_of_all_attempts_is_counted() -> None:
    fetch = ScriptedFetch([(2.0, 503), (3.0, 200)])
    answer = fetch.perform()
    assert (answer.attempts, answer.milliseconds) == (2, 5_500)


def test_a_call_that_is_held_anyway_does_not_hang_twice_in_one_visit() -> None:
    """It would keep the place of a turn. What fails at once is still tried again in the visit."""
    hangs = InDoubt("no answer")
    hangs.__cause__ = TimeoutError()
    fetch = ScriptedFetch([(20.0, hangs), 200])
    with pytest.raises(TooSlow):
        fetch.perform(holds=True)
    assert len(fetch.sent) == 1
    assert ScriptedFetch([503, 200]).perform(holds=True).attempts == 2
