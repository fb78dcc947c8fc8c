"""`ProcessGroup`: the processes of a service under one set of settings: a builder and the web workers, each with its keeper.

What only one kind of process needs is imported where it begins. What a process is given is plain, so that one of a newer
release may be begun by an older main process.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import partial
from multiprocessing.context import ForkServerProcess
from typing import Any, NamedTuple

from feedsvc.logs import set_up_logging
from feedsvc.processes.counters import RequestCounters
from feedsvc.processes.forkserver import ForkServer
from feedsvc.processes.notices import Notices
from feedsvc.processes.procfs import call_itself
from feedsvc.settings import MOST_WORKERS, Settings
from feedsvc.supervisor.child import DRAIN_SECONDS, Child
from feedsvc.supervisor.sockets import ListeningSockets

BUILD_SECONDS = 60  # for the build under way, at a reload
ROWS = 2 * MOST_WORKERS  # of those that begin, and of those that they follow


class ForkServers(NamedTuple):
    """What the processes of a crew are forks of; each has imported what its own need, in the code as it is at that time."""

    worker: ForkServer
    builder: ForkServer

    @classmethod
    def of_now(cls) -> ForkServers:
        """New ones; the builder's begins when it is wanted, so that it takes no core from the one that serves first."""
        made = cls(ForkServer(__name__, "feedsvc.server.worker"), ForkServer(__name__, "feedsvc.builder.process"))
        made.worker.begin()
        return made

    def sound(self, seconds: float) -> bool:
        """Whether all of that can be imported, which is found out before anything depends on it."""
        return all(source.sound(seconds) for source in self)


class ProcessGroup:
    """One builder and its web workers; `turn` is 0 or 1, another one than that of the crew which it follows."""

    def __init__(
        self,
        settings: Settings,
        sources: ForkServers,
        sockets: ListeningSockets,
        notices: Notices,
        counters: RequestCounters,
        turn: int = 0,
    ) -> None:
        self.sources = sources
        self.settings = settings
        self.sockets = sockets
        self.turn = turn
        self._given = {setting.name: getattr(settings, setting.name) for setting in fields(Settings)}
        self._notices = notices
        self._counters = counters
        self._rows = [turn * MOST_WORKERS + number for number in range(settings.workers)]
        self._workers: list[Child] = []
        self._builder: Child | None = None

    def begin_builder(self) -> None:
        """Begins the builder, and keeps it alive."""
        self._builder = Child("builder", self._new_builder, self._notices)

    def begin_workers(self, *, others_serve: bool) -> None:
        """Begins the web workers, and keeps them alive; while others serve they open when they have something to serve."""
        for number, row in enumerate(self._rows):
            self._notices.reach(row, "")
            sockets = self.sockets.of(number, self.settings.workers)
            self._workers.append(Child("web worker", partial(self._new_worker, sockets, row, others_serve), self._notices))

    def reached(self, stage: str) -> bool:
        """Whether all web workers have come so far."""
        return all(self._notices.reached(row, stage) for row in self._rows)

    @property
    def failed(self) -> bool:
        """Whether one of its processes has died."""
        return any(child.died for child in self._children)

    @property
    def alive(self) -> bool:
        """Whether a web worker runs."""
        return any(child.alive for child in self._workers)

    def end_builder(self) -> None:
        """Ends the builder after the build that is under way."""
        if self._builder:
            self._builder.end()
            self._builder.join(BUILD_SECONDS)

    def retire(self) -> None:
        """Lets the web workers answer what is under way or on the way, while others serve in their place."""
        for child in self._workers:
            child.end(signal.SIGHUP)

    def end(self) -> None:
        """Ends all of them after what is under way, within the time that a drain may take."""
        for child in self._children:
            child.end()
        end = time.monotonic() + DRAIN_SECONDS
        for child in self._children:
            child.join(end - time.monotonic())
        for source in self.sources:
            source.end()

    @property
    def _children(self) -> list[Child]:
        return [*([self._builder] if self._builder else []), *self._workers]

    def _new_builder(self) -> ForkServerProcess:
        source = self.sources.builder
        return source.fork(build_for_ever, (self._given, self._notices, source.address), "builder")

    def _new_worker(self, sockets: Sequence[socket.socket], row: int, others_serve: bool) -> ForkServerProcess:
        given = (self._given, list(sockets), self._counters, row, self._notices, others_serve)
        return self.sources.worker.fork(serve_for_ever, given, "web worker")


def serve_for_ever(
    given: dict[str, Any], sockets: list[socket.socket], counters: RequestCounters, row: int, notices: Notices, others_serve: bool
) -> None:
    """A web worker's process."""
    from feedsvc.server import worker

    call_itself("feedsvc-web")
    settings = Settings(**given)
    set_up_logging(settings.log_format)
    _end_with_parent(lambda: os._exit(1))
    told = partial(notices.reach, row)
    worker.serve_for_ever(settings, sockets, DRAIN_SECONDS - 1, counters, row, notices, told, others_serve=others_serve)


def build_for_ever(given: dict[str, Any], notices: Notices, source: str) -> None:
    """The builder's process, whose readers are forks of the same source."""
    from feedsvc.builder.process import BuilderProcess

    call_itself("feedsvc-builder")
    settings = Settings(**given)
    set_up_logging(settings.log_format)
    os.nice(19)  # a build never takes a core from a request
    for place in ("build", "watcher"):
        notices.put(place, "")  # that was the one before
    builder = BuilderProcess(settings, notices.put, ForkServer.at(source))
    signal.signal(signal.SIGTERM, lambda *_: builder.stop())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _end_with_parent(builder.stop)
    # The main thread only waits, so that a signal's handler never interrupts one that holds the schedule's lock.
    thread = threading.Thread(target=builder.run, name="build")
    thread.start()
    while thread.is_alive():
        thread.join(0.5)


def _end_with_parent(end: Callable[[], Any]) -> None:
    """Ends this process when the service's main process is gone, or the one that this is a fork of: nobody else would."""
    source, main = os.getppid(), multiprocessing.parent_process()

    def watch() -> None:
        while os.getppid() == source and main and main.is_alive():
            time.sleep(0.5)
        end()

    threading.Thread(target=watch, name="parent", daemon=True).start()
