"""`Scribe`: has each pressing written down in the logbook, those that changed nothing only now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from feedsvc.errors import StoreError
from feedsvc.logbook import Line, Outcome
from feedsvc.store import Store
from feedsvc.text import one_line

if TYPE_CHECKING:
    from feedsvc.press import Pressing

REST_SECONDS = 10.0
MOST_WAITING = 1_000
MOST_TEXT = 500


class Scribe:
    """Writes for one press, in one thread; what the database does not take now it gets with the next line.

    While a file is being written there are twenty pressings a second that change nothing: each is no reason for a transaction.
    """

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._waiting: list[Line] = []
        self._wrote = -REST_SECONDS

    def note(
        self, at: datetime, cause: str, seconds: float, pressing: Pressing | None = None, problem: str | None = None
    ) -> None:
        """Notes a pressing: what came of it, or the problem that it failed with."""
        if pressing is None:
            line = Line(at=at, cause=_short(cause), outcome=Outcome.FAILED, seconds=seconds, problem=_short(problem or ""))
        else:
            line = Line(
                at=at,
                cause=_short(cause),
                outcome=Outcome.UNCHANGED if pressing.generation is None else Outcome.PUBLISHED,
                seconds=round(seconds, 6),
                generation=pressing.generation,
                read=pressing.read,
                documents=pressing.documents,
                left=pressing.left,
                problem=_short(pressing.problem) if pressing.problem else None,
            )
        self._waiting = [*self._waiting[1 - MOST_WAITING :], line]
        if line.outcome is not Outcome.UNCHANGED or self._monotonic() - self._wrote >= REST_SECONDS:
            self.write()

    def write(self) -> None:
        """Writes down what waits for it."""
        if self._waiting:
            with suppress(StoreError):  # of which the pressing that needs the database tells
                self._store.note(self._waiting)
                self._waiting = []
                self._wrote = self._monotonic()


def _short(text: str) -> str:
    return one_line(text)[:MOST_TEXT]
