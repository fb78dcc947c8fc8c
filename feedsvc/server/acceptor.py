"""`Acceptor`: accepts new connections from the listening sockets, a few in each turn of the loop."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence

from feedsvc.alarm import Alarm

log = logging.getLogger("feedsvc.server")

TURN = 64  # connections from one socket before the others have their turn
PAUSE_SECONDS = 0.5  # when the system has no descriptors or memory left


class Acceptor:
    """Gives each accepted connection a protocol from `make`; if the system has no room, connections wait in the kernel's queue."""

    def __init__(self, sockets: Sequence[socket.socket], make: Callable[[], asyncio.Protocol], backlog: int) -> None:
        self._sockets = sockets
        self._make = make
        self._backlog = backlog
        self._entering: set[asyncio.Task[object]] = set()
        self._over = False
        self._alarm = Alarm()

    def begin(self) -> None:
        """Listens."""
        self._loop = asyncio.get_running_loop()
        for door in self._sockets:
            door.setblocking(False)
            door.listen(self._backlog)
            self._watch(door)

    def end(self) -> None:
        """Accepts no more; clients in a socket's queue are left to the other processes that have the socket."""
        self._over = True
        for door in self._sockets:
            self._loop.remove_reader(door)

    @property
    def entering(self) -> bool:
        """Whether an accepted connection has no protocol yet."""
        return bool(self._entering)

    def _watch(self, door: socket.socket) -> None:
        if not self._over:
            self._loop.add_reader(door, self._accept, door)

    def _accept(self, door: socket.socket) -> None:
        for _ in range(TURN):
            try:
                line, _ = door.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:  # otherwise the kernel would report the waiting connection again and again
                self._rest(door, error)
                return
            if self._alarm.worked():
                log.info("connections are accepted again")
            line.setblocking(False)
            task: asyncio.Task[object] = self._loop.create_task(self._loop.connect_accepted_socket(self._make, line))
            self._entering.add(task)
            task.add_done_callback(self._entered)

    def _rest(self, door: socket.socket, error: OSError) -> None:
        why = (error.strerror or str(error)).lower()
        if self._alarm.failed(why):
            log.error("no connection can be accepted: %s; tried again every %g s", why, PAUSE_SECONDS)
        self._loop.remove_reader(door)
        self._loop.call_later(PAUSE_SECONDS, self._watch, door)

    def _entered(self, task: asyncio.Task[object]) -> None:
        self._entering.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a connection could not begin: %r", error)
