"""`Contact`: whether a database answers, known from the thread that asks it all the time, so that no other must find out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 3.0  # then nothing else is asked until the thread that polls has an answer


class Contact:
    """How long a question has had no answer; one thread asks, any may look."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._due: float | None = None

    @contextmanager
    def asking(self, allowed: float = 0.0) -> Iterator[None]:
        """Around a question; `allowed` is how many seconds its answer may take before the database counts as silent.

        An error is an answer, unless the silence was long enough for it to be the end of a lost connection.
        """
        if self._due is None:
            self._due = self._monotonic() + allowed
        try:
            yield
        except BaseException:
            if not self.lost:
                self._due = None
            raise
        self._due = None

    @property
    def silence(self) -> float:
        """The seconds for which an answer has been due, 0 if none is."""
        due = self._due
        return 0.0 if due is None else max(0.0, self._monotonic() - due)

    @property
    def lost(self) -> bool:
        """Whether it is not worth while to ask anything else."""
        return self.silence > PATIENCE_SECONDS
