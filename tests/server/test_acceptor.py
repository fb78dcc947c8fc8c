"""Connections are accepted a few at a time, and waited with where the system has no room for more."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable

import pytest

from feedsvc.server import acceptor as limits
from feedsvc.server.acceptor import Acceptor


class Door:
    """A listening socket of which so many accepts fail before one can succeed."""

    def __init__(self, fails: int) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.fails = fails
        self.tries = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._door, name)

    def accept(self) -> tuple[socket.socket, object]:
        self.tries += 1
        if self.fails:
            self.fails -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return self._door.accept()


class Opened(asyncio.Protocol):
    def __init__(self, opened: list[asyncio.BaseTransport]) -> None:
        self._opened = opened

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._opened.append(transport)


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    end = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < end, "it did not come true in time"
        await asyncio.sleep(0.005)


def test_without_a_descriptor_it_waits_and_does_not_spin(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(limits, "PAUSE_SECONDS", 0.05)

    async def inside() -> None:
        door, opened = Door(3), list[asyncio.BaseTransport]()
        accepting = Acceptor([door], lambda: Opened(opened), 10)  # type: ignore[list-item]
        accepting.begin()
        with socket.create_connection(door.getsockname(), timeout=20):  # type: ignore[operator]
            await until(lambda: opened)
            assert door.tries <= 6  # three that fail, one that succeeds, and those that find nobody
            for transport in opened:
                transport.close()
            await until(lambda: not accepting.entering)
        accepting.end()
        door.close()  # type: ignore[operator]

    asyncio.run(inside())
    said = [record.getMessage() for record in caplog.records]
    assert said == ["no connection can be accepted: too many open files; tried again every 0.05 s"]


def test_who_comes_after_the_end_is_left_in_the_queue() -> None:
    async def inside() -> None:
        opened = list[asyncio.BaseTransport]()
        with socket.create_server(("127.0.0.1", 0)) as door:
            accepting = Acceptor([door], lambda: Opened(opened), 10)
            accepting.begin()
            accepting.end()
            with socket.create_connection(door.getsockname(), timeout=20):
                for _ in range(5):  # turns of the loop
                    await asyncio.sleep(0)
                assert not opened
                door.settimeout(5)
                door.accept()[0].close()

    asyncio.run(inside())
