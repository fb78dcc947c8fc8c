"""Dates as people and programs write them: ISO 8601 and its kin, RFC 5322, and with English months. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from feedsvc.articles.parsers.faults import quoted
from feedsvc.model.article import EARLIEST_YEAR, LATEST_YEAR

_TIME = (
    r"(?P<hour>\d{1,2})(?::?(?P<minute>\d{2}))(?::?(?P<second>\d{2})(?:[.,]\d+)?)?(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?:\s*(?P<offset>[Zz]|(?P<named>[ECMP][SD]T)|(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?|UTC|GMT|UT))?"
)
_TIME_WITH_COLON = _TIME.replace("(?::?(?P<minute>", "(?::(?P<minute>").replace("(?::?(?P<second>", "(?::(?P<second>")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<name>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
_MONTH += r"|Nov(?:ember)?|Dec(?:ember)?)\.?"
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\s+)?"
_BEHIND = rf"(?:,?\s+(?:at\s+)?{_TIME_WITH_COLON}(?:\s*\([^()]*\))?)?"
# ISO 8601 and its kin with slashes and dots; its basic form; RFC 5322, 3.3; and as Americans and JavaScript write it.
_DATES = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        rf"(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})(?:(?:T|\s+){_TIME_WITH_COLON})?",
        rf"(?P<year>\d{{4}})(?P<month>\d{{2}})(?P<day>\d{{2}})(?:T{_TIME})?",
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{_MONTH},?[\s-]+(?P<year>\d{{4}}){_BEHIND}",
        rf"{_WEEKDAY}{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_BEHIND}",
    )
)
# Day and month in the order of whoever wrote it, which is not the same everywhere.
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T,\s]+(\d{1,2}:[\d:]{2,5}))?(?![\d:]).*", re.ASCII)
_EXACT = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:Z|[+-][01]\d:[0-5]\d)", re.ASCII)
# The zones of RFC 5322, 4.3.
_ZONES = {"E": -5, "C": -6, "M": -7, "P": -8}
_FARTHEST = timedelta(hours=14)
_NO_TIME = timedelta()
# Seconds since 1970 (POSIX.1, 4.16), and milliseconds: moments from 2001 to 2033, which no date in digits alone looks like.
_EPOCH = re.compile(r"(1\d{9})(?:\d{3})?", re.ASCII)
_ZONE_NAME = re.compile(r"[A-Z]{2,5}|[A-Z][A-Za-z_]+(?:/[A-Z][\w+-]*){1,2}", re.ASCII)


def read_date(text: str, zone: ZoneInfo) -> tuple[datetime, str]:
    """A written date in UTC, in whole seconds, and a warning or "".

    Without an offset it is meant in `zone`; a date alone is its midnight. Raises `ValueError` with a reason that fits behind the
    text, such as `"2024-02-30" is not a date`.
    """
    if _EXACT.fullmatch(text) and (moment := _exact(text)):
        return moment, ""
    return _any_date(text, zone)


def _exact(text: str) -> datetime | None:
    """What `_any_date` makes of the commonest way to write a moment, in a third of the time; None where anything is wrong."""
    try:
        wall = datetime.fromisoformat(text)
        moment = wall.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    sound = all(EARLIEST_YEAR <= year <= LATEST_YEAR for year in (wall.year, moment.year))
    return moment if sound and abs(wall.utcoffset() or _NO_TIME) <= _FARTHEST else None


def _any_date(text: str, zone: ZoneInfo) -> tuple[datetime, str]:
    shown = quoted(text)
    written = text.strip()
    if epoch := _EPOCH.fullmatch(written):
        return datetime.fromtimestamp(int(epoch[1]), UTC), ""
    found, named = _found(written), ""
    if not found:
        rest, _, last = written.rpartition(" ")
        named = last.strip("()[]")
        found = _found(rest.rstrip()) if _ZONE_NAME.fullmatch(named) else None
        if found and found["hour"] and not found["offset"] and named != zone.key:
            raise ValueError(f"{shown} has a time zone by its name; write its offset instead, such as 2026-05-21 09:00 +01:00")
    if not found or (named and not found["hour"]):
        raise ValueError(f"{shown} {_how_to_write(written)}")
    parts = found.groupdict()
    year, day = int(found["year"]), int(found["day"])
    month = 1 + _MONTHS.index(parts["name"][:3].lower()) if parts.get("name") else int(found["month"])
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValueError(f"{shown} is outside the years {EARLIEST_YEAR} to {LATEST_YEAR}")
    try:
        midnight = datetime(year, month, day)
    except ValueError as error:
        raise ValueError(f"{shown} is not a date") from error
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"{shown} is not a time of day")
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"{shown} is not a time of day")
    wall = midnight.replace(hour=hour, minute=minute, second=second)
    if found["offset"] and (offset := _offset(found, shown)):
        moment, warning = wall.replace(tzinfo=offset).astimezone(UTC), ""
    else:
        has = "an offset that no place on earth has" if found["offset"] else "a time zone by its name" if named else "no time zone"
        moment, warning = _in_zone(wall, zone, shown, has)
        if named and ", where" not in warning:
            warning = ""
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise ValueError(f"{shown} is outside the years {EARLIEST_YEAR} to {LATEST_YEAR} in UTC")
    return moment, warning


def _found(written: str) -> re.Match[str] | None:
    return next((found for pattern in _DATES if (found := pattern.fullmatch(written))), None)


def _how_to_write(written: str) -> str:
    """What to write instead of what is no date: where day and month may be either, both are named and none is guessed."""
    if found := _YEAR_LAST.fullmatch(written):
        one, other, year, time = int(found[1]), int(found[3]), int(found[4]), found[5]
        dates = {f"{year:04}-{month:02}-{day:02}" for day, month in ((one, other), (other, one)) if _exists(year, month, day)}
        offers = [f"{date} {time}" if time else date for date in sorted(dates, reverse=True)]
        if len(offers) == 1:
            return f"has its year last; write {offers[0]}"
        if offers:
            return f"may be either of two days; write {' or '.join(offers)}"
    return "is not a date such as 2026-05-21 or 2026-05-21T09:00:00+01:00"


def _exists(year: int, month: int, day: int) -> bool:
    try:
        return EARLIEST_YEAR <= datetime(year, month, day).year <= LATEST_YEAR
    except ValueError:
        return False


def _offset(found: re.Match[str], shown: str) -> timezone | None:
    """The offset that is written; None for one so far east that it can only be a slip, and the site's time is later in any case."""
    if found["named"]:
        return timezone(timedelta(hours=_ZONES[found["named"][0].upper()] + (found["named"][1].upper() == "D")))
    if not found["sign"]:
        return UTC
    minutes = int(found["minutes"] or 0)
    offset = timedelta(hours=int(found["hours"]), minutes=minutes)
    if _FARTHEST < offset < timedelta(days=1) and minutes <= 59 and found["sign"] == "+":
        return None
    if offset > _FARTHEST or minutes > 59:
        raise ValueError(f"{shown} has an offset from UTC that no place on earth has")
    return timezone(-offset if found["sign"] == "-" else offset)


def _in_zone(wall: datetime, zone: ZoneInfo, shown: str, has: str) -> tuple[datetime, str]:
    first = wall.replace(tzinfo=zone, fold=0)
    moment = first.astimezone(UTC)
    warning = f"{shown} has {has}; it is read as {zone.key} time"
    # PEP 495: with fold=0 a time in a gap has the offset before it, and a time that comes twice is the first of the two.
    if moment.astimezone(zone).replace(tzinfo=None) != wall:
        warning += ", where the clocks skip that time"
    elif first.utcoffset() != wall.replace(tzinfo=zone, fold=1).utcoffset():
        warning += ", where that time comes twice; the first is meant"
    return moment, warning
