"""The brake: whether so many articles are gone at once that a person must confirm it, and which removals were confirmed.

Pure: no I/O, no clock, no globals; `now` is passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc.model.hashing import digest
from feedsvc.model.record import Record, State

BRAKE_NUMBER = 5
BRAKE_SHARE = 0.3
BRAKE_WINDOW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Brake:
    """The brake while it holds: the message for people, and the key that a confirmation must name.

    `key` says which articles are gone and since when, so that a confirmation is only for these.
    """

    problem: str
    key: str

    @classmethod
    def for_articles(cls, gone: Mapping[str, Record], standing: int, before: str, now: datetime) -> Brake:
        """The brake that holds these articles; `before` is the key of the one that held in the last build, if one did."""
        which = digest(*sorted(gone))
        same = before.startswith(f"{which} ")
        problem = f"{len(gone)} of {standing} articles are gone at once; all stay published until: feedsvc accept-removals"
        return cls(problem, before if same else f"{which} {now.isoformat()}")


def braked(gone: int, records: Iterable[Record], standing: int, now: datetime) -> bool:
    """Whether so many files are gone at once that a person must confirm it: more than 5 and more than 30 % of the articles.

    Recent removals count too, because a folder that is being deleted is seen in parts.
    """
    just_removed = sum(1 for record in records if record.state is State.REMOVED and now - record.since < BRAKE_WINDOW)
    number = gone + just_removed
    return number > BRAKE_NUMBER and number > BRAKE_SHARE * (standing + just_removed)
