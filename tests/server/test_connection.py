"""How long a connection is waited for, and how it ends; what comes over real ones is in tests/server/test_socket.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from feedsvc.model.document import Document
from feedsvc.processes.counters import RequestCounters
from feedsvc.server.connection import HEAD_SECONDS, IDLE_SECONDS, LINGER_SECONDS, STALLED_SECONDS, TURN, Connection
from feedsvc.server.request import Ending, Request
from feedsvc.web.responses import Response
from support.asking import FEED

GET = b"GET %b HTTP/1.1\r\nHost: x\r\n" % FEED.path.encode()


class Server:
    """A kiosk whose clock stands where the test puts it, and whose threads answer when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.closing = False
        self.feet = {ending: b"Date: now\r\n%b\r\n" % ending.value for ending in Ending}
        self.made: list[tuple[Request, Connection]] = []
        self.inside: set[Connection] = set()
        self.waiting: list[Callable[[], None]] = []
        self.counters = RequestCounters(1).of(0)

    def enter(self, connection: Connection) -> None:
        self.inside.add(connection)

    def leave(self, connection: Connection) -> None:
        self.inside.discard(connection)

    def at_hand(self, path: str) -> Document | None:
        return FEED if path == FEED.path else None

    def make(self, request: Request, connection: Connection) -> None:
        self.made.append((request, connection))

    def soon(self, what: Callable[[], None]) -> None:
        self.waiting.append(what)


class Wire:
    """A transport whose reader takes as much as the test says."""

    def __init__(self) -> None:
        self.sent = b""
        self.waiting = 0
        self.state = "open"

    def write(self, data: bytes) -> None:
        self.sent += data

    def get_write_buffer_size(self) -> int:
        return self.waiting

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


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def connection(server: Server, wire: Wire) -> Connection:
    made = Connection(server)  # type: ignore[arg-type]
    made.connection_made(wire)  # type: ignore[arg-type]
    return made


def pass_time(server: Server, connection: Connection, seconds: float) -> None:
    server.now += seconds
    connection.check()


@pytest.mark.parametrize(
    ("sent", "seconds", "state", "status"),
    [
        (b"", IDLE_SECONDS, "aborted", b""),
        (GET + b"\r\n", IDLE_SECONDS, "aborted", b"200 OK"),
        (GET, HEAD_SECONDS, "said its last", b"408 Request Timeout"),
        (GET + b"\r\n" + GET, HEAD_SECONDS, "said its last", b"200 OK"),
        (GET + b"Connection: close\r\n\r\n", LINGER_SECONDS, "aborted", b"200 OK"),
        (b"nonsense\r\n\r\n", LINGER_SECONDS, "aborted", b"400 Bad Request"),
    ],
)
def test_patience(
    server: Server, wire: Wire, connection: Connection, sent: bytes, seconds: float, state: str, status: bytes
) -> None:
    connection.data_received(sent) if sent else None
    before = wire.state
    pass_time(server, connection, seconds)
    assert wire.state == before
    pass_time(server, connection, 1)
    assert wire.state == state
    assert wire.sent.startswith(b"HTTP/1.1 " + status if status else b"")


def test_a_request_that_comes_in_drops_has_no_longer(server: Server, wire: Wire, connection: Connection) -> None:
    for letter in (GET * 10)[: HEAD_SECONDS + 1]:
        connection.data_received(bytes([letter]))
        pass_time(server, connection, 1)
    assert wire.sent.startswith(b"HTTP/1.1 408")


def test_a_reader_who_takes_an_answer_slowly_may_take_as_long_as_it_takes(
    server: Server, wire: Wire, connection: Connection
) -> None:
    connection.data_received(GET + b"\r\n")
    connection.pause_writing()
    for left in range(1_000, 900, -1):
        wire.waiting = left
        pass_time(server, connection, STALLED_SECONDS - 1)
    assert wire.state == "open"
    pass_time(server, connection, STALLED_SECONDS + 1)
    assert wire.state == "aborted"


def test_a_reader_who_takes_nothing_is_asked_nothing_more(server: Server, wire: Wire, connection: Connection) -> None:
    connection.data_received(GET + b"\r\n")
    connection.pause_writing()
    connection.data_received((GET + b"\r\n") * 3)
    assert wire.sent.count(b"200 OK") == 1
    connection.resume_writing()
    assert wire.sent.count(b"200 OK") == 4


def test_a_long_row_of_requests_lets_others_have_their_turn(server: Server, wire: Wire, connection: Connection) -> None:
    connection.data_received((GET + b"\r\n") * (TURN + 1))
    connection.data_received(GET + b"\r\n")
    assert wire.sent.count(b"200 OK") == TURN
    assert connection.eof_received()
    server.waiting.pop()()
    assert wire.sent.count(b"200 OK") == TURN + 2
    assert wire.state == "closed"


def test_what_has_to_be_made_holds_up_what_was_asked_after_it(server: Server, wire: Wire, connection: Connection) -> None:
    connection.data_received(b"GET /articles/a HTTP/1.1\r\nHost: x\r\n\r\n" + GET + b"\r\n")
    assert wire.sent == b""
    pass_time(server, connection, 1_000)
    assert wire.state == "open"
    [(request, asked)] = server.made
    asked.made(request, Response("404 Not Found", [("Content-Length", "0")], b""))
    assert [line for line in wire.sent.splitlines() if line[:5] == b"HTTP/"] == [b"HTTP/1.1 404 Not Found", b"HTTP/1.1 200 OK"]


def test_an_answer_for_a_reader_who_is_gone_is_dropped(server: Server, wire: Wire, connection: Connection) -> None:
    connection.data_received(b"GET /articles/a HTTP/1.1\r\nHost: x\r\n\r\n")
    wire.close()
    connection.connection_lost(None)
    [(request, asked)] = server.made
    asked.made(request, Response("200 OK", [], b""))
    assert wire.sent == b"" and not server.inside


def test_a_kiosk_that_closes_answers_what_it_was_asked_and_hangs_up(server: Server, wire: Wire, connection: Connection) -> None:
    connection.data_received(b"GET /articles/a HTTP/1.1\r\nHost: x\r\n\r\n")
    server.closing = True
    connection.close()
    assert wire.state == "open"
    [(request, asked)] = server.made
    asked.made(request, Response("200 OK", [], b""))
    assert b"Connection: close" in wire.sent and wire.state == "said its last"


@pytest.mark.parametrize("sent", [b"", GET, GET + b"\r\n"])
def test_a_kiosk_that_closes_waits_for_no_reader(wire: Wire, connection: Connection, sent: bytes) -> None:
    connection.data_received(sent) if sent else None
    connection.close()
    assert wire.state == "closed"


def test_bare_line_feeds_are_refused_at_once(wire: Wire, connection: Connection) -> None:
    connection.data_received(b"GET / HTTP/1.1\nHost: x\n\n")
    assert wire.sent.startswith(b"HTTP/1.1 400")


def test_nothing_after_the_last_answer_is_looked_at(wire: Wire, connection: Connection) -> None:
    connection.data_received(GET + b"Content-Length: 90\r\n\r\n" + GET + b"\r\n")
    connection.data_received(GET + b"\r\n")
    assert wire.sent.count(b"HTTP/1.1 200") == 1
