"""`State`: what a web worker's server and its connections share: who is connected, what each waits for, and the room there is.

Every connection stands in the queue of its phase, ordered by when it last changed. Whoever has waited longest is the first of a
queue, so that room is made, and time is up, without a look at the others.
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
MAX_UNREAD_BYTES = 64_000_000  # that were sent to us and are no request yet
MAX_UNSENT_BYTES = 64_000_000  # that we have written and the kernel has not taken
MAX_HELD_BYTES = 128_000_000  # of large bodies that are being sent; one that many are sent counts once
GRACE_SECONDS = 2.0  # for whoever takes a large body, before another's need of the room counts for more


class Phase(Enum):
    """What a connection waits for, and for how many seconds it may."""

    IDLE = IDLE_SECONDS  # for a request
    HEAD = HEAD_SECONDS  # for the rest of one
    BUSY = 1.0  # for the word that there is no answer now
    HELD_BACK = 3.0  # for the answer to a wrong token
    MAKING = inf  # for an answer that is being made, or for its turn
    SENDING = LOOK_SECONDS  # for the reader to take more of an answer; who took none between two looks is hung up on
    LAST = 2.0  # for the reader to hang up after the last answer

    __hash__ = object.__hash__  # for speed: each is one of its kind


_EVICTABLE = tuple(phase for phase in Phase if phase is not Phase.MAKING)


class State:
    """The books of one web worker: room for `most` connections, of which one address may have `share` (0: all of them).

    Who is to make room leaves the books at once, and is hung up on.
    """

    def __init__(
        self,
        at_hand: Callable[[str], Document | None],
        counters: memoryview[int],
        most: int,
        share: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.at_hand = at_hand
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
        self._held: dict[int, int] = {}  # how many are sent a large body, by its identity
        self.held_bytes = 0

    # ---- who is connected

    @property
    def number(self) -> int:
        """How many are connected."""
        return sum(map(len, self.queues.values()))

    def connections(self) -> list[Connection]:
        """All of them."""
        return [connection for queue in self.queues.values() for connection in queue]

    def enter(self, connection: Connection) -> bool:
        """Takes a new connection; whether there is room for it, or somebody could make some."""
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
        """Takes a connection out of the books, unless it has left before."""
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
        """Has all connections know whose time is up."""
        now = self.looked = self.clock()
        for phase, queue in self.queues.items():
            while queue and now - (first := next(iter(queue))).since > phase.value:
                first.expire()
                if first.inside and first.phase is phase and first.since < now:  # it can't be looked at for ever
                    self.evict(first)

    def evict(self, connection: Connection) -> None:
        """Hangs up on a connection, which is out of the books at once."""
        self.leave(connection)
        connection.abort()

    # ---- what they hold

    def read(self, size: int) -> None:
        """Notes so many bytes more, or fewer, that were sent to us and are no request yet."""
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
        """Notes that a connection is sent a large body; whether there is room for it, where nobody else is sent the same."""
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
        """Notes that all of a large body was sent, or is not to be."""
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
        """Who has had most of the time that there is for what he waits for."""
        now = self.clock()
        first = [next(iter(queue)) for phase in phases if (queue := self.queues[phase])]
        return max(first, key=lambda one: (now - one.since) / one.phase.value, default=None)


def _longest_here(mates: Iterable[Connection]) -> Connection | None:
    """Of one address's connections the one that came first, of those that nobody makes an answer for or takes one on."""
    return next((one for one in mates if one.phase not in (Phase.MAKING, Phase.SENDING)), None)
