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


def month(name: str) -> str:
    """The month of an archive's name for people, as `May 2026`, with the part of it from the second on."""
    year, number, *part = name.split("-")
    return f"{_MONTHS[int(number) - 1]} {year}{', part ' + part[0] if part else ''}"


def day(time: datetime, zone: tzinfo) -> str:
    """The day that a time falls on in a zone, for people, as `21 May 2026`."""
    return date(time.astimezone(zone))


def date(day: calendar_date) -> str:
    """A day for people, as `21 May 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
