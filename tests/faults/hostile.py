"""Clients that mean no good, one for each attack, and ordinary readers beside them: on loopback, bounded in number and time.

Each runs in a process of its own and ends by itself: `python tests/faults/hostile.py idle --port 8000 --number 8700 --seconds 10`.
A client's own address is one of 127.0.0.0/8, so that one machine can be many.
"""

from __future__ import annotations

import argparse
import base64
import errno
import itertools
import json
import random
import resource
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MOST = 12_000  # connections
LONGEST = 120.0  # seconds
GRACE = 15  # seconds after which a client that does not end by itself is ended
PROMPT = 1.0  # seconds within which an ordinary reader wants an answer, unless he is patient
ATTACKER = "127.0.0.9"
PACE = 20  # questions of the ordinary readers a second, each on a connection of its own


class Crowd:
    """Connections of one client to one port, which does with them what an attack says, for so many seconds."""

    def __init__(self, port: int, source: str, seconds: float) -> None:
        self.port = port
        self._source = source
        self._end = time.monotonic() + min(seconds, LONGEST)
        self.selector = selectors.DefaultSelector()
        self.lines: set[socket.socket] = set()
        self.counts: Counter[str] = Counter()

    @property
    def over(self) -> bool:
        return time.monotonic() >= self._end

    def add(self, receive_buffer: int = 0) -> socket.socket | None:
        """One connection more, which is being made; None where the system has no more for us."""
        if len(self.lines) >= MOST:
            return None
        try:
            line = socket.socket()
        except OSError:
            self.counts["no socket"] += 1
            return None
        line.setblocking(False)
        if receive_buffer:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        line.bind((self._source, 0))
        if line.connect_ex(("127.0.0.1", self.port)) not in (0, errno.EINPROGRESS):
            self.counts["refused"] += 1
            line.close()
            return None
        self.counts["opened"] += 1
        self.lines.add(line)
        return line

    def drop(self, line: socket.socket) -> None:
        with suppress(KeyError, ValueError):
            self.selector.unregister(line)
        self.lines.discard(line)
        line.close()

    def ready(self, seconds: float = 0.05) -> Iterator[tuple[socket.socket, int]]:
        for key, events in self.selector.select(seconds):
            assert isinstance(key.fileobj, socket.socket)
            yield key.fileobj, events


def idle(crowd: Crowd, number: int, _: str) -> None:
    """So many connections, no byte sent, each opened again when it is lost."""
    while not crowd.over:
        for _ in range(min(500, number - len(crowd.lines))):
            line = crowd.add()
            if line:
                crowd.selector.register(line, selectors.EVENT_READ)
        for line, _ in crowd.ready():
            crowd.counts["lost"] += 1
            crowd.drop(line)


def half(crowd: Crowd, number: int, path: str) -> None:
    """So many new connections a second, each with half a request, and kept."""
    begun, opened = time.monotonic(), 0
    while not crowd.over:
        while opened < (time.monotonic() - begun) * number and not crowd.over:
            opened += 1
            line = crowd.add()
            if line:
                crowd.selector.register(line, selectors.EVENT_WRITE)
        for line, events in crowd.ready(0.01):
            try:
                if events & selectors.EVENT_WRITE:
                    line.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n".encode())
                    crowd.selector.modify(line, selectors.EVENT_READ)
                elif not line.recv(1000):
                    raise ConnectionResetError
            except OSError:
                crowd.counts["lost"] += 1
                crowd.drop(line)


def greedy(crowd: Crowd, number: int, path: str) -> None:
    """So many who ask for something large and take nothing of it."""
    for _ in range(number):
        line = crowd.add(receive_buffer=4096)
        if line:
            crowd.selector.register(line, selectors.EVENT_WRITE)
    while not crowd.over:
        for line, _ in crowd.ready():
            crowd.selector.unregister(line)
            with suppress(OSError):
                line.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                crowd.counts["asked"] += 1
        time.sleep(0.01)


def _asking(crowd: Crowd, number: int, request: Callable[[], bytes]) -> None:
    """So many kept connections, on each the next request as soon as something of the last answer has come."""
    while not crowd.over:
        for _ in range(min(200, number - len(crowd.lines))):
            line = crowd.add()
            if line:
                crowd.selector.register(line, selectors.EVENT_WRITE)
        for line, events in crowd.ready():
            try:
                if events & selectors.EVENT_READ:
                    came = line.recv(262_144)
                    if not came:
                        raise ConnectionResetError
                    if came.startswith(b"HTTP/1.1 "):
                        crowd.counts[came[9:12].decode()] += 1
                line.send(request())
                crowd.selector.modify(line, selectors.EVENT_READ)
            except BlockingIOError:
                continue
            except OSError:
                crowd.counts["lost"] += 1
                crowd.drop(line)


def strangers(crowd: Crowd, number: int, _: str) -> None:
    """So many who ask for articles that there never were, each time another."""
    _asking(crowd, number, lambda: f"GET /articles/{random.getrandbits(64):x} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


def same(crowd: Crowd, number: int, path: str) -> None:
    """So many who ask for the same thing, again and again."""
    _asking(crowd, number, lambda: f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


def pages(crowd: Crowd, number: int, path: str) -> None:
    """So many who ask for pages that few ask for: `{}` in the path is another number each time."""
    numbers = itertools.count()
    _asking(crowd, number, lambda: f"GET {path.format(next(numbers))} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


def looks(crowd: Crowd, number: int, path: str) -> None:
    """So many who ask with HEAD for the ten large things whose path has one digit in it, in place of `{}`."""
    numbers = itertools.count()
    _asking(crowd, number, lambda: f"HEAD {path.format(next(numbers) % 10)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


def heads(crowd: Crowd, number: int, path: str) -> None:
    """So many who send heads of a megabyte in short headers."""
    lines = b"".join(b"X-%d: y\r\n" % turn for turn in range(80_000))
    message = f"GET {path} HTTP/1.1\r\nHost: x\r\n".encode() + lines[:900_000] + b"\r\n\r\n"
    sent: dict[socket.socket, int] = {}
    while not crowd.over:
        for _ in range(number - len(crowd.lines)):
            line = crowd.add()
            if line:
                sent[line] = 0
                crowd.selector.register(line, selectors.EVENT_WRITE | selectors.EVENT_READ)
        for line, events in crowd.ready():
            try:
                if events & selectors.EVENT_READ:
                    crowd.counts[line.recv(12)[9:12].decode() or "lost"] += 1
                    crowd.drop(line)
                elif sent[line] < len(message):
                    sent[line] += line.send(message[sent[line] : sent[line] + 65_536])
            except BlockingIOError:
                continue
            except OSError:
                crowd.counts["lost"] += 1
                crowd.drop(line)


def guesses(crowd: Crowd, number: int, path: str) -> None:
    """So many who ask for the status with a wrong token, each time another."""

    def request() -> bytes:
        token = base64.b64encode(f"x:{random.getrandbits(128):032x}".encode()).decode()
        return f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {token}\r\n\r\n".encode()

    _asking(crowd, number, request)


def slow(crowd: Crowd, number: int, path: str) -> None:
    """One honest reader who takes so many bytes a second of something large to its end."""
    line = crowd.add(receive_buffer=65_536)
    assert line
    line.settimeout(LONGEST)
    time.sleep(0.1)
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    begun, got = time.monotonic(), 0
    with suppress(OSError):
        while not crowd.over and (came := line.recv(4096)):
            got += len(came)
            time.sleep(max(0.0, got / number - (time.monotonic() - begun)))
    crowd.counts["got"] = got


ATTACKS = {attack.__name__: attack for attack in (idle, half, greedy, strangers, same, pages, looks, heads, guesses, slow)}


def readers(port: int, source: str, seconds: float, path: str, prompt: float = PROMPT) -> dict[str, float]:
    """Ordinary readers, each on a new connection: the share of them who had their whole answer in time, and how long that took."""
    end, took, asked = time.monotonic() + min(seconds, LONGEST), [], 0
    statuses: Counter[str] = Counter()
    waiting: dict[socket.socket, tuple[float, bytearray]] = {}
    following = time.monotonic()
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n".encode()
    with selectors.DefaultSelector() as selector:

        def done(line: socket.socket, status: str) -> None:
            begun, _ = waiting.pop(line)
            selector.unregister(line)
            line.close()
            statuses[status] += 1
            if status in ("200", "304", "404", "410"):
                took.append(time.monotonic() - begun)

        while time.monotonic() < end or waiting:
            now = time.monotonic()
            while now < end and following <= now:
                following += 1 / PACE
                asked += 1
                line = socket.socket()
                line.setblocking(False)
                line.bind((source, 0))
                line.connect_ex(("127.0.0.1", port))
                waiting[line] = (time.monotonic(), bytearray())
                selector.register(line, selectors.EVENT_WRITE)
            for key, events in selector.select(0.01):
                line = key.fileobj
                assert isinstance(line, socket.socket)
                try:
                    if events & selectors.EVENT_WRITE:
                        line.send(request)
                        selector.modify(line, selectors.EVENT_READ)
                    elif came := line.recv(262_144):
                        waiting[line][1].extend(came)
                    else:
                        done(line, waiting[line][1][9:12].decode() or "lost")
                except OSError:
                    done(line, "lost")
            for line in [one for one, (begun, _) in waiting.items() if time.monotonic() - begun > prompt]:
                done(line, "late")
    took.sort()
    p99 = took[int(len(took) * 0.99)] if took else float("inf")
    in_time = sum(one <= prompt for one in took)
    return {"asked": asked, "share": in_time / max(asked, 1), "p99": round(p99, 4), **dict(statuses)}


@contextmanager
def attacking(
    attack: str, port: int, number: int, seconds: float, path: str = "/", source: str = ATTACKER
) -> Iterator[subprocess.Popen[str]]:
    """An attack in a process of its own, ended at the latest with the block; it writes what it counted."""
    flags = ["--port", str(port), "--number", str(number), "--seconds", f"{seconds}", "--path", path, "--source", source]
    process = subprocess.Popen([sys.executable, __file__, attack, *flags], stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait(GRACE)


def read_along(
    port: int, seconds: float, path: str = "/feeds/all.rss", source: str = "127.0.0.1", prompt: float = PROMPT
) -> dict[str, float]:
    """What ordinary readers saw, who are a process of their own."""
    flags = ["--port", str(port), "--seconds", f"{seconds}", "--path", path, "--source", source, "--prompt", f"{prompt}"]
    limit = seconds + prompt + GRACE
    done = subprocess.run([sys.executable, __file__, "readers", *flags], capture_output=True, text=True, timeout=limit)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def memory_of(pid: int, field: str = "VmRSS") -> float:
    """The megabytes of a process: what it has now (VmRSS), or had at most (VmHWM)."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines[field].split()[0]) / 1000


def cpu_of(pid: int) -> float:
    """The seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("attack", choices=[*ATTACKS, "readers"])
    flags.add_argument("--port", type=int, required=True)
    flags.add_argument("--number", type=int, default=100)
    flags.add_argument("--seconds", type=float, default=10)
    flags.add_argument("--path", default="/")
    flags.add_argument("--source", default=ATTACKER)
    flags.add_argument("--prompt", type=float, default=PROMPT)
    given = flags.parse_args()
    signal.alarm(int(min(given.seconds, LONGEST) + given.prompt) + GRACE)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if given.attack == "readers":
        print(json.dumps(readers(given.port, given.source, given.seconds, given.path, given.prompt)))
        return
    crowd = Crowd(given.port, given.source, given.seconds)
    ATTACKS[given.attack](crowd, min(given.number, 10 * MOST if given.attack == "slow" else MOST), given.path)
    print(json.dumps(dict(crowd.counts)))


if __name__ == "__main__":
    main()
