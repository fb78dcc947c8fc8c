"""`Connection`: one client's connection, whose requests are answered in order (RFC 9112).

What is in memory is answered at once. A thread that makes an answer, or a client that reads none, delays only this connection.
"""

from __future__ import annotations

import asyncio
import fcntl
import termios
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from feedsvc.errors import RequestError
from feedsvc.server.request import Ending, Request, UnfinishedHead, read_request
from feedsvc.server.state import Phase, State
from feedsvc.web.responses import METHODS, NOSNIFF, Response, busy, refusal, respond

if TYPE_CHECKING:
    from feedsvc.model.file_copy import Part

TURN = 64  # requests answered in a row
WHOLE_BYTES = 8192  # a head that came in one piece and is not longer is parsed whole, not line by line
PIECE_BYTES = 65_536  # a longer body goes out in pieces, each when the kernel has taken the one before

_END = b"\n\r\n"
_IDLE = Phase.IDLE
_READING = (Phase.IDLE, Phase.HEAD)
_HELD_BACK = (Phase.BUSY, Phase.HELD_BACK)
_ANSWERING = (Phase.MAKING, *_HELD_BACK, Phase.SENDING)


class Connection(asyncio.Protocol):
    """One client's connection, from its start to its end.

    `make` has an answer made in a thread; `soon` calls something after every other connection has had its turn; `read` has the
    first piece of a part read in a thread.
    """

    def __init__(
        self,
        state: State,
        address_of: Callable[[str], str],
        make: Callable[[Request, Connection], None],
        soon: Callable[[Callable[[], None]], object],
        read: Callable[[Part, Connection], None],
    ) -> None:
        self._state = state
        self._address_of = address_of
        self._make = make
        self._soon = soon
        self._read = read
        self.inside = False  # of the state's queues
        self.phase = Phase.IDLE
        self.since = state.looked  # when that last changed, or a second before
        self.peer = self.address = ""
        self.unsent = 0
        self.body: bytes | None = None  # a large one, and how much of it was sent:
        self._sent = 0
        self._part: Part | None = None  # what is still to be read, piece by piece, and sent
        self._unread = bytearray()
        self._head = UnfinishedHead()
        self._over = False  # the last answer has started; later requests are ignored
        self._finished = False  # the client sends no more
        self._left = -1
        self._held_back: tuple[Request, Response] | None = None

    @property
    def unread(self) -> int:
        """How many bytes were sent that are no request yet."""
        return len(self._unread)

    # ---- called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=0)  # the loop calls us for whatever the kernel does not take at once
        peer = transport.get_extra_info("peername")
        self.peer = peer[0] if peer else ""
        self.address = self._address_of(self.peer)
        if not self._state.enter(self):
            transport.abort()  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if self.phase is _IDLE and data.endswith(_END) and len(data) <= WHOLE_BYTES and data.find(_END) == len(data) - len(_END):
            self._take(data)  # one whole request, as nearly all are
        elif not self._over:
            self._unread += data
            self._state.read(len(data))
            self._turn()

    def eof_received(self) -> bool:
        self._finished = True
        return self.phase in _ANSWERING  # a request in progress is still answered; half a request never will be

    def pause_writing(self) -> None:
        self._transport.pause_reading()
        self._state.move(self, Phase.SENDING)
        self._state.write(self, self._transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        self._state.write(self, 0)
        self._state.move(self, Phase.IDLE)
        self._send_more()
        self._go_on()

    def connection_lost(self, _: Exception | None) -> None:
        self._over = True
        self._state.leave(self)
        self._forget()

    # ---- called by the server

    def expire(self) -> None:
        """The time of its phase is over: closes it, unless the client has read something since the last look."""
        if self.phase is Phase.HEAD:
            self._refuse(408)
        elif self._held_back and self.phase in _HELD_BACK:
            self.made(*self._held_back)
        elif self.phase in (Phase.SENDING, Phase.LAST) and self._moves():
            self._state.move(self, self.phase)
        else:
            self._state.evict(self)

    def close(self) -> None:
        """Closes the connection as soon as no answer is awaited."""
        if self.phase in _READING:
            self._transport.close()

    def abort(self) -> None:
        """Ends the connection at once."""
        self._transport.abort()

    def hold_back(self, request: Request, response: Response, phase: Phase) -> None:
        """Takes an answer that was made, and sends it when the time of the phase is over."""
        if not self._transport.is_closing():
            self._held_back = request, response
            self._state.move(self, phase)

    def made(self, request: Request, response: Response) -> None:
        """Takes an answer that was made, and sends it."""
        if not self._transport.is_closing():
            self._state.move(self, Phase.IDLE)
            self._send(request, response)
            self._go_on()

    def piece_read(self, piece: bytes | None) -> None:
        """Takes the next piece of the part that is sent; without one the answer can't be finished, which its length shows."""
        part = self._part
        if self._transport.is_closing() or part is None:
            return
        if not piece:
            self.abort()
            return
        self._part = part.after(len(piece))
        self._state.move(self, Phase.IDLE)
        self._transport.write(piece)
        self._send_more()
        self._go_on()

    # ---- requests and answers

    def _moves(self) -> bool:
        """Whether the client has read something since the last look, of what we or the kernel hold."""
        line = self._transport.get_extra_info("socket")
        # What the kernel holds and the client has not acknowledged (tcp(7), SIOCOUTQ).
        kept = int.from_bytes(fcntl.ioctl(line.fileno(), termios.TIOCOUTQ, bytes(4)), "little")
        before, self._left = self._left, kept + self._transport.get_write_buffer_size()
        return self._left != before and self._left > 0

    def _go_on(self) -> None:
        if self.phase in _READING and not self._over:
            self._transport.resume_reading()
            self._turn()

    def _go_on_after_others(self) -> None:
        if not self._transport.is_closing():
            self._state.move(self, Phase.IDLE)
            self._go_on()

    def _turn(self) -> None:
        """Answers what has arrived, until one answer has to be waited for."""
        left = TURN
        try:
            while self._unread and self.phase in _READING and not self._over:
                if not left:
                    self._state.move(self, Phase.MAKING)
                    self._soon(self._go_on_after_others)
                    return
                left -= 1
                end = self._head.find_end(self._unread)
                if not end:
                    if self.phase is _IDLE:
                        self._state.move(self, Phase.HEAD)
                    break
                head = bytes(self._unread[:end])
                del self._unread[:end]
                self._head = UnfinishedHead()
                self._state.read(-end)
                self._take(head)
        except RequestError as error:
            self._refuse(error.status)
        if self._finished and self.phase in _READING:
            self._transport.close()

    def _take(self, head: bytes) -> None:
        state = self._state
        if self.since < state.looked or self.phase is not _IDLE:
            state.move(self, Phase.IDLE)
        try:
            request = read_request(head)
        except RequestError as error:
            self._refuse(error.status)
            return
        document = state.in_memory(request.path, request.query)
        if document is not None:
            self._send(request, respond(document, request.method, request.headers))
        else:
            state.move(self, Phase.MAKING)
            self._transport.pause_reading()
            self._make(request, self)

    def _send(self, request: Request, response: Response) -> None:
        state = self._state
        ending = Ending.LAST if state.closing else request.ending
        large = len(response.body) > PIECE_BYTES
        if large and not state.hold(self, response.body):
            response, large = busy(request.method), False
        self._count(response)
        self._over = ending is Ending.LAST
        if response.part:
            self._part = response.part
            self._transport.write(response.head + state.endings[ending])
            self._send_more()
        elif large:
            self._transport.write(response.head + state.endings[ending])
            self._sent = 0
            self._send_more()
        else:
            self._transport.write(b"".join((response.head, state.endings[ending], response.body)))
            if self._over and self.phase is _IDLE:
                self._end()

    def _send_more(self) -> None:
        """Sends as much of a large body as the kernel takes, and closes the connection after the end of the last answer."""
        while self.body is not None and self.phase is _IDLE and not self._transport.is_closing():
            piece = memoryview(self.body)[self._sent : self._sent + PIECE_BYTES]
            self._sent += len(piece)
            if self._sent == len(self.body):
                self._state.release(self)
            self._transport.write(piece)
        if self._part and self.phase is _IDLE and not self._transport.is_closing():
            self._state.move(self, Phase.MAKING)
            self._transport.pause_reading()
            self._read(self._part, self)
            return
        if self._over and self.phase is _IDLE and not self._part:
            self._end()

    def _refuse(self, status: int) -> None:
        response = refusal(status, "GET", (NOSNIFF, *([("Allow", METHODS)] if status == 405 else [])))
        self._count(response)
        self._over = True
        self._state.move(self, Phase.IDLE)
        self._transport.write(b"".join((response.head, self._state.endings[Ending.LAST], response.body)))
        if self.phase is _IDLE:
            self._end()

    def _count(self, response: Response) -> None:
        self._state.counters[response.code] += 1
        self._state.counters[0] += response.size

    def _end(self) -> None:
        """Ends our side; the client, which may still be sending, closes the connection (RFC 9112, 9.6)."""
        self._forget()
        if self._finished:
            self._transport.close()
        elif not self._transport.is_closing():
            self._state.move(self, Phase.LAST)
            self._transport.resume_reading()
            with suppress(OSError):  # the client has closed it, and the loop is about to call us
                self._transport.write_eof()

    def _forget(self) -> None:
        if self.inside:
            self._state.read(-len(self._unread))
        self._unread = bytearray()
