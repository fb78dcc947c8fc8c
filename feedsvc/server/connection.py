"""`Connection`: one reader's connection, whose requests are answered in turn (RFC 9112).

What is at hand is answered on the spot. Whatever has to be waited for, a thread that makes an answer or a reader who takes
none, holds up this connection alone.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from feedsvc.errors import RequestError
from feedsvc.server.request import Ending, Request, read_request
from feedsvc.web.responses import METHODS, NOSNIFF, Response, refusal, respond

if TYPE_CHECKING:
    from feedsvc.server.server import Server

MAX_HEAD = 1_000_000  # an If-None-Match of 20,000 of our tags has 720 KB
IDLE_SECONDS = 75
HEAD_SECONDS = 10  # for the whole of a request
STALLED_SECONDS = 30  # for a reader who takes nothing of an answer
LINGER_SECONDS = 2
TURN = 64  # requests answered in a row

_END = b"\n\r\n"


class Connection(asyncio.Protocol):
    """One reader's connection, from its beginning to its end."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._unread = bytearray()
        self._searched = 0  # of what is unread, for the end of a request's head
        self._making = False  # a thread makes an answer, or others have their turn
        self._full = False  # the reader has yet to take what was written
        self._ended = False  # the last answer is written; what comes now is not looked at
        self._finished = False  # the reader sends no more
        self._since = server.now  # when it last changed, for `check`
        self._left = 0

    @property
    def idle(self) -> bool:
        """Whether nobody waits for anything here."""
        return not (self._unread or self._making or self._full or self._ended)

    @property
    def since(self) -> float:
        """When something last happened here."""
        return self._since

    @property
    def unread(self) -> int:
        """How many bytes were sent that are no request yet."""
        return len(self._unread)

    # ---- what the event loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server.enter(self)

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        if data.endswith(_END) and not (self._unread or self._making or self._full) and data.find(_END) == len(data) - len(_END):
            self._take(data)  # one whole request, as nearly all are
            return
        if not self._unread:
            self._since = self._server.now
        self._unread += data
        self._turn()

    def eof_received(self) -> bool:
        self._finished = True
        return self._making or self._full  # then what is under way is answered yet; half a request never will be

    def pause_writing(self) -> None:
        self._full = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._full = False
        self._go_on()

    def connection_lost(self, _: Exception | None) -> None:
        self._ended = True
        self._unread.clear()
        self._server.leave(self)

    # ---- what the kiosk tells

    def check(self) -> None:
        """Ends the connection where nothing has happened for too long."""
        left = self._transport.get_write_buffer_size()
        if left != self._left:
            self._left, self._since = left, self._server.now
        elif self._server.now - self._since > self._patience():
            if self._unread and not (self._ended or left):
                self._refuse(408)
            else:
                self._transport.abort()

    def close(self) -> None:
        """Ends the connection as soon as nobody waits for an answer here."""
        if not (self._making or self._full or self._ended):
            self._transport.close()

    def abort(self) -> None:
        """Ends the connection at once."""
        self._transport.abort()

    def made(self, request: Request, response: Response) -> None:
        """Takes an answer that was asked of the kiosk."""
        self._making = False
        if not self._transport.is_closing():
            self._send(request, response)
            self._go_on()

    # ---- requests and answers

    def _patience(self) -> float:
        if self._making:
            return float("inf")
        if self._left:
            return STALLED_SECONDS
        if self._ended:
            return LINGER_SECONDS
        return HEAD_SECONDS if self._unread else IDLE_SECONDS

    def _go_on(self) -> None:
        if not (self._making or self._full):
            self._transport.resume_reading()
            self._turn()

    def _go_on_after_others(self) -> None:
        self._making = False
        self._go_on()

    def _turn(self) -> None:
        """Answers what has arrived, until one answer has to be waited for."""
        left = TURN
        try:
            while self._unread and not (self._making or self._full or self._ended):
                if not left:
                    self._making = True
                    self._server.soon(self._go_on_after_others)
                    break
                left -= 1
                head = self._next_head()
                if head is None:
                    break
                self._take(head)
        except RequestError as error:
            self._refuse(error.status)
        if self._finished and not (self._making or self._full):
            self._transport.close()

    def _next_head(self) -> bytes | None:
        """The next whole head."""
        end = self._unread.find(_END, self._searched)
        if end < 0:
            if b"\n\n" in self._unread[self._searched :]:
                raise RequestError(400)
            if len(self._unread) > MAX_HEAD:
                raise RequestError(431)
            self._searched = max(0, len(self._unread) - len(_END))
            return None
        head = bytes(self._unread[: end + len(_END)])
        del self._unread[: end + len(_END)]
        self._searched = 0
        return head

    def _take(self, head: bytes) -> None:
        server = self._server
        self._since = server.now
        try:
            request = read_request(head)
        except RequestError as error:
            self._refuse(error.status)
            return
        document = server.at_hand(request.path)
        if document is not None:
            self._send(request, respond(document, request.method, request.headers))
        else:
            self._making = True
            self._transport.pause_reading()
            server.make(request, self)

    def _send(self, request: Request, response: Response) -> None:
        server = self._server
        ending = Ending.LAST if server.closing else request.ending
        counts, body = server.counters, response.body
        counts[response.code] += 1
        counts[0] += len(body)
        self._transport.write(b"".join((response.head, server.feet[ending], body)))
        if ending is Ending.LAST:
            self._end()

    def _refuse(self, status: int) -> None:
        response = refusal(status, "GET", (NOSNIFF, *([("Allow", METHODS)] if status == 405 else [])))
        self._server.counters[status] += 1
        self._server.counters[0] += len(response.body)
        self._transport.write(b"".join((response.head, self._server.feet[Ending.LAST], response.body)))
        self._end()

    def _end(self) -> None:
        """Says that there is no more to come; the reader, who may be sending yet, hangs up (RFC 9112, 9.6)."""
        self._ended, self._since = True, self._server.now
        self._unread.clear()
        if self._finished:
            self._transport.close()
        else:
            self._transport.write_eof()
            self._transport.resume_reading()
