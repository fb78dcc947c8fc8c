"""Dates as people write them: ISO 8601, and what YAML's writers make of it. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from feedsvc.articles.parsers.faults import quoted
from feedsvc.model.article import EARLIEST_YEAR, LATEST_YEAR

_DATE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:(?:[Tt]|\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<offset>[Zz]|UTC|GMT|(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?)?)?",
    re.ASCII,
)
_FARTHEST = timedelta(hours=14)


def read_date(text: str, zone: ZoneInfo) -> tuple[datetime, str]:
    """A written date in UTC, in whole seconds, and a warning or "".

    Without an offset it is meant in `zone`; a date alone is its midnight. Raises `ValueError` with a reason that fits behind the
    text, such as `"2024-02-30" is not a date`.
    """
    shown = quoted(text)
    found = _DATE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{shown} is not a date such as 2026-05-21 or 2026-05-21T09:00:00+01:00")
    year, month, day = (int(found[name]) for name in ("year", "month", "day"))
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValueError(f"{shown} is outside the years {EARLIEST_YEAR} to {LATEST_YEAR}")
    try:
        midnight = datetime(year, month, day)
    except ValueError as error:
        raise ValueError(f"{shown} is not a date") from error
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"{shown} is not a time of day")
    wall = midnight.replace(hour=hour, minute=minute, second=second)
    if found["offset"]:
        moment, warning = wall.replace(tzinfo=_offset(found, shown)).astimezone(UTC), ""
    else:
        moment, warning = _in_zone(wall, zone, shown)
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise ValueError(f"{shown} is outside the years {EARLIEST_YEAR} to {LATEST_YEAR} in UTC")
    return moment, warning


def _offset(found: re.Match[str], shown: str) -> timezone:
    if not found["sign"]:
        return UTC
    minutes = int(found["minutes"] or 0)
    offset = timedelta(hours=int(found["hours"]), minutes=minutes)
    if offset > _FARTHEST or minutes > 59:
        raise ValueError(f"{shown} has an offset from UTC that no place on earth has")
    return timezone(-offset if found["sign"] == "-" else offset)


def _in_zone(wall: datetime, zone: ZoneInfo, shown: str) -> tuple[datetime, str]:
    first = wall.replace(tzinfo=zone, fold=0)
    moment = first.astimezone(UTC)
    warning = f"{shown} has no time zone; it is read as {zone.key} time"
    # PEP 495: with fold=0 a time in a gap has the offset before it, and a time that comes twice is the first of the two.
    if moment.astimezone(zone).replace(tzinfo=None) != wall:
        warning += ", where the clocks skip that time"
    elif first.utcoffset() != wall.replace(tzinfo=zone, fold=1).utcoffset():
        warning += ", where that time comes twice; the first is meant"
    return moment, warning
