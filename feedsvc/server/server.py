"""`Server`: one web worker's HTTP server, from the first connection to the last."""

from __future__ import annotations

import asyncio
import io
import logging
import resource
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import uvloop

from feedsvc.errors import StoreError
from feedsvc.model.preview_link import PREVIEWS
from feedsvc.processes.counters import WRONG_TOKENS
from feedsvc.server.acceptor import Acceptor
from feedsvc.server.clients import Clients
from feedsvc.server.connection import Connection
from feedsvc.server.lane import Lane
from feedsvc.server.request import Ending, Request
from feedsvc.server.state import Phase, State
from feedsvc.server.wrong_tokens import WrongTokens
from feedsvc.web.pieces import Pieces
from feedsvc.web.responses import Response, busy, http_date, refusal
from feedsvc.web.status_routes import PATHS as STATUS_PATHS
from feedsvc.web.wsgi import WsgiApp

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from feedsvc.model.file_copy import Part

log = logging.getLogger("feedsvc.server")

BACKLOG = 1024
MAX_CONNECTIONS = 8192
SPARE_FILES = BACKLOG + 256  # for the database and the log, and for connections that come and go in one turn of the loop
PAGE_THREADS, MAX_WAITING_PAGES, PAGE_SECONDS = 4, 256, 5.0
# The status has its own thread, which answers even when no page can be made.
MAX_WAITING_STATUS, STATUS_SECONDS = 16, 2.0
RECORDING_THREADS, RECORDING_SECONDS = 2, 10.0
LOOK_SECONDS = 1.0
TURNS = 10  # of the event loop, in which an accepted connection gets its protocol and its first bytes are read
# How long a thread that makes a page or loads a publication keeps the others waiting. Each answer waits for it three times, because
# a system call lets it run: with Python's default of 5 ms a publication would slow answers for seconds.
SWITCH_SECONDS = 0.00005
# How much of an answer the kernel keeps unsent; the rest is held and counted here (tcp(7)).
NOT_SENT_BYTES = 131_072


class Server:
    """All connections of one web worker: the app behind them, their limits, their start and end."""

    def __init__(
        self, app: WsgiApp, sockets: Sequence[socket.socket], counters: memoryview[int], clients: Clients, share: int = 0
    ) -> None:
        self._app = app
        self._sockets = sockets
        self._clients = clients
        self._host, self._port = sockets[0].getsockname()[:2]
        self._state = State(app.in_memory, counters, _room(), share)
        self._pages = Lane("pages", threads=PAGE_THREADS, waiting=MAX_WAITING_PAGES, seconds=PAGE_SECONDS)
        self._status = Lane("status", threads=1, waiting=MAX_WAITING_STATUS, seconds=STATUS_SECONDS)
        # What is sent piece by piece has its own threads, so that a page never waits for a film.
        self._recordings = Lane("recordings", threads=RECORDING_THREADS, waiting=MAX_CONNECTIONS, seconds=RECORDING_SECONDS)
        self._wrong_tokens = WrongTokens()

    def run(self, drain: float, opened: Callable[[], None]) -> None:
        """Serves until SIGTERM or SIGHUP, and then finishes requests in progress, for so many seconds at most.

        After SIGHUP other workers serve in its place. An idle client may have a request on the way, which is then answered as the
        connection's last; after SIGTERM an idle connection is closed at once.
        """
        sys.setswitchinterval(SWITCH_SECONDS)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._run(drain, opened))

    async def _run(self, drain: float, opened: Callable[[], None]) -> None:
        self._loop = loop = asyncio.get_running_loop()
        over, ended = asyncio.Event(), asyncio.Event()
        loop.add_signal_handler(signal.SIGHUP, over.set)
        loop.add_signal_handler(signal.SIGTERM, self._end, over, ended)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGHUP})
        self._look()
        for lane in (self._pages, self._status, self._recordings):
            lane.begin(loop)
        for one in self._sockets:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, NOT_SENT_BYTES)  # accepted connections inherit it
        acceptor = Acceptor(self._sockets, self._new_connection, BACKLOG)
        acceptor.begin()
        opened()
        await over.wait()
        acceptor.end()
        state = self._state
        state.closing = True
        end = loop.time() + drain
        for _ in range(TURNS):  # connections accepted a moment ago enter now, and are read
            await asyncio.sleep(0)
        while loop.time() < end:
            await asyncio.sleep(0.01)
            if ended.is_set():
                for connection in state.connections():
                    connection.close()
            if not state.number and not acceptor.entering:
                break
        for connection in state.connections():
            connection.abort()

    @staticmethod
    def _end(*events: asyncio.Event) -> None:
        for event in events:
            event.set()

    def _new_connection(self) -> Connection:
        return Connection(self._state, self._clients.address, self._make, self._loop.call_soon, self._read)

    def _read(self, part: Part, connection: Connection) -> None:
        """Reads the first piece of a part in a thread, and gives it to the connection."""
        pieces = self._app.pieces(part)

        def read() -> Response:
            try:
                return Response("", [], pieces.at(part.start))
            except StoreError as error:
                log.error("%s", error)
                return Response("", [], b"")

        self._recordings.ask(
            f"a part of {part.copy}", connection.address, read, lambda read: connection.piece_read(read.body if read else None)
        )

    def _make(self, request: Request, connection: Connection) -> None:
        """Calls the app in a thread, and gives its answer to the connection, or one that says that none came in time."""
        known = self._app.at_once(request.path, request.method)
        if known is not None:
            self._loop.call_soon(connection.made, request, known)
            return
        lane = self._status if request.path in STATUS_PATHS else self._pages
        client = self._clients.of(connection.peer, request.headers)
        lane.ask(named(request), client, partial(self._ask, request), partial(self._made, request, client, connection))

    def _made(self, request: Request, client: str, connection: Connection, response: Response | None) -> None:
        if response is None:
            # Not at once, so that retrying without a pause gains nothing.
            connection.hold_back(request, busy(request.method), Phase.BUSY)
            return
        if response.code == 401 and "HTTP_AUTHORIZATION" in request.headers:
            self._state.counters[WRONG_TOKENS] += 1
            if self._wrong_tokens.note(client, self._state.looked):
                connection.hold_back(request, response, Phase.HELD_BACK)
                return
        connection.made(request, response)

    def _ask(self, request: Request) -> Response:
        try:
            return _call(self._app, request, self._environ(request))
        except Exception:
            log.exception("%s %s failed", request.method, named(request))
            return refusal(500, request.method)

    def _environ(self, request: Request) -> WSGIEnvironment:
        return {
            **request.headers,
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
            "QUERY_STRING": request.query,
            "SERVER_NAME": self._host,
            "SERVER_PORT": str(self._port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }

    def _look(self) -> None:
        """Once a second: the time, and connections whose time is up."""
        self._loop.call_later(LOOK_SECONDS, self._look)
        date = f"Date: {http_date(datetime.now(UTC))}\r\n".encode()
        self._state.endings = {ending: b"%b%b\r\n" % (date, ending.value) for ending in Ending}
        self._state.look()


def named(request: Request) -> str:
    """A request's path for the log, in which no word of a preview may stand, and its slug has some."""
    return PREVIEWS if request.path.startswith(PREVIEWS) else request.path[:200]


def _call(app: WsgiApp, request: Request, environ: WSGIEnvironment) -> Response:
    """The app's answer as one (PEP 3333)."""
    status, headers = "", list[tuple[str, str]]()
    chunks: list[bytes] = []
    part: Part | None = None

    def start_response(given: str, some: list[tuple[str, str]], _: object = None, /) -> Callable[[bytes], object]:
        nonlocal status, headers
        status, headers = given, some
        return chunks.append

    answer = app(environ, start_response)
    try:
        if isinstance(answer, Pieces):
            part = answer.part
        else:
            chunks += answer
    finally:
        close = getattr(answer, "close", None)
        if close:
            close()
    body = b"".join(chunks)
    if not any(name.lower() == "content-length" for name, _ in headers) and not status.startswith(("204", "304")):
        headers = [*headers, ("Content-Length", str(len(body)))]
    return Response(status, headers, b"" if request.method == "HEAD" else body, part)


def _room() -> int:
    """Raises this process's limit of open files as far as allowed; for how many connections it is enough."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + SPARE_FILES
    most = wanted if most == resource.RLIM_INFINITY else min(most, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return max(most - SPARE_FILES, most // 4)
