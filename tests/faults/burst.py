"""Readers in a hurry: so many polls as fast as they are answered, or one reader's ordinary ones; each in a process of its own."""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from faults.poller import Poller
from support.live import SLOW

_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)")


@dataclass
class Polls:
    """What came of some polls: how they were answered, how long each took in seconds, and how long all of them."""

    statuses: Counter[int] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def part(self, percent: float) -> float:
        """The milliseconds within which so many percent of the polls were answered."""
        return sorted(self.took)[min(len(self.took) - 1, int(len(self.took) * percent / 100))] * 1000

    @property
    def rate(self) -> float:
        return len(self.took) / self.seconds


def hurried(port: int, request: bytes, number: int, connections: int) -> Polls:
    """So many polls with the same request, the next on each connection as soon as the last is answered."""
    polls, started, end = Polls(), time.perf_counter(), time.monotonic() + SLOW
    left = number
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            line = socket.create_connection(("127.0.0.1", port), SLOW)
            line.sendall(request)
            selector.register(line, selectors.EVENT_READ, [b"", time.perf_counter()])
            left -= 1
        while selector.get_map():
            assert time.monotonic() < end, "it did not come to an end in time"
            for key, _ in selector.select(1.0):
                line, state = key.fileobj, key.data
                assert isinstance(line, socket.socket)
                more = line.recv(262_144)
                assert more, "it hung up"
                state[0] += more
                status = _whole(state[0])
                if not status:
                    continue
                now = time.perf_counter()
                polls.statuses[status] += 1
                polls.took.append(now - state[1])
                if left > 0:
                    left -= 1
                    state[:] = [b"", time.perf_counter()]
                    line.sendall(request)
                else:
                    selector.unregister(line)
                    line.close()
    polls.seconds = time.perf_counter() - started
    return polls


def ordinary(port: int, asks: Sequence[tuple[str, dict[str, str]]], seconds: float, pause: float) -> Polls:
    """One reader's polls in turn over a kept connection."""
    polls, poller, started = Polls(), Poller(port), time.perf_counter()
    while time.perf_counter() - started < seconds:
        for path, headers in asks:
            begun = time.perf_counter()
            answered = poller.ask(path, **headers)
            polls.took.append(time.perf_counter() - begun)
            polls.statuses[answered.status] += 1
            time.sleep(pause)
    poller.close()
    polls.seconds = time.perf_counter() - started
    return polls


def _whole(received: bytes) -> int:
    """The status of the one response that was received, 0 while it is not whole."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return 0
    status, length = int(received[9:12]), _LENGTH.search(received, 0, end)
    expected = end + 4 + (int(length[1]) if length and status != 304 else 0)
    assert len(received) <= expected, "more came than was asked for"
    return status if len(received) == expected else 0
