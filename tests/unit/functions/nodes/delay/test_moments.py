"""Moments: the next time of day in a zone, and times that variables hold."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.delay.moments import moment_of, next_time_of_day, zones

BERLIN = "Europe/Berlin"
CLOCKS = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))


def at(text: str, zone: str = "UTC", *, fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp())


@pytest.mark.parametrize(
    ("now", "clock", "expected"),
    [
        ("2026-12-01T08:59:59", "09:00", "2026-12-01T09:00:00"),
        ("2026-12-01T09:00:00", "09:00", "2026-12-02T09:00:00"),  # it has just passed
        ("2026-12-01T09:00:20", "09:00", "2026-12-02T09:00:00"),
        ("2026-12-31T23:30:00", "00:15", "2027-01-01T00:15:00"),
    ],
)
def test_it_is_today_if_it_is_still_to_come_and_tomorrow_if_it_has_passed(now: str, clock: str, expected: str) -> None:
    assert next_time_of_day(clock, BERLIN, at(now, BERLIN)) == at(expected, BERLIN)


def test_the_day_is_that_of_the_zone() -> None:
    late = at("2026-12-01T23:30:00")
    assert next_time_of_day("09:00", "Asia/Tokyo", late) == at("2026-12-02T09:00:00", "Asia/Tokyo")
    assert next_time_of_day("09:00", "America/New_York", late) == at("2026-12-02T09:00:00", "America/New_York")


def test_a_time_that_a_day_lacks_is_as_long_after_the_change_as_it_would_have_been() -> None:
    evening = at("2026-03-28T20:00:00", BERLIN)
    assert next_time_of_day("02:30", BERLIN, evening) == at("2026-03-29T03:30:00", BERLIN)
    assert next_time_of_day("03:30", BERLIN, evening) == at("2026-03-29T03:30:00", BERLIN)


def test_a_time_that_a_day_has_twice_is_its_first_and_comes_once() -> None:
    evening = at("2026-10-24T20:00:00", BERLIN)
    first = next_time_of_day("02:30", BERLIN, evening)
    assert first == at("2026-10-25T02:30:00", BERLIN, fold=0)
    assert next_time_of_day("02:30", BERLIN, first) == at("2026-10-26T02:30:00", BERLIN)


def test_clocks_that_change_meanwhile_change_how_long_the_wait_is_and_not_what_they_show() -> None:
    before = at("2026-03-28T09:00:00", BERLIN)
    assert next_time_of_day("09:00", BERLIN, before) - before == 23 * 3600
    before = at("2026-10-24T09:00:00", BERLIN)
    assert next_time_of_day("09:00", BERLIN, before) - before == 25 * 3600


def test_clocks_that_are_set_forward_at_midnight_leave_no_day_out() -> None:
    """Beirut, 2026-03-29: after 23:59 comes 01:00."""
    evening = at("2026-03-28T23:59:00", "Asia/Beirut")
    assert next_time_of_day("00:30", "Asia/Beirut", evening) == at("2026-03-29T01:30:00", "Asia/Beirut")


@given(now=st.integers(1_700_000_000, 2_000_000_000), zone=st.sampled_from(sorted(zones())), clock=CLOCKS)
def test_it_is_always_ahead_within_a_day_and_the_clocks_show_it(now: int, zone: str, clock: str) -> None:
    moment = next_time_of_day(clock, zone, now)
    assert now < moment <= now + 27 * 3600
    shown = datetime.fromtimestamp(moment, ZoneInfo(zone))
    before = datetime.fromtimestamp(moment - 3 * 3600, ZoneInfo(zone))
    assert f"{shown:%H:%M}" == clock or shown.utcoffset() != before.utcoffset()


@pytest.fixture
def no_zones_of_the_system() -> Iterator[None]:
    """As on Lambda: only the package has time zones."""
    zoneinfo.reset_tzpath(())
    ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
    ZoneInfo.clear_cache()


@pytest.mark.usefixtures("no_zones_of_the_system")
def test_every_zone_that_an_author_may_write_is_found_where_the_system_has_none() -> None:
    assert {BERLIN, "UTC", "America/Argentina/Buenos_Aires"} < zones()
    for zone in zones():
        assert next_time_of_day("09:00", zone, 1_760_000_000) > 1_760_000_000


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "", "../../etc/passwd", "/etc/localtime"])
def test_a_zone_that_does_not_exist_is_an_error_and_no_file(zone: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        next_time_of_day("09:00", zone, 1_760_000_000)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2026-12-24T18:00:00+01:00", at("2026-12-24T17:00:00")),
        ("2026-12-24T17:00:00Z", at("2026-12-24T17:00:00")),
        (" 2026-12-24T17:00Z ", at("2026-12-24T17:00:00")),
        ("20261224T170000Z", at("2026-12-24T17:00:00")),
        ("2026-12-24T17:00:00.001Z", at("2026-12-24T17:00:00") + 1),  # never too early
        (1_760_000_000, 1_760_000_000),
        (1_760_000_000.5, 1_760_000_001),
        ("1760000000", 1_760_000_000),
    ],
)
def test_a_time_with_an_offset_or_in_seconds_is_taken(value: Any, seconds: int) -> None:
    assert moment_of(value) == seconds


@pytest.mark.parametrize(
    "value",
    ["", "soon", "2026-12-24", "2026-12-24T18:00:00", "18:00", "2026-13-01T00:00Z", "2026-12-24T25:00Z"]  # noqa: RUF005
    + [900, 20261224, "20261224", 1_760_000_000_000, -1, True, None, [], {}, {"at": 1_760_000_000}]
    + [float("nan"), float("inf"), 1e300, "9" * 5000, "١٧٦٠٠٠٠٠٠٠", "1_760_000_000", "[[x]]"],
)
def test_anything_else_holds_no_time(value: Any) -> None:
    assert moment_of(value) is None


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_the_ends_of_the_calendar_are_times(text: str) -> None:
    assert moment_of(text) is not None


@given(moment=st.datetimes(datetime(2001, 9, 10), datetime(2200, 1, 1)), offset=st.integers(-14 * 60, 14 * 60))
def test_every_spelling_of_a_moment_is_the_same_time(moment: datetime, offset: int) -> None:
    instant = moment.replace(tzinfo=UTC, microsecond=0)
    elsewhere = (instant + timedelta(minutes=offset)).replace(tzinfo=None)
    sign = "-" if offset < 0 else "+"
    written = f"{elsewhere.isoformat()}{sign}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    assert moment_of(written) == moment_of(int(instant.timestamp())) == int(instant.timestamp())
