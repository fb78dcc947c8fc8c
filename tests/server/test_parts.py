"""A recording goes out piece by piece: the next is read when the kernel has taken the one before."""

from __future__ import annotations

import pytest

from feedsvc.model.file_copy import Part
from feedsvc.server.connection import Connection
from feedsvc.server.state import Phase
from support.asking import FEED
from support.connections import FILM, GET, Server, Wire

GET_FILM = b"GET /media/film.mp4 HTTP/1.1\r\nHost: x\r\n"
PIECE = bytes(100_000)


def test_each_piece_waits_for_the_one_before(server: Server, opened: tuple[Connection, Wire]) -> None:
    connection, wire = opened
    connection.data_received(GET_FILM + b"\r\n" + GET + b"\r\n")
    assert server.reads == [(Part("copy", 0, 300_000), connection)] and connection.phase is Phase.MAKING
    wire.takes = 60_000
    connection.piece_read(PIECE)
    assert len(server.reads) == 1 and server.state.unsent == 40_000  # the kernel has not taken it yet
    wire.take(10**9)
    assert server.reads[1:] == [(Part("copy", 100_000, 300_000), connection)]
    connection.piece_read(PIECE)
    assert FEED.encodings["identity"].body not in wire.sent
    connection.piece_read(PIECE)
    head, _, body = wire.sent.partition(b"\r\n\r\n")
    assert b"Content-Length: 300000" in head and body.startswith(bytes(300_000) + b"HTTP/1.1 200 OK")
    assert wire.sent.endswith(FEED.encodings["identity"].body) and server.state.counters[0] > 300_000


def test_the_last_piece_ends_the_last_answer(server: Server, opened: tuple[Connection, Wire]) -> None:
    connection, wire = opened
    connection.data_received(GET_FILM + b"Connection: close\r\nRange: bytes=-5\r\n\r\n")
    ((part, _),) = server.reads
    assert part == Part("copy", 299_995, 300_000) and wire.state == "open"
    connection.piece_read(bytes(5))
    assert wire.sent.startswith(b"HTTP/1.1 206 ") and wire.sent.endswith(b"\r\n\r\n" + bytes(5)) and wire.state == "said its last"


@pytest.mark.parametrize("piece", [None, b""])
def test_without_its_next_piece_an_answer_ends_short(piece: bytes | None, opened: tuple[Connection, Wire]) -> None:
    connection, wire = opened
    connection.data_received(GET_FILM + b"\r\n")
    connection.piece_read(PIECE)
    connection.piece_read(piece)
    assert wire.state == "aborted" and FILM.kept and len(wire.sent) < FILM.kept.size


def test_a_piece_for_who_is_gone_is_dropped(opened: tuple[Connection, Wire]) -> None:
    connection, wire = opened
    connection.data_received(GET_FILM + b"\r\n")
    connection.connection_lost(None)
    wire.state = "closed"
    connection.piece_read(PIECE)
    assert PIECE not in wire.sent


def test_head_reads_nothing(server: Server, opened: tuple[Connection, Wire]) -> None:
    connection, wire = opened
    connection.data_received(GET_FILM.replace(b"GET", b"HEAD") + b"Range: bytes=0-1\r\n\r\n")
    assert server.reads == [] and b"Content-Length: 300000" in wire.sent
