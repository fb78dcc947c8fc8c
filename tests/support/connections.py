"""A connection without a network: a server that makes answers when it is told to, and a transport that takes what a test says."""

from __future__ import annotations

import socket
from collections.abc import Callable

from feedsvc.model.document import Document, Encoded, Kept
from feedsvc.model.file_copy import Part
from feedsvc.processes.counters import RequestCounters
from feedsvc.server.connection import Connection
from feedsvc.server.request import Ending, Request
from feedsvc.server.state import State
from support.asking import FEED

GET = b"GET %b HTTP/1.1\r\nHost: x\r\n" % FEED.path.encode()
LARGE = Document(
    path="/media/large.png",
    encodings={"identity": Encoded(bytes(range(256)) * 4096, '"large"')},
    content_type="image/png",
    last_modified=FEED.last_modified,
)
GET_LARGE = b"GET /media/large.png HTTP/1.1\r\nHost: x\r\n\r\n"
FILM = Document(
    path="/media/film.mp4",
    encodings={"identity": Kept("copy", 300_000, '"film"')},
    content_type="video/mp4",
    last_modified=FEED.last_modified,
)
DOCUMENTS = {document.path: document for document in (FEED, LARGE, FILM)}


class Server:
    """What makes answers when it is told to."""

    def __init__(self, most: int = 100, share: int = 0) -> None:
        self.now = 0.0
        self.state = State(lambda path, query: DOCUMENTS.get(path), RequestCounters(1).of(0), most, share, lambda: self.now)
        self.state.endings = {ending: b"Date: now\r\n%b\r\n" % ending.value for ending in Ending}
        self.made: list[tuple[Request, Connection]] = []
        self.waiting: list[Callable[[], None]] = []
        self.reads: list[tuple[Part, Connection]] = []

    def connect(self, address: str = "192.0.2.1") -> tuple[Connection, Wire]:
        connection = Connection(self.state, lambda peer: peer, self.make, self.waiting.append, self.read)
        wire = Wire(connection, address)
        connection.connection_made(wire)  # type: ignore[arg-type]
        return connection, wire

    def read(self, part: Part, connection: Connection) -> None:
        self.reads.append((part, connection))

    def make(self, request: Request, connection: Connection) -> None:
        self.made.append((request, connection))

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.state.look()


class Wire:
    """A transport of which the kernel takes as much as the test says."""

    def __init__(self, connection: Connection, address: str) -> None:
        self._connection = connection
        self._address = address
        self.sent = b""
        self.takes = 10**9
        self.waiting = bytearray()
        self.state = "open"
        self.socket, self._reader = socket.socketpair()

    def get_extra_info(self, name: str) -> object:
        return {"peername": (self._address, 1), "socket": self.socket}[name]

    def set_write_buffer_limits(self, high: int) -> None:
        assert high == 0

    def write(self, data: bytes) -> None:
        assert not self.waiting and self.state == "open"
        took = min(self.takes, len(data))
        self.takes -= took
        self.sent += data[:took]
        self.waiting += data[took:]
        if self.waiting:
            self._connection.pause_writing()

    def take(self, size: int) -> None:
        """The kernel takes so much more."""
        self.takes = size
        took = min(self.takes, len(self.waiting))
        self.takes -= took
        self.sent += self.waiting[:took]
        had = bool(self.waiting)
        del self.waiting[:took]
        if had and not self.waiting:
            self._connection.resume_writing()

    def get_write_buffer_size(self) -> int:
        return len(self.waiting)

    def is_closing(self) -> bool:
        return self.state in ("closed", "aborted")

    def write_eof(self) -> None:
        self.state = "said its last"

    def close(self) -> None:
        self.state = "closed"

    def abort(self) -> None:
        self.state = "aborted"

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def end(self) -> None:
        self.socket.close()
        self._reader.close()
