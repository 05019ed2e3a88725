"""Times in requests and responses."""

from __future__ import annotations

from management.http.times import rfc3339


def test_times_are_in_utc_to_the_second() -> None:
    assert rfc3339(1795370400.9) == "2026-11-22T18:00:00Z"
