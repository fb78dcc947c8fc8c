"""`Alarm`: something that fails and works again, perhaps by turns. It is over when it has worked for a while, so that a log never
says in turn that a thing fails and that it is well.
"""

from __future__ import annotations

import time
from collections.abc import Callable

HOLD_SECONDS = 10.0  # longer than anything here waits before it tries again
MOST_PROBLEMS = 100


class Alarm:
    """Whether there is news of one thing that may fail; `problem` is the last failure, None when nothing is wrong."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._works_since: float | None = None
        self._said: set[str] = set()
        self.problem: str | None = None

    def failed(self, problem: str) -> bool:
        """Notes a failure; whether it is news, which it is once until all is over."""
        self.problem, self._works_since = problem, None
        if problem in self._said:
            return False
        if len(self._said) == MOST_PROBLEMS:
            self._said.clear()
        self._said.add(problem)
        return True

    def worked(self) -> bool:
        """Notes a success; whether all that was said is over with it, which is true once."""
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
