"""How long a connection is waited for, and how it ends; what comes over real ones is in tests/server/test_socket.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from feedsvc.model.document import Document, Encoded
from feedsvc.server import state as limits
from feedsvc.server.connection import PIECE_BYTES, TURN, WHOLE_BYTES, Connection
from feedsvc.server.state import Phase
from feedsvc.web.responses import Response
from support.asking import FEED
from support.connections import DOCUMENTS, GET, GET_LARGE, LARGE, Server, Wire


@pytest.fixture
def connection(opened: tuple[Connection, Wire]) -> Connection:
    return opened[0]


@pytest.fixture
def wire(opened: tuple[Connection, Wire]) -> Wire:
    return opened[1]


# ---- patience


@pytest.mark.parametrize(
    ("sent", "phase", "state", "status"),
    [
        (b"", Phase.IDLE, "aborted", b""),
        (GET + b"\r\n", Phase.IDLE, "aborted", b"200 OK"),
        (GET, Phase.HEAD, "said its last", b"408 Request Timeout"),
        (GET + b"\r\n" + GET, Phase.HEAD, "said its last", b"200 OK"),
        (GET + b"Connection: close\r\n\r\n", Phase.LAST, "aborted", b"200 OK"),
        (b"nonsense\r\n\r\n", Phase.LAST, "aborted", b"400 Bad Request"),
    ],
)
def test_patience(server: Server, wire: Wire, connection: Connection, sent: bytes, phase: Phase, state: str, status: bytes) -> None:
    connection.data_received(sent) if sent else None
    before = wire.state
    assert connection.phase is phase
    server.pass_time(phase.value)
    assert wire.state == before
    server.pass_time(1)
    assert wire.state == state
    assert wire.sent.startswith(b"HTTP/1.1 " + status if status else b"")


def test_a_request_that_comes_in_drops_has_no_longer(server: Server, wire: Wire, connection: Connection) -> None:
    for letter in (GET * 10)[: int(Phase.HEAD.value) + 1]:
        connection.data_received(bytes([letter]))
        server.pass_time(1)
    assert wire.sent.startswith(b"HTTP/1.1 408")


def test_a_slow_reader_may_take_as_long_as_it_takes(server: Server, wire: Wire, connection: Connection) -> None:
    wire.takes = 1_000
    connection.data_received(GET_LARGE)
    while wire.waiting:
        server.pass_time(Phase.SENDING.value + 1)
        assert wire.state == "open" and connection.inside
        wire.take(20_000)
    assert wire.sent.endswith(LARGE.encodings["identity"].body)
    assert connection.phase is Phase.IDLE


def test_what_the_kernel_sends_is_progress_too(server: Server, wire: Wire, connection: Connection) -> None:
    wire.takes = 1_000
    connection.data_received(GET_LARGE)
    for _ in range(5):  # nothing of what we hold is taken, but of what the kernel holds
        wire.socket.send(b"x" * 5_000)
        server.pass_time(Phase.SENDING.value + 1)
        assert wire.state == "open"
    server.pass_time(Phase.SENDING.value + 1)
    assert wire.state == "aborted"


def test_a_reader_who_takes_nothing_between_two_looks_is_hung_up_on(server: Server, wire: Wire, connection: Connection) -> None:
    wire.takes = 1_000
    connection.data_received(GET_LARGE)
    server.pass_time(Phase.SENDING.value + 1)
    assert wire.state == "open"
    server.pass_time(Phase.SENDING.value + 1)
    assert wire.state == "aborted" and not connection.inside


def test_the_last_answer_is_waited_for_as_long_as_the_kernel_sends_it(server: Server, wire: Wire, connection: Connection) -> None:
    connection.data_received(GET + b"Connection: close\r\n\r\n")
    wire.socket.send(b"x" * 5_000)
    server.pass_time(Phase.LAST.value + 1)
    assert wire.state == "said its last"
    server.pass_time(Phase.LAST.value + 1)
    assert wire.state == "aborted"


# ---- one answer after the other


def test_a_reader_who_takes_nothing_is_asked_nothing_more(wire: Wire, connection: Connection) -> None:
    wire.takes = 100
    connection.data_received(GET + b"\r\n")
    connection.data_received((GET + b"\r\n") * 3)
    assert wire.sent.count(b"200 OK") == 1
    wire.take(10**9)
    assert wire.sent.count(b"200 OK") == 4


def test_a_large_body_goes_out_in_pieces_and_only_one_is_held(server: Server, wire: Wire, connection: Connection) -> None:
    wire.takes = 0
    connection.data_received(GET_LARGE + GET + b"\r\n")
    while not wire.sent.endswith(FEED.encodings["identity"].body):
        assert len(wire.waiting) <= PIECE_BYTES
        wire.take(30_000)
    [head, body] = wire.sent.split(b"\r\n\r\n", 1)
    assert body.startswith(LARGE.encodings["identity"].body) and b"Content-Length: 1048576" in head
    assert server.state.unsent == server.state.held_bytes == 0


def test_the_last_of_a_large_answer_ends_the_connection(wire: Wire, connection: Connection) -> None:
    wire.takes = 5_000
    connection.data_received(GET_LARGE.replace(b"Host", b"Connection: close\r\nHost"))
    while wire.waiting:
        assert wire.state == "open"
        wire.take(100_000)
    assert wire.state == "said its last" and wire.sent.endswith(LARGE.encodings["identity"].body)


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
    server.pass_time(1_000)
    assert wire.state == "open"
    [(request, asked)] = server.made
    asked.made(request, Response("404 Not Found", [("Content-Length", "0")], b""))
    assert [line for line in wire.sent.splitlines() if line[:5] == b"HTTP/"] == [b"HTTP/1.1 404 Not Found", b"HTTP/1.1 200 OK"]


def test_an_answer_that_is_held_back_is_given_when_its_time_has_come(server: Server, wire: Wire, connection: Connection) -> None:
    connection.data_received(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n")
    [(request, asked)] = server.made
    asked.hold_back(request, Response("401 Unauthorized", [("Content-Length", "0")], b""), Phase.HELD_BACK)
    server.pass_time(Phase.HELD_BACK.value)
    assert wire.sent == b"" and connection.eof_received()
    server.pass_time(1)
    assert wire.sent.startswith(b"HTTP/1.1 401")


def test_an_answer_for_a_reader_who_is_gone_is_dropped(server: Server, wire: Wire, connection: Connection) -> None:
    connection.data_received(b"GET /articles/a HTTP/1.1\r\nHost: x\r\n\r\n")
    wire.close()
    connection.connection_lost(None)
    [(request, asked)] = server.made
    asked.made(request, Response("200 OK", [], b""))
    asked.hold_back(request, Response("200 OK", [], b""), Phase.BUSY)
    assert wire.sent == b"" and not server.state.number


# ---- the end


def test_a_server_that_closes_answers_what_it_was_asked_and_hangs_up(server: Server, wire: Wire, connection: Connection) -> None:
    connection.data_received(b"GET /articles/a HTTP/1.1\r\nHost: x\r\n\r\n")
    server.state.closing = True
    connection.close()
    assert wire.state == "open"
    [(request, asked)] = server.made
    asked.made(request, Response("200 OK", [], b""))
    assert b"Connection: close" in wire.sent and wire.state == "said its last"


@pytest.mark.parametrize("sent", [b"", GET, GET + b"\r\n"])
def test_a_server_that_closes_waits_for_no_reader(wire: Wire, connection: Connection, sent: bytes) -> None:
    connection.data_received(sent) if sent else None
    connection.close()
    assert wire.state == "closed"


def test_bare_line_feeds_are_refused_at_once(wire: Wire, connection: Connection) -> None:
    connection.data_received(b"GET / HTTP/1.1\nHost: x\n\n")
    assert wire.sent.startswith(b"HTTP/1.1 400")


def test_many_headers_are_refused_while_they_come(wire: Wire, connection: Connection) -> None:
    connection.data_received(GET)
    sent = 0
    while wire.state == "open":
        connection.data_received(b"X: y\r\n" * 10)
        sent += 10
    assert wire.sent.startswith(b"HTTP/1.1 431") and sent < 250 and not connection.unread


def test_a_long_head_in_one_piece_is_looked_at_line_by_line(wire: Wire, connection: Connection) -> None:
    connection.data_received(GET + b"X: y\r\n" * WHOLE_BYTES + b"\r\n")
    assert wire.sent.startswith(b"HTTP/1.1 431")


def test_nothing_after_the_last_answer_is_looked_at(wire: Wire, connection: Connection) -> None:
    connection.data_received(GET + b"Content-Length: 90\r\n\r\n" + GET + b"\r\n")
    connection.data_received(GET + b"\r\n")
    assert wire.sent.count(b"HTTP/1.1 200") == 1


# ---- the room there is


@pytest.fixture
def crowded() -> Iterator[Callable[..., tuple[Connection, Wire]]]:
    """Makes connections to one server, which has room for four, and for three of one address."""
    server, wires = Server(4, 3), list[Wire]()

    def connect(address: str = "192.0.2.1", sent: bytes = b"", takes: int = 10**9) -> tuple[Connection, Wire]:
        server.pass_time(0.1)
        connection, wire = server.connect(address)
        wires.append(wire)
        wire.takes = takes
        connection.data_received(sent) if sent else None
        return connection, wire

    yield connect
    for wire in wires:
        wire.end()


def states(*made: tuple[Connection, Wire]) -> list[str]:
    return [wire.state for _, wire in made]


def test_who_was_idle_longest_makes_room_and_each_of_a_burst_another(crowded: Callable[..., tuple[Connection, Wire]]) -> None:
    first = [crowded(f"192.0.2.{number}") for number in range(4)]
    first[0][0].data_received(GET + b"\r\n")  # which was a moment ago, then
    then = [crowded(f"198.51.100.{number}") for number in range(2)]
    assert states(*first, *then) == ["open", "aborted", "aborted", "open", "open", "open"]
    assert not first[1][0].inside and first[0][0].inside


def test_half_sent_requests_make_room_before_who_is_idle(crowded: Callable[..., tuple[Connection, Wire]]) -> None:
    idle, half = crowded("192.0.2.1"), crowded("192.0.2.2", GET)
    rest = [crowded(f"198.51.100.{number}") for number in range(3)]
    assert states(idle, half, *rest) == ["open", "aborted", "open", "open", "open"]


def test_one_address_has_its_share_and_makes_room_for_itself(crowded: Callable[..., tuple[Connection, Wire]]) -> None:
    other = crowded("198.51.100.1")
    mates = [crowded() for _ in range(4)]
    assert states(other, *mates) == ["open", "aborted", "open", "open", "open"]


def test_who_has_no_address_of_his_own_has_no_share(crowded: Callable[..., tuple[Connection, Wire]]) -> None:
    proxied = [crowded("") for _ in range(4)]
    assert states(*proxied) == ["open"] * 4


def test_an_address_whose_connections_are_all_busy_gets_no_more(crowded: Callable[..., tuple[Connection, Wire]]) -> None:
    busy = [crowded(sent=b"GET /articles/a HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(3)]
    late = crowded()
    assert states(*busy, late) == ["open", "open", "open", "aborted"]
    assert states(crowded("198.51.100.1")) == ["open"]


def test_what_is_written_and_not_taken_has_one_bound(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_UNSENT_BYTES", 3 * PIECE_BYTES)
    stalled = []
    for _ in range(5):
        made = server.connect()
        made[1].takes = 0
        made[0].data_received(GET_LARGE)
        made[1].take(len(made[1].waiting))  # its head, and then there is a piece
        stalled.append(made)
    assert states(*stalled) == ["aborted", "aborted", "open", "open", "open"]
    assert server.state.unsent <= 3 * PIECE_BYTES
    for _, wire in stalled:
        wire.end()


def test_a_body_that_many_are_sent_counts_once_and_another_waits_for_room(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_HELD_BYTES", 1_500_000)
    other = Document(
        path="/media/other.png",
        encodings={"identity": Encoded(bytes(1_000_000), '"other"')},
        content_type="image/png",
        last_modified=FEED.last_modified,
    )
    monkeypatch.setitem(DOCUMENTS, other.path, other)
    taking = [server.connect() for _ in range(3)]
    for connection, wire in taking:
        wire.takes = 1_000
        connection.data_received(GET_LARGE)
    assert server.state.held_bytes == 1_048_576
    late, patient = server.connect(), server.connect()
    late[0].data_received(GET_LARGE.replace(b"large", b"other"))
    assert late[1].sent.startswith(b"HTTP/1.1 503") and b"Retry-After" in late[1].sent
    server.pass_time(limits.GRACE_SECONDS + 1)  # who has taken nothing in it makes room
    patient[0].data_received(GET_LARGE.replace(b"large", b"other"))
    assert patient[1].sent.startswith(b"HTTP/1.1 200")
    assert states(*taking) == ["aborted"] * 3
    assert server.state.held_bytes == 0  # it was taken at once
    for _, wire in (*taking, late, patient):
        wire.end()


def test_what_was_sent_and_is_no_request_has_one_bound(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_UNREAD_BYTES", 2_000)
    sending = [server.connect() for _ in range(4)]
    for connection, _ in sending:
        connection.data_received(GET + b"If-None-Match: " + b"x" * 800)
    assert states(*sending) == ["aborted", "aborted", "open", "open"]
    for connection, wire in sending:
        connection.connection_lost(None)
        wire.end()
    assert server.state.unread == 0


