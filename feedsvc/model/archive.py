"""Archives: a topic's articles by month, in documents that no longer change once the month is over (RFC 5005, 4).

Pure: no I/O, no clock, no globals. A month that is too big for one document has several parts. They are numbered from the oldest
article on, so that a new article in the current month changes only its last part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from feedsvc.model.record import Record

PART_BYTES = 1_900_000
PART_ENTRIES = 500

_NAME = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))(?:-([2-9]|[1-9]\d{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """A topic's month, or a part of it: the time of its newest event, and the ids of its articles, oldest first."""

    updated: datetime
    ids: tuple[str, ...]


def month_of(moment: datetime, zone: tzinfo) -> str:
    """The month of a moment in a time zone, such as `2026-05`."""
    return moment.astimezone(zone).isoformat()[:7]


def span(month: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first moment of a month, and that of the next."""
    year, number = int(month[:4]), int(month[5:])
    return datetime(year, number, 1, tzinfo=zone), datetime(year + number // 12, number % 12 + 1, 1, tzinfo=zone)


def name(month: str, number: int) -> str:
    """The name of an archive: its month, and from the second part on its number too."""
    return month if number == 1 else f"{month}-{number}"


def read_name(text: str) -> tuple[str, int] | None:
    """The month and the number in an archive's name; None for any other text."""
    found = _NAME.fullmatch(text)
    return (found[1], int(found[2] or 1)) if found else None


def in_parts(records: Iterable[Record], size_of: Callable[[Record], int] = lambda record: record.size) -> list[list[Record]]:
    """Splits records into parts that each fit into a document, however long the articles are; `size_of` gives an entry's bytes."""
    parts: list[list[Record]] = []
    size = 0
    for record in records:
        entry = size_of(record)
        size += entry
        if not parts or size > PART_BYTES or len(parts[-1]) == PART_ENTRIES:
            parts.append([])
            size = entry
        parts[-1].append(record)
    return parts
