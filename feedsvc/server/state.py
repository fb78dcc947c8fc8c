"""`State`: what a web worker's server and its connections share: the connections, what each waits for, and the memory they use.

Every connection is in the queue of its phase, ordered by when it last changed. The one that has waited longest is the first, so
that making room and checking time limits look at no other.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from enum import Enum
from math import inf
from typing import TYPE_CHECKING

from feedsvc.server.request import Ending

if TYPE_CHECKING:
    from feedsvc.model.document import Document
    from feedsvc.server.connection import Connection

IDLE_SECONDS = 75.0
HEAD_SECONDS = 10.0
LOOK_SECONDS = 15.0
MAX_UNREAD_BYTES = 64_000_000  # that clients sent and that are no request yet
MAX_UNSENT_BYTES = 64_000_000  # that we have written and the kernel has not taken
MAX_HELD_BYTES = 128_000_000  # of large bodies that are being sent; one that many are sent counts once
GRACE_SECONDS = 2.0  # that a client has for a large body before another may need its place


class Phase(Enum):
    """What a connection waits for, and for how many seconds it may."""

    IDLE = IDLE_SECONDS  # for a request
    HEAD = HEAD_SECONDS  # for the rest of one
    BUSY = 1.0  # before the answer that there is none now
    HELD_BACK = 3.0  # before the answer to a wrong token
    MAKING = inf  # for an answer that is being made, or for its turn
    SENDING = LOOK_SECONDS  # for the client to read more of an answer; if it read none between two looks, it is closed
    LAST = 2.0  # for the client to close after the last answer

    __hash__ = object.__hash__  # for speed: each is one of its kind


_EVICTABLE = tuple(phase for phase in Phase if phase is not Phase.MAKING)


class State:
    """The connections of one web worker: `most` at once, of which one address may have `share` (0: all of them).

    A connection that makes room is removed at once, and closed.
    """

    def __init__(
        self,
        in_memory: Callable[[str, str], Document | None],
        counters: memoryview[int],
        most: int,
        share: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.in_memory = in_memory
        self.counters = counters  # answers by their status, and the bytes of their bodies first
        self.clock = clock
        self.looked = clock()
        self.closing = False
        self.endings: dict[Ending, bytes] = {}  # how a response's head ends now
        self.queues: dict[Phase, OrderedDict[Connection, None]] = {phase: OrderedDict() for phase in Phase}
        self._most = most
        self._share = share
        self._addresses: dict[str, OrderedDict[Connection, None]] = {}
        self.unread = 0
        self.unsent = 0
        self._held: dict[int, int] = {}  # how many connections are sent a large body, by its identity
        self.held_bytes = 0

    # ---- connections

    @property
    def number(self) -> int:
        """How many there are."""
        return sum(map(len, self.queues.values()))

    def connections(self) -> list[Connection]:
        """All of them."""
        return [connection for queue in self.queues.values() for connection in queue]

    def enter(self, connection: Connection) -> bool:
        """Adds a new connection; whether there is room, or another could make room."""
        mates = self._addresses.get(connection.address, OrderedDict()) if self._share and connection.address else None
        if mates is not None and len(mates) >= self._share and not self._evict(_longest_here(mates)):
            return False
        if self.number >= self._most and not self._evict(self._most_patient()):
            return False
        connection.inside, connection.since = True, self.clock()
        self.queues[connection.phase][connection] = None
        if mates is not None:
            mates[connection] = None
            self._addresses[connection.address] = mates
        return True

    def leave(self, connection: Connection) -> None:
        """Removes a connection, unless it was removed before."""
        if not connection.inside:
            return
        connection.inside = False
        del self.queues[connection.phase][connection]
        mates = self._addresses.get(connection.address)
        if mates and mates.pop(connection, self) is None and not mates:
            del self._addresses[connection.address]
        self.read(-connection.unread)
        self.write(connection, 0)
        self.release(connection)

    def move(self, connection: Connection, phase: Phase) -> None:
        """Notes what a connection waits for from now on."""
        if connection.inside:
            del self.queues[connection.phase][connection]
            self.queues[phase][connection] = None
        connection.phase, connection.since = phase, self.clock()

    def look(self) -> None:
        """Calls every connection whose time is up."""
        now = self.looked = self.clock()
        for phase, queue in self.queues.items():
            while queue and now - (first := next(iter(queue))).since > phase.value:
                first.expire()
                if first.inside and first.phase is phase and first.since < now:  # so that this ends
                    self.evict(first)

    def evict(self, connection: Connection) -> None:
        """Closes a connection, and removes it at once."""
        self.leave(connection)
        connection.abort()

    # ---- memory

    def read(self, size: int) -> None:
        """Notes more, or fewer, bytes that clients sent and that are no request yet."""
        self.unread += size
        while size > 0 and self.unread > MAX_UNREAD_BYTES and self._evict(self._most_patient((Phase.HEAD, Phase.SENDING))):
            pass

    def write(self, connection: Connection, unsent: int) -> None:
        """Notes how much the kernel has yet to take of what was written to a connection."""
        self.unsent += unsent - connection.unsent
        connection.unsent = unsent
        while unsent and self.unsent > MAX_UNSENT_BYTES and self._evict(self._most_patient((Phase.SENDING,))):
            pass

    def hold(self, connection: Connection, body: bytes) -> bool:
        """Notes that a connection is sent a large body; whether there is room for it, if no other is sent the same."""
        if id(body) not in self._held:
            while self.held_bytes + len(body) > MAX_HELD_BYTES:
                stalled = self._most_patient((Phase.SENDING,))
                if stalled is None or self.clock() - stalled.since < GRACE_SECONDS:
                    return False
                self.evict(stalled)
            self.held_bytes += len(body)
        self._held[id(body)] = self._held.get(id(body), 0) + 1
        connection.body = body
        return True

    def release(self, connection: Connection) -> None:
        """Notes that a large body was sent, or was given up."""
        body, connection.body = connection.body, None
        if body is None:
            return
        self._held[id(body)] -= 1
        if not self._held[id(body)]:
            del self._held[id(body)]
            self.held_bytes -= len(body)

    def _evict(self, connection: Connection | None) -> bool:
        if connection is None:
            return False
        self.evict(connection)
        return True

    def _most_patient(self, phases: Iterable[Phase] = _EVICTABLE) -> Connection | None:
        """The connection that has used most of the time for what it waits for."""
        now = self.clock()
        first = [next(iter(queue)) for phase in phases if (queue := self.queues[phase])]
        return max(first, key=lambda one: (now - one.since) / one.phase.value, default=None)


def _longest_here(mates: Iterable[Connection]) -> Connection | None:
    """The oldest connection of an address, of those for which no answer is being made or sent."""
    return next((one for one in mates if one.phase not in (Phase.MAKING, Phase.SENDING)), None)
