"""How a web worker ends: in a process of its own, since it takes the signals of the one that it is in."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from multiprocessing import get_context

import pytest

from feedsvc.model.document import Document
from feedsvc.processes.counters import RequestCounters
from feedsvc.server.clients import Clients
from feedsvc.server.request import read_request
from feedsvc.server.server import Server, named
from support.asking import FEED
from support.live import SLOW

GET = b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % FEED.path.encode()
TURNS = 12  # of the event loop, in each of which a reader comes


class Counter:
    """An app that has one feed at hand."""

    def in_memory(self, path: str, query: str) -> Document | None:
        return FEED if path == FEED.path else None


def close_while_readers_come(door: socket.socket, sign: int) -> None:
    """Exits with 0 when each reader who came as the signal did was answered or is waiting for another worker yet."""
    clients = [socket.socket() for _ in range(TURNS)]

    def come(left: int) -> None:
        if left == TURNS - 3:
            os.kill(os.getpid(), sign)
        if left:
            clients[left - 1].connect(door.getsockname())
            clients[left - 1].sendall(GET)
            clients[left - 1].shutdown(socket.SHUT_WR)  # nothing more is waited for
            asyncio.get_running_loop().call_soon(come, left - 1)

    server = Server(Counter(), [door.dup()], RequestCounters(1).of(0), Clients(()))  # type: ignore[arg-type]
    server.run(SLOW, lambda: come(TURNS))
    door.setblocking(False)
    waiting: set[object] = set()
    try:
        while True:
            waiting.add(door.accept()[1])
    except BlockingIOError:
        pass
    answered = [client for client in clients if client.getsockname() not in waiting]
    assert 3 <= len(answered) < TURNS
    for client in answered:
        client.settimeout(SLOW)
        assert client.recv(100).startswith(b"HTTP/1.1 200 ")
    os._exit(0)


def closed(sign: int) -> int | None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        process = get_context("spawn").Process(target=close_while_readers_come, args=(door, sign), daemon=True)
        process.start()
        process.join(SLOW)
        return process.exitcode


@pytest.mark.parametrize("sign", [signal.SIGHUP, signal.SIGTERM])
def test_who_comes_as_the_end_does_is_answered_or_left_to_the_next_worker(sign: int) -> None:
    assert closed(sign) == 0


def test_no_word_of_a_previews_address_is_for_the_log() -> None:
    paths = ("/preview/a-plan?of=x", "/feeds/a.rss")
    heads = {path: read_request(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) for path in paths}
    assert [named(head) for head in heads.values()] == ["/preview/", "/feeds/a.rss"]
