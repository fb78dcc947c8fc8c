"""Times as the formats write them. Pure; independent of the process's locale."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from datetime import date as calendar_date

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def rfc3339(time: datetime) -> str:
    """A time to the second, in UTC, as `2026-05-21T09:00:00Z` (RFC 3339)."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def day(time: datetime, zone: tzinfo) -> str:
    """The day that a time falls on in a zone, for people, as `21 May 2026`."""
    return date(time.astimezone(zone))


def date(day: calendar_date) -> str:
    """A day for people, as `21 May 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
