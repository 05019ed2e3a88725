"""The business system fails in the planned way, at the planned point and as often as planned."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

FILE = {"file": ("a.png", b"x" * 200_000, "image/png")}


def fail(business: httpx.Client, **fault: Any) -> None:
    business.post("/api/faults", json=fault).raise_for_status()


def stored_uploads(business: httpx.Client) -> int:
    return len(business.get("/api/uploads").json()["uploads"])


def test_it_fails_as_often_as_planned_and_then_works(business: httpx.Client) -> None:
    fail(business, path="/files", mode="status", status=503, times=2)
    assert [business.post("/files", files=FILE).status_code for _ in range(3)] == [503, 503, 201]
    assert business.get("/api/faults").json() == {"faults": []}


def test_only_the_path_that_was_named_fails(business: httpx.Client) -> None:
    fail(business, path="/claims/*", mode="fail")
    assert business.post("/claims/AB 1/files", files=FILE).status_code == 500
    assert business.post("/files", files=FILE).status_code == 201


@pytest.mark.parametrize("after_body", [False, True])
def test_it_cuts_the_connection_and_stores_nothing(business: httpx.Client, after_body: bool) -> None:
    fail(business, mode="cut", times=1, after_body=after_body)
    with pytest.raises(httpx.TransportError):
        business.post("/files", files=FILE)
    assert stored_uploads(business) == 0


def test_it_stores_the_file_and_loses_the_answer(business: httpx.Client) -> None:
    fail(business, mode="cut", times=1, handled=True)
    with pytest.raises(httpx.TransportError):
        business.post("/files", files=FILE, headers={"idempotency-key": "lost"})
    assert stored_uploads(business) == 1
    assert business.post("/files", files=FILE, headers={"idempotency-key": "lost"}).status_code == 201
    assert stored_uploads(business) == 1


def test_it_answers_slowly_but_correctly(business: httpx.Client) -> None:
    fail(business, mode="slow", seconds=0.6, times=1)
    begun = time.monotonic()
    assert business.post("/files", files=FILE).status_code == 201
    assert time.monotonic() - begun >= 0.6


def test_it_stalls_until_the_caller_gives_up(business: httpx.Client) -> None:
    fail(business, mode="stall", seconds=19, times=1)
    with pytest.raises(httpx.ReadTimeout):
        business.get("/documents/report.pdf", timeout=0.5)


def test_an_invalid_fault_is_refused(business: httpx.Client) -> None:
    for wrong in ({"mode": "explode"}, {"colour": "red"}):
        assert business.post("/api/faults", json=wrong).status_code == 400


def test_every_request_is_in_the_log_with_its_fault(business: httpx.Client) -> None:
    fail(business, mode="cut", times=1)
    with pytest.raises(httpx.TransportError):
        business.get("/documents/leaflet.pdf")
    business.get("/documents/leaflet.pdf", headers={"idempotency-key": "k"})
    log = business.get("/api/requests").json()["requests"]
    assert [(r["path"], r["fault"], r["status"], r["idempotency_key"]) for r in log] == [
        ("/documents/leaflet.pdf", "cut", None, ""),
        ("/documents/leaflet.pdf", "", 200, "k"),
    ]
