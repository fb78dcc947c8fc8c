"""`History`: the last builds with their outcomes, and the durations of all builds.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import msgspec

KEPT = 50
# Upper bounds of durations in seconds, as Prometheus counts them; "+Inf" counts what is longer.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
_NAMES = (*map(str, BOUNDS), "+Inf")


class BuildOutcome(StrEnum):
    """How a build ended."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildEntry:
    """One build; `left` is how many files it left for the next, `problem` what needs attention.

    `pictures` is how many were still to be made after it.
    """

    at: datetime
    cause: str
    outcome: BuildOutcome
    seconds: float
    generation: int | None = None
    read: int = 0
    documents: int = 0
    left: int = 0
    pictures: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many builds there were, by the upper bound of their duration, and how long they took together."""

    seconds: float = 0.0
    counts: Mapping[str, int] = field(default_factory=dict)

    def add(self, seconds: float) -> Tally:
        """This tally with one more build."""
        bound = _NAMES[bisect_left(BOUNDS, seconds)]
        return Tally(self.seconds + seconds, {**self.counts, bound: self.counts.get(bound, 0) + 1})

    def cumulative(self) -> list[tuple[str, int]]:
        """How many took no longer than each bound."""
        found, total = [], 0
        for name in _NAMES:
            total += self.counts.get(name, 0)
            found.append((name, total))
        return found

    @property
    def number(self) -> int:
        """How many builds there were."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class History:
    """`lines` are newest first; `looked` is when the last build that did not fail began, `pictures` how many it left to be made."""

    lines: tuple[BuildEntry, ...] = ()
    tallies: Mapping[BuildOutcome, Tally] = field(default_factory=dict)
    looked: datetime | None = None
    pictures: int = 0

    def with_lines(self, lines: Iterable[BuildEntry]) -> History:
        """This history with more builds, in their order."""
        book = self
        for line in lines:
            book = book._with(line)
        return book

    def _with(self, line: BuildEntry) -> History:
        tally = self.tallies.get(line.outcome, Tally()).add(line.seconds)
        book = replace(self, tallies={**self.tallies, line.outcome: tally})
        if line.outcome is not BuildOutcome.FAILED:
            book = replace(book, looked=line.at, pictures=line.pictures)
        if line.outcome is BuildOutcome.UNCHANGED and not line.problem:
            return book
        # A failure that repeats every few seconds must not push out everything else.
        last = self.lines[0] if self.lines else None
        again = last and last.outcome is line.outcome is not BuildOutcome.PUBLISHED and last.problem == line.problem
        return replace(book, lines=(line, *self.lines[1 if again else 0 :])[:KEPT])


_history_of = msgspec.json.Decoder(History).decode


def read_history(text: str | None) -> History:
    """The history that was written as JSON; an empty one if it can't be read."""
    try:
        return _history_of(text or "{}")
    except msgspec.MsgspecError:
        return History()


def write_history(history: History) -> str:
    """A history as JSON."""
    return msgspec.json.encode(history).decode()
