"""`Lane`: threads that make answers, behind a queue with a bound and a deadline.

If a thread hangs, because a database or a disk does not answer, its client still gets an answer in time, and the queue never grows
beyond its bound. Clients take turns, so that one with many requests does not delay the others.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue

from feedsvc.alarm import Alarm
from feedsvc.web.responses import Response

log = logging.getLogger("feedsvc.server")


class _Job:
    """One answer to make; `done` gets it, or None if it comes too late."""

    def __init__(self, what: str, client: str, make: Callable[[], Response], done: Callable[[Response | None], None]) -> None:
        self.what, self.client, self.make, self.done = what, client, make, done
        self.timer: asyncio.TimerHandle | None = None
        self.late = False


class Lane:
    """A number of threads, the most answers that may wait, and the seconds within which each is given."""

    def __init__(self, name: str, *, threads: int, waiting: int, seconds: float) -> None:
        self._name = name
        self._most = waiting
        self._seconds = seconds
        self._waiting: OrderedDict[str, dict[_Job, None]] = OrderedDict()  # by client, next turn first
        self._number = 0
        self._free = threads
        self._alarm = Alarm()
        self._orders: SimpleQueue[_Job] = SimpleQueue()
        self._threads = threads

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Starts the threads, which end with the process, even if they hang."""
        self._loop = loop
        for number in range(self._threads):
            threading.Thread(target=self._work, name=f"{self._name} {number}", daemon=True).start()

    def ask(self, what: str, client: str, make: Callable[[], Response], done: Callable[[Response | None], None]) -> None:
        """Has an answer made, named `what` in the log; `done` gets None if there is no room, or it comes too late."""
        if self._number >= self._most and not self._free:
            self._loop.call_soon(done, None)
            return
        job = _Job(what, client, make, done)
        job.timer = self._loop.call_later(self._seconds, self._overdue, job)
        self._waiting.setdefault(client, {})[job] = None
        self._number += 1
        self._hand_out()

    def _hand_out(self) -> None:
        while self._free and self._waiting:
            client, jobs = next(iter(self._waiting.items()))
            job = next(iter(jobs))
            self._take_out(job)
            if jobs:
                self._waiting.move_to_end(client)
            self._free -= 1
            self._orders.put(job)

    def _take_out(self, job: _Job) -> bool:
        jobs = self._waiting.get(job.client, {})
        if job not in jobs:
            return False
        del jobs[job]
        self._number -= 1
        if not jobs:
            del self._waiting[job.client]
        return True

    def _work(self) -> None:
        while True:
            job = self._orders.get()
            response = job.make()
            try:
                self._loop.call_soon_threadsafe(partial(self._finish, job, response))
            except RuntimeError:  # the loop is closed, and nothing waits any more
                return

    def _finish(self, job: _Job, response: Response) -> None:
        self._free += 1
        if not job.late:
            assert job.timer  # noqa: S101 - for the type checker
            job.timer.cancel()
            job.done(response)
            if self._alarm.worked():
                log.info("%s: answers come in time again", self._name)
        self._hand_out()

    def _overdue(self, job: _Job) -> None:
        job.late = True
        if not self._take_out(job) and self._alarm.failed("stuck"):
            said = "%s: no answer in %g s, first to %s; requests for what is not in memory get 503 until it answers"
            log.error(said, self._name, self._seconds, job.what)
        job.done(None)
