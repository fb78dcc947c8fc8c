"""`Alarm`: something that may fail and work again. A failure is over when it has worked for a while, so that the log does not
report every failure and recovery of something that fails from time to time.
"""

from __future__ import annotations

import time
from collections.abc import Callable

HOLD_SECONDS = 10.0  # longer than any wait before a retry
MOST_PROBLEMS = 100


class Alarm:
    """Whether one thing fails, and what is new about it; `problem` is the last failure, None if there is none."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._works_since: float | None = None
        self._said: set[str] = set()
        self.problem: str | None = None

    def failed(self, problem: str) -> bool:
        """Notes a failure; whether it is new, which it is once until everything is over."""
        self.problem, self._works_since = problem, None
        if problem in self._said:
            return False
        if len(self._said) == MOST_PROBLEMS:
            self._said.clear()
        self._said.add(problem)
        return True

    def worked(self) -> bool:
        """Notes a success; whether all reported failures are over, which is true once."""
        if self.problem is None:
            return False
        now = self._monotonic()
        if self._works_since is None:
            self._works_since = now
        if now - self._works_since < HOLD_SECONDS:
            return False
        self.problem = None
        self._said.clear()
        return True
