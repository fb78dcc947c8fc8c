"""`ProcessGroup`: the processes of a service under one set of settings: a builder and the web workers, each kept alive."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Sequence
from functools import partial
from multiprocessing.context import ForkServerProcess
from typing import NamedTuple

from feedsvc.processes.counters import RequestCounters
from feedsvc.processes.forkserver import ForkServer
from feedsvc.processes.notices import Notices
from feedsvc.settings import MOST_WORKERS, Settings
from feedsvc.supervisor import entry_points
from feedsvc.supervisor.child import DRAIN_SECONDS, Child
from feedsvc.supervisor.sockets import ListeningSockets, stop_listening

BUILD_SECONDS = 60  # for the build in progress, at a reload
ROWS = 2 * MOST_WORKERS  # for the new web workers, and for the old ones at a reload


class ForkServers(NamedTuple):
    """The fork servers of a group; each has imported what its forks need, in the code as it was at that time."""

    worker: ForkServer
    builder: ForkServer

    @classmethod
    def of_now(cls) -> ForkServers:
        """New ones; the builder's starts when it is needed, so that it takes no core from the web workers, which serve first.

        It is a fork of theirs, because most of what they import it needs too.
        """
        entry = entry_points.__name__
        worker = ForkServer(entry, "feedsvc.server.worker", "feedsvc.supervisor.start_check")
        made = cls(worker, ForkServer("feedsvc.builder.process", base=worker))
        made.worker.begin()
        return made

    def sound(self, seconds: float) -> bool:
        """Whether all of that can be imported, checked before anything depends on it."""
        return all(source.sound(seconds) for source in self)


class ProcessGroup:
    """One builder and its web workers; `turn` is 0 or 1, different from that of the group before."""

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
        self._given = entry_points.given_of(settings)
        self._notices = notices
        self._counters = counters
        self._rows = [turn * MOST_WORKERS + number for number in range(settings.workers if settings.serves else 0)]
        self._workers: list[Child] = []
        self._builder: Child | None = None

    def follower(self, settings: Settings, sources: ForkServers, sockets: ListeningSockets) -> ProcessGroup:
        """The group that will replace this one; nothing of it runs yet."""
        return ProcessGroup(settings, sources, sockets, self._notices, self._counters, 1 - self.turn)

    def begin_builder(self) -> None:
        """Starts the builder, where the machine's role has one, and keeps it alive."""
        if self.settings.builds:
            self._builder = Child("builder", self._new_builder, self._notices)

    def begin_workers(self, *, others_serve: bool) -> None:
        """Starts the web workers, and keeps them alive; while others serve they open when they have something to serve."""
        for number, row in enumerate(self._rows):
            self._notices.reach(row, "")
            sockets = self.sockets.of(number, self.settings.workers)
            make = partial(self._new_worker, sockets, row, others_serve)
            self._workers.append(Child("web worker", make, self._notices, partial(stop_listening, sockets)))

    def reached(self, stage: str) -> bool:
        """Whether all web workers have reached a stage."""
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
        """Ends the builder after its current build."""
        if self._builder:
            self._builder.end()
            self._builder.join(BUILD_SECONDS)

    def drain(self) -> None:
        """Lets the web workers finish their requests, while others serve in their place."""
        for child in self._workers:
            child.end(signal.SIGHUP)

    def end(self) -> None:
        """Ends all of them after their current work, within the time that a drain may take."""
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
        return source.fork(entry_points.build_for_ever, (self._given, self._notices, source.address), "builder")

    def _new_worker(self, sockets: Sequence[socket.socket], row: int, others_serve: bool) -> ForkServerProcess:
        given = (self._given, list(sockets), self._counters, row, self._notices, others_serve)
        return self.sources.worker.fork(entry_points.serve_for_ever, given, "web worker")
