"""The brake: whether so many articles are gone at once that a person must confirm it.

Pure: no I/O, no clock, no globals; `now` comes in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from feedsvc.model.record import Record, State

BRAKE_NUMBER = 5
BRAKE_SHARE = 0.3
BRAKE_WINDOW = timedelta(minutes=2)


def braked(gone: int, records: Iterable[Record], standing: int, now: datetime) -> bool:
    """Whether so many files are gone at once that a person must confirm it: more than 5 and more than 30 % of the articles.

    What was removed a moment ago counts with them, since a folder that is being deleted is seen in parts.
    """
    just_removed = sum(1 for record in records if record.state is State.REMOVED and now - record.since < BRAKE_WINDOW)
    number = gone + just_removed
    return number > BRAKE_NUMBER and number > BRAKE_SHARE * (standing + just_removed)
