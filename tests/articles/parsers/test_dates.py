"""Dates as people write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.articles.parsers.dates import _any_date, read_date

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-05-21T09:00:00Z", datetime(2026, 5, 21, 9, tzinfo=UTC)),
        ("2026-05-21t09:00z", datetime(2026, 5, 21, 9, tzinfo=UTC)),
        ("2026-05-21 09:00 Z", datetime(2026, 5, 21, 9, tzinfo=UTC)),
        ("2026-05-21 9:00 UTC", datetime(2026, 5, 21, 9, tzinfo=UTC)),
        (" 2026-5-1  9:00 GMT ", datetime(2026, 5, 1, 9, tzinfo=UTC)),
        ("2026-05-21T09:00:00+01:00", datetime(2026, 5, 21, 8, tzinfo=UTC)),
        ("2026-05-21 9:00:00 +0100", datetime(2026, 5, 21, 8, tzinfo=UTC)),
        ("2026-05-21 09:00 -5", datetime(2026, 5, 21, 14, tzinfo=UTC)),
        ("2026-05-21T23:30:00.999999-00:30", datetime(2026, 5, 22, 0, 0, tzinfo=UTC)),
        ("2026-05-21T09:00:59,9Z", datetime(2026, 5, 21, 9, 0, 59, tzinfo=UTC)),
        ("2024-02-29T00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2026/05/21 09:00 +0100", datetime(2026, 5, 21, 8, tzinfo=UTC)),
        ("2026/5/1 9:00:00 Z", datetime(2026, 5, 1, 9, tzinfo=UTC)),
        ("2026.05.21 09:00 UTC", datetime(2026, 5, 21, 9, tzinfo=UTC)),
        ("20260521T090000Z", datetime(2026, 5, 21, 9, tzinfo=UTC)),
        ("20260521T0900+0100", datetime(2026, 5, 21, 8, tzinfo=UTC)),
        ("2026-05-21 9:00 PM Z", datetime(2026, 5, 21, 21, tzinfo=UTC)),
        ("2026-05-21 12:30 a.m. Z", datetime(2026, 5, 21, 0, 30, tzinfo=UTC)),
        ("Thu, 21 May 2026 09:00:00 +0100", datetime(2026, 5, 21, 8, tzinfo=UTC)),
        ("21 May 2026 09:00:00 GMT", datetime(2026, 5, 21, 9, tzinfo=UTC)),
        ("Thu, 21 May 2026 09:00 EDT", datetime(2026, 5, 21, 13, tzinfo=UTC)),
        ("21-May-2026 09:00 Z", datetime(2026, 5, 21, 9, tzinfo=UTC)),
        ("May 21, 2026, 9:00 AM -0500", datetime(2026, 5, 21, 14, tzinfo=UTC)),
        ("Thu May 21 2026 09:00:00 GMT+0100 (British Summer Time)", datetime(2026, 5, 21, 8, tzinfo=UTC)),
        ("1st September 2026 at 10:00 Z", datetime(2026, 9, 1, 10, tzinfo=UTC)),
        ("1767225600", datetime(2026, 1, 1, tzinfo=UTC)),
        ("1767225600123", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-05-21 09:00 UT", datetime(2026, 5, 21, 9, tzinfo=UTC)),
        ("2026-05-21 09:00 Europe/London", datetime(2026, 5, 21, 8, tzinfo=UTC)),
        ("2026-05-21 9:00 PM (Europe/London)", datetime(2026, 5, 21, 20, tzinfo=UTC)),
        ("2026-05-21 09:00 +02:00 [Europe/Paris]", datetime(2026, 5, 21, 7, tzinfo=UTC)),
        ("2026-05-21 09:00 +0200 CEST", datetime(2026, 5, 21, 7, tzinfo=UTC)),
        ("1970-01-01T00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2100-12-31T23:59:59Z", datetime(2100, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_date_with_an_offset(written: str, moment: datetime) -> None:
    assert read_date(written, LONDON) == (moment, "")


@pytest.mark.parametrize(
    ("written", "moment", "warning"),
    [
        ("2026-05-21", datetime(2026, 5, 20, 23, tzinfo=UTC), "no time zone; it is read as Europe/London time"),
        ("2026/01/21", datetime(2026, 1, 21, tzinfo=UTC), "no time zone; it is read as Europe/London time"),
        ("20260121", datetime(2026, 1, 21, tzinfo=UTC), "no time zone; it is read as Europe/London time"),
        ("21 January 2026", datetime(2026, 1, 21, tzinfo=UTC), "no time zone; it is read as Europe/London time"),
        ("Jan 21, 2026", datetime(2026, 1, 21, tzinfo=UTC), "no time zone; it is read as Europe/London time"),
        ("2026-01-21 09:00", datetime(2026, 1, 21, 9, tzinfo=UTC), "no time zone; it is read as Europe/London time"),
        ("2026-03-29 01:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "where the clocks skip that time"),
        ("2026-10-25 01:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "where that time comes twice; the first is meant"),
    ],
)
def test_a_date_without_an_offset_is_in_the_site_s_zone(written: str, moment: datetime, warning: str) -> None:
    found, said = read_date(written, LONDON)
    assert found == moment
    assert said.startswith(f'"{written}" has no time zone') and said.endswith(warning)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2024-02-30", '"2024-02-30" is not a date'),
        ("2026-13-01", '"2026-13-01" is not a date'),
        ("2026-00-10", "is not a date"),
        ("tomorrow", "is not a date such as 2026-05-21"),
        ("2026/02-30", "is not a date such as"),
        ("2026/02/30", '"2026/02/30" is not a date'),
        ("20260230", '"20260230" is not a date'),
        ("30 February 2026", '"30 February 2026" is not a date'),
        ("31 Juny 2026", "is not a date such as"),
        ("2026-05-21 13:00 PM Z", "is not a time of day"),
        ("2026052109", "is not a date such as"),
        ("0767225600", "is not a date such as"),
        ("176722560", "is not a date such as"),
        ("17672256000", "is not a date such as"),
        ("2026-05-21 09:00 Europe/Paris", "has a time zone by its name; write its offset instead"),
        ("2026-05-21 09:00 CET", "has a time zone by its name; write its offset instead"),
        ("4 May 2026 09:00 CEST", "has a time zone by its name; write its offset instead"),
        ("2026-05-21 Europe/London", "is not a date such as"),
        ("21/05/2026", "has its year last; write 2026-05-21"),
        ("2026-05-21T", "is not a date such as"),
        ("2026-05-21 09:00 BST", "has a time zone by its name; write its offset instead"),
        ("2026-05-21Z", "is not a date such as"),
        ("٢٠٢٦-٠٥-٢١", "is not a date such as"),
        ("2026-05-21T25:00Z", "is not a time of day"),
        ("2026-05-21T24:00Z", "is not a time of day"),
        ("2026-05-21T09:60Z", "is not a time of day"),
        ("2026-05-21T09:00:60Z", "is not a time of day"),
        ("2026-05-21T09:00-15:00", "an offset from UTC that no place on earth has"),
        ("2026-05-21T09:00+01:75", "an offset from UTC that no place on earth has"),
        ("0000-01-01", "is outside the years 1970 to 2100"),
        ("1969-12-31", "is outside the years 1970 to 2100"),
        ("9999-12-31T23:59-12:00", "is outside the years 1970 to 2100"),
        ("1970-01-01T00:00+01:00", "is outside the years 1970 to 2100 in UTC"),
        ("2100-12-31T23:30-01:00", "is outside the years 1970 to 2100 in UTC"),
    ],
)
def test_what_is_no_date_is_refused(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_date(written, LONDON)


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2100, 12, 1), timezones=st.timezones()),
    st.sampled_from(["Europe/London", "Australia/Lord_Howe", "UTC"]),
)
def test_a_date_with_an_offset_keeps_its_moment(moment: datetime, zone: str) -> None:
    moment = moment.replace(microsecond=0)
    offset = moment.utcoffset()
    if offset is not None and offset.seconds % 60 == 0:  # before railways, places kept seconds of their own
        assert read_date(moment.isoformat(), ZoneInfo(zone)) == (moment.astimezone(UTC), "")


@given(st.text(st.sampled_from("0123456789-T:Z+ .,UTCG"), max_size=30))
def test_any_text_is_a_date_in_utc_or_refused(text: str) -> None:
    try:
        moment, _ = read_date(text, LONDON)
    except ValueError:
        return
    assert moment.tzinfo is UTC and moment.microsecond == 0 and 1970 <= moment.year <= 2100


_LIKE_A_MOMENT = (
    r"(19|20|21)[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9](:[0-6][0-9])?(Z|[+-][01][0-9]:[0-7][0-9])"  # or nearly one
)


def _said(read: Callable[[str, ZoneInfo], tuple[datetime, str]], text: str) -> tuple[datetime, str] | str:
    try:
        return read(text, LONDON)
    except ValueError as error:
        return str(error)


@given(st.from_regex(_LIKE_A_MOMENT, fullmatch=True))
@example("1970-01-01T00:00+01:00")
@example("2026-05-21T24:00Z")
@example("2026-05-21T09:00+14:30")
@example("9999-12-31T23:59-10:00")
def test_a_moment_is_read_the_quick_way_as_the_slow_one(text: str) -> None:
    assert _said(read_date, text) == _said(_any_date, text)
