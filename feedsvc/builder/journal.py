"""`Journal`: adds each build to the history; those that changed nothing are written only from time to time."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from feedsvc.errors import StoreError
from feedsvc.model.history import BuildEntry, BuildOutcome
from feedsvc.storage.store import Store
from feedsvc.text import one_line

if TYPE_CHECKING:
    from feedsvc.builder.build import BuildResult

REST_SECONDS = 10.0
MOST_WAITING = 1_000
MOST_TEXT = 500


class Journal:
    """Used by one builder, in one thread; what can't be written to the database now is written with the next entry.

    While a file is being written, twenty builds a second change nothing; they are not worth a transaction each.
    """

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._waiting: list[BuildEntry] = []
        self._wrote = -REST_SECONDS
        self._pictures = 0

    def note(
        self, at: datetime, cause: str, seconds: float, build: BuildResult | None = None, problem: str | None = None
    ) -> None:
        """Adds a build: its result, or the problem with which it failed."""
        if build is None:
            failed = BuildOutcome.FAILED
            line = BuildEntry(at=at, cause=_short(cause), outcome=failed, seconds=seconds, problem=_short(problem or ""))
        else:
            line = BuildEntry(
                at=at,
                cause=_short(cause),
                outcome=BuildOutcome.UNCHANGED if build.generation is None else BuildOutcome.PUBLISHED,
                seconds=round(seconds, 6),
                generation=build.generation,
                read=build.read,
                documents=build.documents,
                left=build.left,
                pictures=build.pictures,
                problem=_short(build.problem) if build.problem else None,
            )
        self._waiting = [*self._waiting[1 - MOST_WAITING :], line]
        changed = line.outcome is not BuildOutcome.UNCHANGED or line.pictures != self._pictures
        self._pictures = line.pictures
        if changed or self._monotonic() - self._wrote >= REST_SECONDS:
            self.write()

    def write(self) -> None:
        """Writes what has not been written yet."""
        if self._waiting:
            with suppress(StoreError):  # reported by the next build that needs the database
                self._store.note(self._waiting)
                self._waiting = []
                self._wrote = self._monotonic()


def _short(text: str) -> str:
    return one_line(text)[:MOST_TEXT]
