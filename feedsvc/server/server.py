"""`Server`: where one web worker serves its readers, from the first connection to the last."""

from __future__ import annotations

import asyncio
import io
import logging
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from feedsvc.server.connection import Connection
from feedsvc.server.request import Ending, Request
from feedsvc.web.responses import Response, http_date, refusal
from feedsvc.web.wsgi import WsgiApp

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

log = logging.getLogger("feedsvc.server")

BACKLOG = 1024
THREADS = 4
MAX_CONNECTIONS = 8192
SPARE_FILES = 100  # for the database, logs and what a thread may open
MAX_UNREAD = 64_000_000  # of all connections together
CHECK_SECONDS = 1.0
# How long a thread that makes a page or takes in a publication keeps the others waiting. Each answer waits for it three times,
# since a system call lets it go on: by Python's default of 5 ms a publication would be felt for seconds.
SWITCH_SECONDS = 0.00005


class Server:
    """One web worker's side of all connections: the app behind them, their limits, their beginning and end."""

    def __init__(self, delivery: WsgiApp, sockets: Sequence[socket.socket], counters: memoryview[int]) -> None:
        self.counters = counters  # answers by their status, and the bytes of their bodies first
        self.now = time.monotonic()
        self.closing = False
        self._delivery = delivery
        self._sockets = sockets
        self._host, self._port = sockets[0].getsockname()[:2]
        self._connections: set[Connection] = set()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="answer")
        self._most = _allow_files() - SPARE_FILES
        self.feet: dict[Ending, bytes] = {}  # how a response's head ends now
        self.at_hand = delivery.at_hand

    def run(self, drain: float, opened: Callable[[], None]) -> None:
        """Serves until SIGTERM or SIGHUP, and then finishes what is under way, for so many seconds at most.

        After SIGHUP others serve in its place. A reader who waits for nothing may have a request on the way, which is then answered
        as the connection's last; after SIGTERM such a connection is ended at once.
        """
        sys.setswitchinterval(SWITCH_SECONDS)
        asyncio.run(self._run(drain, opened))

    async def _run(self, drain: float, opened: Callable[[], None]) -> None:
        self._loop = loop = asyncio.get_running_loop()
        over, ended = asyncio.Event(), asyncio.Event()
        loop.add_signal_handler(signal.SIGHUP, over.set)
        loop.add_signal_handler(signal.SIGTERM, self._end, over, ended)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGHUP})
        self._check()
        for one in self._sockets:
            await loop.create_server(lambda: Connection(self), sock=one, backlog=BACKLOG)
        opened()
        await over.wait()
        # No more is accepted. A server that is closed would turn away whom it accepted a moment ago; the process's end closes it.
        for one in self._sockets:
            loop.remove_reader(one)
        self.closing = True
        end = loop.time() + drain
        while loop.time() < end:
            await asyncio.sleep(0.01)  # what was accepted a moment ago enters now, and is read
            if ended.is_set():
                for connection in list(self._connections):
                    connection.close()
            if not self._connections:
                break
        for connection in list(self._connections):
            connection.abort()
        self._threads.shutdown(wait=False)

    @staticmethod
    def _end(*events: asyncio.Event) -> None:
        for event in events:
            event.set()

    def enter(self, connection: Connection) -> None:
        """Takes a new connection; where there is no room, the one that has been idle longest makes it."""
        if len(self._connections) >= self._most:
            idle = min((one for one in self._connections if one.idle), key=lambda one: one.since, default=connection)
            idle.abort()
        self._connections.add(connection)

    def leave(self, connection: Connection) -> None:
        """Forgets a connection that has ended."""
        self._connections.discard(connection)

    def soon(self, what: Callable[[], None]) -> None:
        """Does something when every other connection has had its turn."""
        self._loop.call_soon(what)

    def make(self, request: Request, connection: Connection) -> None:
        """Has a thread ask the app, and gives its answer to the connection."""
        future = self._loop.run_in_executor(self._threads, self._ask, request)
        future.add_done_callback(lambda done: connection.made(request, done.result()))

    def _ask(self, request: Request) -> Response:
        try:
            return _call(self._delivery, request, self._environ(request))
        except Exception:
            log.exception("%s %s failed", request.method, request.path[:200])
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

    def _check(self) -> None:
        """Once a second: the time, and who has kept others waiting for too long."""
        self._loop.call_later(CHECK_SECONDS, self._check)
        self.now = time.monotonic()
        date = f"Date: {http_date(datetime.now(UTC))}\r\n".encode()
        self.feet = {ending: b"%b%b\r\n" % (date, ending.value) for ending in Ending}
        for connection in list(self._connections):
            connection.check()
        unread = sum(connection.unread for connection in self._connections)
        for connection in sorted(self._connections, key=lambda one: one.unread, reverse=True):
            if unread <= MAX_UNREAD:
                break
            unread -= connection.unread
            connection.abort()


def _call(delivery: WsgiApp, request: Request, environ: WSGIEnvironment) -> Response:
    """The app's answer as one (PEP 3333)."""
    status, headers = "", list[tuple[str, str]]()
    chunks: list[bytes] = []

    def start_response(given: str, some: list[tuple[str, str]], _: object = None, /) -> Callable[[bytes], object]:
        nonlocal status, headers
        status, headers = given, some
        return chunks.append

    answer = delivery(environ, start_response)
    try:
        chunks += answer
    finally:
        close = getattr(answer, "close", None)
        if close:
            close()
    body = b"".join(chunks)
    if not any(name.lower() == "content-length" for name, _ in headers) and not status.startswith(("204", "304")):
        headers = [*headers, ("Content-Length", str(len(body)))]
    return Response(status, headers, b"" if request.method == "HEAD" else body)


def _allow_files() -> int:
    """Lets this process have as many files open as it may, and says how many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MAX_CONNECTIONS + SPARE_FILES if most == resource.RLIM_INFINITY else min(most, MAX_CONNECTIONS + SPARE_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most
