"""Times as the formats write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from feedsvc.formats import dates
from support.newsroom import times


@pytest.mark.parametrize(
    ("time", "written"),
    [
        (datetime(2026, 5, 21, 9, tzinfo=UTC), "2026-05-21T09:00:00Z"),
        (datetime(1970, 1, 1, tzinfo=UTC), "1970-01-01T00:00:00Z"),
        (datetime(2026, 5, 21, 9, 0, 0, 999_999, tzinfo=UTC), "2026-05-21T09:00:00Z"),
        (datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))), "2025-12-31T23:30:00Z"),
    ],
)
def test_rfc3339(time, written):
    assert dates.rfc3339(time) == written


@given(times())
def test_rfc3339_is_read_back_to_the_second(time):
    assert datetime.fromisoformat(dates.rfc3339(time)) == time.replace(microsecond=0)


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", "31 December 2025"), ("Europe/Berlin", "1 January 2026"), ("America/Lima", "31 December 2025")]
)
def test_a_day_is_told_in_its_zone(zone, day):
    assert dates.day(datetime(2025, 12, 31, 23, 30, tzinfo=UTC), ZoneInfo(zone)) == day
